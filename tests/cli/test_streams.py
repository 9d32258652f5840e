"""Streams that the caller closed or that cannot be written, and words that are not UTF-8: no traceback, right codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "-X bootstrap.servers=127.0.0.1:1"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")


def shell(command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in the project; `$PY` is this Python, which keeps what it writes until there is enough."""
    variables = {**os.environ, **environ, "PY": sys.executable}
    variables.pop("PYTHONUNBUFFERED", None)
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("-m avroad config show -e docker", ExitCode.OK),
        ("-m avroad nonsense", ExitCode.USAGE),
        ("-m producers.synthetic --dry-run --count 2 --rate 0 --seed 1", ExitCode.OK),
        (f"-m consumers.monitor -e docker {NOBODY} --topic nonsense", ExitCode.USAGE),
    ],
)
def test_a_closed_stream_changes_no_exit_code_and_gives_no_traceback(command: str, code: ExitCode, closed: str) -> None:
    if "/dev/full" in closed and not Path("/dev/full").exists():
        pytest.skip("no such device here")
    done = shell(f'"$PY" {command} {closed}')
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_full_disk_below_stdout_is_said_once() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no such device here")
    done = shell('"$PY" -m avroad config show -e docker >/dev/full')
    assert done.returncode == ExitCode.FAILURE
    assert done.stderr == "error: No space left on device. Free some space and run the command again.\n"


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="needs pipes that refuse")
@pytest.mark.parametrize("unbuffered", ["1", ""])
def test_a_short_write_is_an_error_and_no_torn_line(tmp_path: Path, unbuffered: str) -> None:
    """A file that may not grow takes a part of a line; without a buffer Python drops the rest and says nothing."""
    program = (
        "import resource, signal, sys; from avroad.cli.streams import write_whole_lines; write_whole_lines();"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))\n"
        "try:\n    for _ in range(2): sys.stdout.write('x' * 999 + '\\n'); sys.stdout.flush()\n"
        "except OSError: import os; os._exit(7)"
    )
    (tmp_path / "program.py").write_text(program, "utf-8")
    done = shell(f'PYTHONUNBUFFERED={unbuffered} "$PY" {tmp_path}/program.py > {tmp_path}/out')
    assert done.returncode == 7, done.stderr


def test_what_is_opened_later_does_not_become_a_standard_stream() -> None:
    program = (
        "import os, sys; from avroad.cli.streams import open_closed_streams; open_closed_streams();"
        "number = os.open(os.devnull, os.O_RDONLY); os._exit(0 if number > 2 else 1)"
    )
    assert shell(f'"$PY" -c "{program}" <&- >&- 2>&-').returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["records", "send", "traffic.events", "--key", "\udcff", "--hex", "00", "-e", "docker"], "at --key"),
        (["config", "show", "-e", "docker", "-X", "client.id=\udcff"], "-X client.id: expected UTF-8 text"),
        (["config", "show", "-e", "\udcff"], "there is no environment"),
        (["plan", "-e", "docker", "-X", "registry.url=http://h/\udcff"], "-X registry.url: expected UTF-8 text"),
        (["\udcff"], "No such command"),
    ],
)
def test_words_that_are_not_utf8_are_usage_errors(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(arguments) == ExitCode.USAGE
    assert says in capsys.readouterr().err


def test_a_group_that_is_not_utf8_does_not_abort_the_process() -> None:
    done = shell(f'"$PY" -m consumers.monitor -e docker {NOBODY} --group "$(printf "\\377")"')
    assert done.returncode == ExitCode.USAGE
    assert "group.id: expected UTF-8 text, found other bytes" in done.stderr


def test_credentials_that_are_not_utf8_are_named_by_their_variable() -> None:
    line = 'AVROAD_REGISTRY__BASIC_AUTH_USER_INFO="u:canary$(printf "\\377")" "$PY" -m avroad subjects list -e docker'
    done = shell(line)
    assert done.returncode == ExitCode.USAGE
    assert "AVROAD_REGISTRY__BASIC_AUTH_USER_INFO: expected UTF-8 text, found other bytes" in done.stderr
    assert "canary" not in done.stderr
