"""Leases of this machine: held while a run lives, known to be over when it died, unknown when it is of elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from avroad.cli.leases import Leases

CHILD = """
import sys
from pathlib import Path
from avroad.cli.leases import Leases
with Leases(Path(sys.argv[1])).hold("0000000d"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_is_alive_while_it_holds_and_dead_when_it_was_killed(tmp_path: Path) -> None:
    leases = Leases(tmp_path / "rehearsals")
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path / "rehearsals")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)  # fmt: skip
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert leases.died("0000000d") is False
        assert leases.dead() == frozenset()
        child.kill()
    assert leases.died("0000000d") is True
    assert leases.dead() == {"0000000d"}
    leases.forget("0000000d")
    leases.forget("0000000d")
    assert leases.dead() == frozenset()


def test_of_a_run_from_elsewhere_nothing_is_known(tmp_path: Path) -> None:
    assert Leases(tmp_path / "none").died("0000000e") is None
    assert Leases(tmp_path / "none").dead() == frozenset()
