"""Programs that read events, run as `python -m consumers.NAME`."""

import importlib.util
import sys

if importlib.util.find_spec("avroad") is None:  # said here, because nothing of avroad's can be imported to say it
    sys.stderr.write(
        f"error: {sys.executable} has no avroad. Run: make setup, then . .venv/bin/activate (Windows: see README.md)\n"
    )
    sys.exit(64)
