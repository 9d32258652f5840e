"""`avroad codec ... --isolated`: the same output and exit codes, and a typed error when the child dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ["--writer", "traffic.Source", "--hex"]
DYING = """
import os, sys
import click
from avroad.cli.codec_isolated import isolated_option
from avroad.cli.main import run

@click.command()
@isolated_option
def die():
    {how}

sys.exit(run(["--isolated"], die))
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of processes are POSIX's")


def ran(*arguments: str, given: str = "") -> tuple[int, str, str]:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["decode", *SOURCE, "0241160237000000"], ""),
        (["decode", *SOURCE, "02411602"], ""),
        (["inspect", *SOURCE, "0241160237000000"], ""),
        (["inspect", *SOURCE, "02411602"], ""),
        (["pairs"], '{"id":1,"writer":"int","reader":"long","hex":"0a"}\n{}\n'),
        (["decode", "--writer", "no.Such", "--hex", "00"], ""),
    ],
)
def test_output_and_exit_code_are_the_same(arguments: list[str], given: str) -> None:
    plain = ran("-m", "avroad", "codec", *arguments, given=given)
    assert ran("-m", "avroad", "codec", *arguments, "--isolated", given=given) == plain


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("os.kill(os.getpid(), 11)", "was ended by SIGSEGV"),
        ("bytearray(1 << 30)", "more than 512 MiB"),
    ],
)
def test_a_child_that_dies_is_a_fault_of_the_bytes_and_nothing_hangs(how: str, says: str) -> None:
    code, out, err = ran("-c", DYING.format(how=how))
    assert (code, out) == (3, "")
    assert says in err
    assert "Traceback" not in err
