"""Files beside the events: nobody's file is written over, and a full disk costs no outcome its name."""

from __future__ import annotations

import errno
import json
import os
from concurrent.futures import Future
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import BrokerError, ConfigError, ExitCode
from avroad.model import Delivery, Outcome
from avroad.producer import CloseReport
from producers import stats19, synthetic
from producers.outputs import OutputFile, WriteFailed, check_outputs
from tests.unit.producers.fakes import FakeProject, FakePublisher, use

TEXT = "somebody's work\n"


@pytest.fixture
def full(tmp_path: Path) -> Path:
    path = tmp_path / "full.txt"
    path.write_text(TEXT, "utf-8")
    return path


class Disk:
    """A raw file on a disk with room for so many bytes: what does not fit is written in part, then refused."""

    def __init__(self, path: Path, room: int) -> None:
        self.file, self.room = path.open("wb", buffering=0), room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self.file.write(data[: self.room])
        self.room -= taken
        return taken

    def truncate(self, size: int) -> int:
        return self.file.truncate(size)

    def close(self) -> None:
        self.file.close()


def on_small_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Let every output file of the programs lie on a disk with room for so many bytes."""

    def small(self: OutputFile, path: Path | None) -> None:
        opened(self, path)
        if path is not None:
            self._file.close()
            self._file = Disk(path, room)  # type: ignore[assignment]

    opened = OutputFile.__init__
    monkeypatch.setattr(OutputFile, "__init__", small)


def test_a_new_an_empty_and_an_overwritten_file_are_fine(tmp_path: Path, full: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    check_outputs({"--a": tmp_path / "deep" / "new", "--b": empty, "--c": None}, [full], overwrite=False)
    check_outputs({"--a": full}, [], overwrite=True)
    assert full.read_text("utf-8") == TEXT, "a check touches nothing"
    assert not (tmp_path / "deep").exists()


def test_a_file_that_holds_something_is_refused_unless_told_so(full: Path) -> None:
    with pytest.raises(ConfigError, match=r"full\.txt: --a: expected a new or empty file, found one of 16 bytes"):
        check_outputs({"--a": full}, [], overwrite=False)
    assert full.read_text("utf-8") == TEXT


@pytest.mark.parametrize("how", ["the same", "symbolic", "hard", "spelling"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_the_input_is_never_an_output(full: Path, how: str, overwrite: bool) -> None:
    path = full
    if how == "symbolic":
        path = full.with_name("link")
        path.symlink_to(full)
    elif how == "hard":
        path = full.with_name("link")
        path.hardlink_to(full)
    elif how == "spelling":
        path = full.parent / ".." / full.parent.name / full.name
    with pytest.raises(ConfigError, match="--a names the file that is read"):
        check_outputs({"--a": path}, [full], overwrite=overwrite)


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new")
    for other in (tmp_path / "new", tmp_path / "link", tmp_path / "." / "new"):
        with pytest.raises(ConfigError, match="--a and --b name the same file"):
            check_outputs({"--a": tmp_path / "new", "--b": other}, [], overwrite=True)
    check_outputs({"--a": Path(os.devnull), "--b": Path(os.devnull)}, [], overwrite=False)


def test_what_does_not_fit_on_the_disk_is_said_and_the_file_ends_with_a_whole_line(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "out")
    file._file.close()
    file._file = Disk(tmp_path / "out", 25)  # type: ignore[assignment]
    with file:
        file.write("0123456789")
        file.write("0123456789")
        with pytest.raises(WriteFailed, match=r"out: it cannot be written: No space left on device"):
            file.write("0123456789")
    assert (tmp_path / "out").read_text("utf-8") == "0123456789\n0123456789\n"


def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    with OutputFile(tmp_path / "deep" / "out") as file:
        file.write("caf\udce9.csv:2")
    assert (tmp_path / "deep" / "out").read_bytes() == b"caf\\udce9.csv:2\n"


# The programs

ENDLESS = ["--rate", "0", "--seed", "1"]


class Slow(FakePublisher):
    """Acknowledges what it took only at the close, as a cluster may."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[Future[Delivery], Delivery]] = []

    def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
        if len(self.taken) == 7:
            self.acknowledge()
        if len(self.taken) > 20:
            raise AssertionError("it went on although its ledger is full")
        done = super().send(event, topic=topic).result()
        future: Future[Delivery] = Future()
        self.waiting.append((future, done))
        return future

    def acknowledge(self) -> None:
        for future, delivery in self.waiting:
            future.set_result(delivery)
        self.waiting = []

    def close(self, deadline_s: float | None = None) -> CloseReport:
        self.acknowledge()
        return super().close(deadline_s)


def test_a_full_disk_under_the_ledger_ends_sending_in_order_and_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    publisher, ledger = Slow(), tmp_path / "ledger.jsonl"
    use(FakeProject(publisher), monkeypatch)
    on_small_disk(monkeypatch, 1000)
    assert run([*ENDLESS, "--ledger", str(ledger)], synthetic.main) == ExitCode.FAILURE
    lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert publisher.closed == 1
    assert len(publisher.taken) == 8, "nothing new is taken once the ledger has failed"
    missing = [str(event.event_id) for event, _ in publisher.taken[len(lines) :]]  # type: ignore[attr-defined]
    said = capsys.readouterr()
    assert "outcome of 8 sends, 4 of them to a second topic: 8 acked" in said.out
    (message,) = said.err.splitlines()
    assert message == (
        f"error: {ledger}: it cannot be written: No space left on device; sending was stopped, and the outcomes of "
        f"{len(missing)} sends ({len(missing)} acked) are not in it: {', '.join(missing)}"
    )


def test_a_full_ledger_does_not_hide_why_the_run_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    publisher = FakePublisher(Outcome.ACKED, BrokerError("the publisher failed for good"))
    use(FakeProject(publisher), monkeypatch)
    on_small_disk(monkeypatch, 0)
    arguments = [*ENDLESS, "--ledger", str(tmp_path / "ledger")]
    assert run(arguments, synthetic.main) == ExitCode.FAILURE
    said = capsys.readouterr().err
    assert "the outcomes of 1 sends (1 acked) are not in it" in said
    assert "error: the publisher failed for good" in said


def test_a_full_disk_under_the_refusals_ends_sending_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    header, sound = stats19.SAMPLE.read_text("utf-8").splitlines()[:2]
    source = tmp_path / "in.csv"
    source.write_text(f"{header}\n{sound}\nbroken\nnever read", "utf-8")
    publisher = FakePublisher()
    use(FakeProject(publisher), monkeypatch)
    on_small_disk(monkeypatch, 0)
    arguments = [str(source), "--refusals", str(tmp_path / "refused")]
    assert run(arguments, stats19.main) == ExitCode.FAILURE
    said = capsys.readouterr()
    assert publisher.closed == 1
    assert "outcome of 1 send: 1 acked" in said.out
    assert "read 2 rows: 1 event, 1 refused" in said.err
    assert said.err.endswith("refused: it cannot be written: No space left on device\n")


@pytest.mark.parametrize("option", ["--ledger", "--refusals"])
def test_the_programs_destroy_nothing(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    publisher, source, old = FakePublisher(), tmp_path / "in.csv", tmp_path / "old"
    use(FakeProject(publisher), monkeypatch)
    source.write_bytes(stats19.SAMPLE.read_bytes())
    old.write_text(TEXT, "utf-8")
    for arguments in ([option, str(source), "--overwrite"], [option, str(old)]):
        assert run([str(source), *arguments], stats19.main) == ExitCode.USAGE
    assert source.read_bytes() == stats19.SAMPLE.read_bytes()
    assert old.read_text("utf-8") == TEXT
    assert publisher.taken == []
    assert "--overwrite to replace it" in capsys.readouterr().err
    assert run([str(source), option, str(old), "--overwrite"], stats19.main) == ExitCode.OK
    assert TEXT not in old.read_text("utf-8")


def test_a_dry_run_says_that_it_writes_no_ledger(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = [*ENDLESS, "--dry-run", "--count", "1", "--ledger", str(tmp_path / "ledger")]
    assert run(arguments, synthetic.main) == ExitCode.OK
    assert "the ledger is not written" in capsys.readouterr().err
    assert not (tmp_path / "ledger").exists()
