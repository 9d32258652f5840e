"""Nobody answers where the environment of the containers says: the commonest case is that Docker does not run."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode, LockError
from avroad.project import open_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Point the environment at a port that refuses connections: it is taken, and nobody listens on it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("AVROAD_KAFKA__BOOTSTRAP_SERVERS", address)
        monkeypatch.setenv("AVROAD_REGISTRY__URL", f"http://{address}")
        yield address


@pytest.mark.parametrize("command", [["plan"], ["topics", "list"], ["subjects", "list"]], ids=" ".join)
def test_the_error_names_what_to_start(command: list[str], nobody: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["--root", str(ROOT), "-e", "docker", *command])
    out, err = capsys.readouterr()
    assert (code, out) == (ExitCode.FAILURE, "")
    assert err.startswith("error: cannot ")
    assert nobody in err
    assert "docker compose up -d (is Docker running?)" in err


@pytest.mark.parametrize(("env", "start"), [("docker", ""), ("local", "avroad stack up, then ")])
def test_a_missing_lock_names_the_environment_to_apply(env: str, start: str, tmp_path: Path) -> None:
    for name in ("schemas", "admin"):
        (tmp_path / name).symlink_to(ROOT / name)
    with pytest.raises(LockError, match="there is no schema lock") as caught:
        open_project(tmp_path, env).lock()
    assert caught.value.hint == f"Run: {start}avroad apply -e {env}; it writes the lock."
