"""Ctrl-C before the programs wait for it: exit code 130 and one line, whatever is being imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avroad.cli import interrupts
from avroad.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("consumers.monitor", "producers.synthetic", "producers.stats19")
COMMANDS = ("avroad", "admin")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process of Windows cannot send itself Ctrl-C")

AT_IMPORT = """
import os, runpy, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv[1:] = {arguments!r}
runpy.run_module({program!r}, run_name="__main__", alter_sys=True)
"""
AT_EXIT = """
import atexit, os, runpy, signal, sys

atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
sys.argv[1:] = ["--help"]
runpy.run_module({program!r}, run_name="__main__", alter_sys=True)
"""
UNWINDING = """
import os, signal
from avroad.cli.interrupts import unwind_on_interrupt

unwind_on_interrupt()
try:
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        pass
finally:
    print("left in order")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("module", ["click", "avroad.cli.main", "schemas.traffic", "avroad.config.strict_yaml"])
def test_an_interrupt_during_an_import_is_one_line(program: str, module: str) -> None:
    arguments = ["--count", "1", "-X", "bootstrap.servers=127.0.0.1:1"]
    arguments += ["--sample"] if program.endswith("stats19") else []
    done = run(AT_IMPORT.format(program=program, module=module, arguments=arguments))
    assert (done.stdout, done.stderr) == ("", "interrupted\n")
    assert done.returncode == ExitCode.INTERRUPTED


@pytest.mark.parametrize("program", COMMANDS)
@pytest.mark.parametrize("module", ["click", "avroad.cli.main", "avroad.cli.topics", "avroad.config.strict_yaml"])
def test_an_interrupt_during_an_import_of_the_command_line_is_one_line(program: str, module: str) -> None:
    arguments = ["topics", "list", "-X", "bootstrap.servers=127.0.0.1:1"]
    done = run(AT_IMPORT.format(program=program, module=module, arguments=arguments))
    assert (done.stdout, done.stderr) == ("", "interrupted\n")
    assert done.returncode == ExitCode.INTERRUPTED


@pytest.mark.parametrize("program", [*PROGRAMS, *COMMANDS, "admin.demo"])
def test_an_interrupt_at_the_very_end_is_one_line(program: str) -> None:
    done = run(AT_EXIT.format(program=program))
    assert done.stderr == "interrupted\n"
    assert done.returncode == ExitCode.INTERRUPTED


def test_a_running_program_leaves_its_blocks_in_order() -> None:
    done = run(UNWINDING)
    assert (done.stdout, done.stderr, done.returncode) == ("left in order\n", "interrupted\n", 130)


def test_what_runs_in_the_background_keeps_ignoring_ctrl_c() -> None:
    program = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + UNWINDING.replace(
        "while True", "while 0"
    )
    done = run(program)
    assert (done.stdout, done.stderr, done.returncode) == ("left in order\n", "", 0)


def test_the_code_is_the_documented_one() -> None:
    assert interrupts._INTERRUPTED == ExitCode.INTERRUPTED
