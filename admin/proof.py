"""What README.md shows of a run: the matrices, a screenshot of one, an excerpt of the demo."""

from __future__ import annotations

if __name__ == "__main__":  # first of all, because the other imports take a moment
    from avroad.cli.interrupts import end_on_interrupt

    end_on_interrupt()

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from avroad.cli.context import find_root
from avroad.cli.main import run_app
from avroad.cli.output import say
from avroad.config.replace import replace_text
from avroad.errors import AvroadError

__all__ = ["excerpt", "main", "matrix", "replaced"]

BEGIN, END = "<!-- written by make proof -->\n", "<!-- end of what make proof writes -->\n"
IMAGE = "docs/rehearsal.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
# Offline: a browser that asks the network at its start waits for answers.
BROWSER_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=1000,880",
)  # fmt: skip
BROWSER_TIMEOUT_S = 60
SHOWN = (
    ("$ avroad topics list", 5), ("$ python -m producers.stats19", 3),
    ("$ python -m consumers.monitor --from beginning --count", 5), ("# kill -9", 0), ("$ avroad records send", 1),
    ("# .avroad/branches/next", 0), ("$ avroad --root .avroad/branches/next evolve", 0),
    ("$ avroad --root .avroad/branches/next evolve release", 9), ("traffic.Accident, by id", 4),
    ("# .avroad/branches/broken", 0), ("$ avroad --root .avroad/branches/broken plan", 8), ("# exit code 3", 0),
    ("$ avroad dlq list", 5), ("BY TOPIC AND ID", 14),
)  # fmt: skip
"""How the lines of the transcript begin that are shown, in order, and how many lines below each."""


@click.command(epilog="\b\nExample:\n  python -m admin.proof")
def main() -> None:
    """Run the demo and write what README.md quotes of it, with a screenshot where a browser is found."""
    root = find_root(Path.cwd())
    if subprocess.run([sys.executable, "-m", "admin.demo"], cwd=root, check=False).returncode:  # ours
        raise AvroadError("the demo failed; README.md stays as it is")
    proof = root / "proof"
    texts = {name: (proof / f"{name}.txt").read_text("utf-8") for name in ("transcript", "matrix", "misleading")}
    readme = root / "README.md"
    quoted = _quoted(texts, illustrated=_screenshot(proof / "misleading.html", root / IMAGE) or (root / IMAGE).exists())
    replace_text(readme, replaced(readme.read_text("utf-8"), quoted))
    say("written: README.md")


def replaced(text: str, quoted: str) -> str:
    """Return README.md's text with the quotation in its place. Raises AvroadError when the place is not marked."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise AvroadError("README.md has no place for the proof", expected=f"{BEGIN.strip()} to {END.strip()}")
    return f"{before}{begin}\n{quoted}\n{end}{after}"


def matrix(text: str) -> str:
    """Return the part of a rehearsal's text that says who reads whom: from the subject's line to the engine's."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(("ok ", "FAIL ")))
    last = next(i for i, line in enumerate(lines) if line.startswith("  engine:"))
    kept = [line for line in lines[first : last + 1] if line.strip()]
    table = [line for line in kept if line.startswith(("ok ", "FAIL ", "    ", "  *"))]
    return "\n".join([*_unfolded(table), *(line for line in kept if line.startswith(("  registry:", "  engine:")))])


def excerpt(transcript: str) -> Iterator[str]:
    """Yield the lines of a transcript that README.md shows; `...` stands for what is left out below a command."""
    lines = iter(transcript.splitlines())
    for start, count in SHOWN:
        line = next((line for line in lines if line.startswith(start)), None)
        if line is None:
            raise AvroadError("the demo's transcript is not as it was", expected=f"a line that begins {start!r}")
        yield line
        for _ in range(count):
            below = next(lines)
            if below.startswith(("$ ", "== ")):
                break
            yield below


def _unfolded(lines: list[str]) -> Iterator[str]:
    """Yield a matrix without the examples below it, which the page shows."""
    for line in lines:
        if line.startswith("    sample") or (line.startswith("    ") and "->" not in line):
            continue
        yield line


def _quoted(texts: dict[str, str], *, illustrated: bool) -> str:
    picture = [f"![The same as a page: who reads whom, and what goes wrong]({IMAGE})", ""] if illustrated else []
    return "\n".join([
        "A field changes its unit and keeps its old name as an alias. The registry says yes; every reader, ours and",
        "others', then reads wrong numbers. `avroad evolve rehearse` plays it before it happens, and refuses:",
        "", "```text", matrix(texts["misleading"]), "```", "",
        *picture,
        "An optional field more, on the other hand, hurts nobody:",
        "", "```text", matrix(texts["matrix"]), "```", "",
        "Both matrices are from `make demo`, as is this excerpt of what it printed:",
        "", "```console", *excerpt(texts["transcript"]), "```", "",
    ])  # fmt: skip


def _screenshot(page: Path, image: Path) -> bool:
    """Take a picture of a page; False, with a word, where no browser is found or it fails."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        say(f"no browser found ({', '.join(BROWSERS[:3])}): {IMAGE} stays as it is")
        return False
    with tempfile.TemporaryDirectory() as profile:
        shot = Path(profile, "shot.png")
        words = [browser, *BROWSER_FLAGS, f"--user-data-dir={profile}", f"--screenshot={shot}", page.as_uri()]
        try:
            done = subprocess.run(words, capture_output=True, timeout=BROWSER_TIMEOUT_S, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode or not shot.exists():
            say(f"{browser} took no picture: {IMAGE} stays as it is")
            return False
        image.write_bytes(shot.read_bytes())
    say(f"written: {IMAGE}")
    return True


if __name__ == "__main__":
    run_app(main)
