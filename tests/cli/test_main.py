"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest

from avroad.cli.context import Context, find_root, project_options
from avroad.cli.main import cli, run
from avroad.errors import ConfigError, ExitCode, StalePlan


@click.command()
@click.option("--fail", default="")
@project_options
@click.pass_obj
def program(context: Context, fail: str) -> None:
    """Fail as asked."""
    errors: dict[str, BaseException] = {
        "stale": StalePlan("the plan is stale", hint="Run: avroad plan"),
        "full": OSError(errno.ENOSPC, "No space left on device", "data/x"),
        "denied": PermissionError(errno.EACCES, "Permission denied", "data/y"),
        "abort": click.Abort(),
        "interrupt": KeyboardInterrupt(),
        "pipe": BrokenPipeError(errno.EPIPE, "Broken pipe"),
    }
    if fail:
        raise errors[fail]
    click.echo(f"{context.environment_name()} {sorted(context.overrides.items())}")


@pytest.mark.parametrize(
    ("fail", "code", "says"),
    [
        ("stale", ExitCode.REFUSED, "error: the plan is stale. Run: avroad plan"),
        ("full", ExitCode.FAILURE, "data/x: No space left on device. Free some space"),
        ("denied", ExitCode.FAILURE, "data/y: Permission denied"),
        ("abort", ExitCode.INTERRUPTED, "interrupted"),
        ("interrupt", ExitCode.INTERRUPTED, "interrupted"),
    ],
)
def test_errors_become_one_message_and_a_code(
    fail: str, code: ExitCode, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--fail", fail], program) == code
    text = capsys.readouterr().err
    assert says in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plam"], "Did you mean 'plan'?"),
        (["xyzzy"], "No such command 'xyzzy'"),
        (["plan", "--detailed-exitcod"], "--detailed-exitcode"),
        (["plan", "-X", "novalue"], "expected key=value"),
        (["plan", "--root", "/no/such/folder"], "does not exist"),
        (["topics", "describe"], "Missing argument"),
    ],
)
def test_a_mistake_in_the_words_exits_64(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == ExitCode.USAGE
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    ["dlq list nope", "dlq show nope 3:0", "dlq replay nope --dry-run", "records send nope --hex 00",
     "schema show nope", "schema history nope", "schema diff nope", "schema diff git:HEAD:nope",
     "schema types --check --namespace nope", "evolve rehearse nope --dry-run --against git:HEAD"],
)  # fmt: skip
def test_a_name_that_nothing_has_is_a_mistake_in_the_words(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVROAD_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("AVROAD_REGISTRY__URL", "http://127.0.0.1:1")
    assert run(["--root", str(Path(__file__).resolve().parents[2]), "-e", "docker", *words.split()]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "nope" in err


def test_groups_without_a_command_show_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["topics"], ["dlq"]):
        assert run(arguments) == ExitCode.OK
        assert "Commands:" in capsys.readouterr().out


def _commands() -> list[list[str]]:
    """Return the words of every command there is, groups included."""
    found: list[list[str]] = [[]]
    with click.Context(cli) as context:
        for name in cli.list_commands(context):
            command = cli.get_command(context, name)
            found.append([name])
            found += [[name, child] for child in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_help_has_examples_fits_the_screen_and_is_not_cut(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*words, "--help"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    [examples] = [number for number, line in enumerate(lines) if line.strip() in {"Example:", "Examples:"}]
    above = {"Options:", "Commands:"} & {line.strip() for line in lines[examples:]}
    assert not above, "examples stand at the end, behind the options"
    assert not [line for line in lines[:examples] if line.lstrip().startswith("Exit codes:")]
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith("...") and not line.startswith("Usage:")]


def test_project_options_may_follow_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["-e", "docker", "-X", "a.b=c=d", "-X", "e="], program) == ExitCode.OK
    assert capsys.readouterr().out == "docker [('a.b', 'c=d'), ('e', '')]\n"
    monkeypatch.setenv("AVROAD_ENV", "staging")
    assert run([], program) == ExitCode.OK
    assert capsys.readouterr().out.startswith("staging")


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "admin" / "topics").mkdir(parents=True)
    assert find_root(tmp_path / "admin" / "topics") == tmp_path
    with pytest.raises(ConfigError, match="give --root DIR"):
        find_root(tmp_path.parent)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_failure(unbuffered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    script = "import sys; from avroad.cli.main import run; sys.exit(run(['config', 'show', '--origin']))"
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.OK, errors
    assert errors == b""


def _unread(script: str) -> tuple[int, str]:
    """Run a script whose stdout nobody reads; return its exit code and what it said on stderr."""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors.decode()


def test_work_goes_on_when_nobody_reads_what_it_shows() -> None:
    script = """
import sys, click
from avroad.cli.main import run
from avroad.cli.output import emit, say

@click.command()
@click.argument("write")
def release(write):
    for number in range(3):
        emit("x" * 100_000, part=write == "part")
        say(f"did {number}")
    return 4

sys.exit(run(sys.argv[1:] or ["%s"], release))
"""
    assert _unread(script % "whole") == (ExitCode.REFUSED, "did 0\ndid 1\ndid 2\n")
    assert _unread(script % "part") == (ExitCode.OK, "")  # where making the parts is all there is to do


def test_a_verdict_is_told_to_whoever_reads_only_its_beginning(tmp_path: Path) -> None:
    for folder in ("schemas", "admin/topics"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "schemas" / "zoo.Birth.avsc").write_text('{"type": "enum", "name": "zoo.Birth", "symbols": []}')
    command = ["schema", "lint", "--root", str(tmp_path)]
    code, errors = _unread(f"import sys; from avroad.cli.main import run; sys.exit(run({command!r}))")
    assert code == ExitCode.CONTRACT
    assert errors.startswith("1 file: 1 error")


@pytest.mark.parametrize("words", [["-h"], ["topics", "list", "-h"]])
def test_a_short_option_asks_for_help_too(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == ExitCode.OK
    assert capsys.readouterr().out.startswith("Usage: avroad")
