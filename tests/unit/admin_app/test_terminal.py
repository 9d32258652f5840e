"""The demo's terminal: what it prints before it runs a command, and what it does with one that hangs."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin.terminal import DemoFailed, Terminal


@pytest.fixture
def proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVROAD_STATE_DIR", "restored afterwards")
    folder = tmp_path / "proof"
    folder.mkdir()
    return folder


def test_each_command_is_printed_and_its_output_where_it_goes(proof: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal(proof.parent, proof) as terminal:
        capsys.readouterr()
        terminal.show("python -c 'print(1)'", save="one.txt")
        terminal.show("python -c 'print(2)'", into="two.txt")
        terminal.show("python -c 'print(3)'", quiet=True)
    printed = ["$ python -c 'print(1)'", "1", "$ python -c 'print(2)' > proof/two.txt"]
    assert capsys.readouterr().out.splitlines() == printed
    assert (proof / "transcript.txt").read_text("utf-8").splitlines()[1:] == printed
    assert [(proof / f"{name}.txt").read_text("utf-8") for name in ("one", "two")] == ["1\n", "2\n"]


def test_what_fails_is_shown_although_its_output_goes_elsewhere(
    proof: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Terminal(proof.parent, proof) as terminal, pytest.raises(DemoFailed, match="ended with exit code 1"):
        terminal.show("python -c 'raise SystemExit(\"the reason\")'", into="two.txt")
    assert "the reason" in capsys.readouterr().out


def test_a_command_that_hangs_is_ended(proof: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.terminal.COMMAND_S", 0.2)
    with Terminal(proof.parent, proof) as terminal, pytest.raises(DemoFailed, match="did not end within"):
        terminal.show("python -c 'import threading; threading.Event().wait(60)'")
