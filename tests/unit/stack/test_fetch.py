"""Downloads: verified before use, retried, stopped together, and clear about what is missing."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from avroad.errors import StackError
from avroad.stack import fetch as module
from avroad.stack.artifacts import Artifact
from avroad.stack.disk import DiskFull
from avroad.stack.fetch import MIRROR_VARIABLE, ChecksumMismatch, FetchError, fetch, sha256_of
from avroad.stack.progress import Quiet, Transfers

from .repository import place, served, stored


class Watcher(Quiet):
    """Remembers downloads as a terminal would show them."""

    def __init__(self) -> None:
        self.expected = (0, 0)
        self.begun: list[str] = []
        self.arrived: dict[str, int] = {}
        self.finished: list[str] = []

    def transfers(self, files: int, size_bytes: int) -> AbstractContextManager[Transfers]:  # type: ignore[override] # as the protocol has it
        self.expected = (files, size_bytes)
        return nullcontext(self)

    def begin(self, name: str) -> Callable[[int], None]:
        self.begun.append(name)

        def advance(count: int) -> None:
            self.arrived[name] = self.arrived.get(name, 0) + count

        return advance

    def done(self, name: str, size_bytes: int) -> None:
        self.finished.append(name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "repository"


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACK_OFF_S", 0.01)


def run(artifacts: list[Artifact], tmp_path: Path, mirror: str, reporter: Quiet | None = None) -> Path:
    target = tmp_path / "cache" / "jars"
    fetch(
        dict.fromkeys(artifacts, target),
        reporter=reporter or Quiet(),
        staging=tmp_path / "cache" / "staging",
        environ={MIRROR_VARIABLE: mirror},
    )
    return target


def test_artifacts_arrive_whole_and_are_shown(tmp_path: Path, repository: Path) -> None:
    artifacts = [place(repository, f"jar-{n}", bytes([n]) * 50_000) for n in range(8)]
    watcher = Watcher()
    with served(repository) as (address, asked):
        target = run(artifacts, tmp_path, f"{address}/", watcher)  # a trailing slash is fine
    assert sorted(asked) == sorted(artifact.filename for artifact in artifacts)
    assert {path.name: sha256_of(path) for path in target.iterdir()} == {a.filename: a.sha256 for a in artifacts}
    assert watcher.expected == (8, 8 * 50_000)
    assert watcher.arrived == {a.filename: a.size_bytes for a in artifacts}
    assert sorted(watcher.begun) == sorted(a.filename for a in artifacts)
    assert sorted(watcher.finished) == sorted(a.filename for a in artifacts)
    assert list((tmp_path / "cache" / "staging").iterdir()) == []


def test_each_artifact_goes_to_its_own_folder(tmp_path: Path, repository: Path) -> None:
    one, two = place(repository, "one", b"1"), place(repository, "two", b"2")
    wanted = {one: tmp_path / "a", two: tmp_path / "b"}
    fetch(wanted, reporter=Quiet(), staging=tmp_path / "s", environ={MIRROR_VARIABLE: str(repository)})
    assert (tmp_path / "a" / "one-1.jar").read_bytes() == b"1"
    assert (tmp_path / "b" / "two-1.jar").read_bytes() == b"2"


def test_a_folder_can_be_the_mirror_and_stays_as_it_is(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    target = run([artifact], tmp_path, str(repository))
    assert (target / artifact.filename).read_bytes() == b"content"
    assert stored(repository, artifact).read_bytes() == b"content"


def test_a_mirror_that_is_neither_address_nor_folder_is_refused(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    with pytest.raises(FetchError, match=MIRROR_VARIABLE) as caught:
        run([artifact], tmp_path, str(tmp_path / "nowhere"))
    assert caught.value.found.endswith("nowhere")


def test_a_file_that_is_not_the_locked_one_is_thrown_away(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    stored(repository, artifact).write_bytes(b"something else")
    with pytest.raises(ChecksumMismatch, match=r"jar-1\.jar is not the locked file") as caught:
        run([artifact], tmp_path, str(repository))
    assert artifact.sha256 in caught.value.expected
    assert "14 bytes" in caught.value.found
    assert not (tmp_path / "cache" / "jars" / artifact.filename).exists()
    assert list((tmp_path / "cache" / "staging").iterdir()) == []


def test_a_checksum_that_differs_over_http_is_not_tried_again(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    stored(repository, artifact).write_bytes(b"<html>log in</html>")
    with served(repository) as (address, asked), pytest.raises(ChecksumMismatch):
        run([artifact], tmp_path, address)
    assert asked == ["jar-1.jar"]


def test_a_broken_connection_is_tried_again(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    with served(repository, failures=2) as (address, asked):
        target = run([artifact], tmp_path, address)
    assert asked == ["jar-1.jar"] * 3
    assert (target / artifact.filename).read_bytes() == b"content"


def test_a_connection_that_always_breaks_is_given_up(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    with served(repository, failures=99) as (address, asked), pytest.raises(FetchError, match="did not answer"):
        run([artifact], tmp_path, address)
    assert asked == ["jar-1.jar"] * 3


def test_without_a_network_one_message_says_what_is_missing_and_what_else_can_be_done(
    tmp_path: Path, repository: Path
) -> None:
    artifacts = [place(repository, f"jar-{n}", bytes([n]) * 1_000_000 * (n + 1)) for n in range(5)]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be downloaded") as caught:
        run(artifacts, tmp_path, f"http://127.0.0.1:{port}")
    text = str(caught.value)
    assert "5 files missing, 15.0 MB: jar-4-1.jar, jar-3-1.jar, jar-2-1.jar and 2 more" in text
    assert "\n" not in text
    for alternative in ("docker compose up", "-X bootstrap.servers=", "-X registry.url=", MIRROR_VARIABLE):
        assert alternative in caught.value.hint


def test_a_mirror_that_lacks_a_file_is_named(tmp_path: Path, repository: Path) -> None:
    artifact = place(repository, "jar", b"content")
    stored(repository, artifact).unlink()
    with served(repository) as (address, asked), pytest.raises(FetchError, match=r"mirror .* does not have jar-1\.jar"):
        run([artifact], tmp_path, address)
    assert asked == ["jar-1.jar"]


def test_what_arrived_before_a_failure_is_kept(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PARALLEL", 1)
    good, bad = place(repository, "good", b"g" * 10), place(repository, "bad", b"b")
    stored(repository, bad).unlink()
    with pytest.raises(FetchError, match=r"1 file missing, 1 byte: bad-1\.jar"):
        run([good, bad], tmp_path, str(repository))
    assert (tmp_path / "cache" / "jars" / good.filename).exists()


def test_a_disk_that_becomes_full_is_named(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact = place(repository, "jar", b"content")

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.shutil, "copyfile", full)  # type: ignore[attr-defined]
    with pytest.raises(DiskFull, match=r"writing jar-1\.jar"):
        run([artifact], tmp_path, str(repository))


def test_an_interruption_stops_the_other_downloads(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = [place(repository, f"jar-{n}", bytes([n]) * 100) for n in range(20)]

    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "wait", interrupted)
    with served(repository) as (address, asked), pytest.raises(KeyboardInterrupt):
        run(artifacts, tmp_path, address)
    assert len(asked) < len(artifacts)
    assert list((tmp_path / "cache" / "staging").iterdir()) == []


def test_an_interruption_does_not_wait_for_a_server_that_is_silent(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = place(repository, "jar", b"content")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        accepted: list[socket.socket] = []

        def interrupted(*_args: object, **_kwargs: object) -> None:
            accepted.append(silent.accept()[0])  # by now the download waits for an answer
            raise KeyboardInterrupt

        monkeypatch.setattr(module, "wait", interrupted)
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            run([artifact], tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        took_s = time.monotonic() - begun
        left = [thread for thread in threading.enumerate() if thread.name.startswith("avroad-fetch")]
        accepted[0].close()
    for thread in left:
        thread.join(30)
    assert took_s < module._TIMEOUT_S / 2
    assert [thread.daemon for thread in left] == [True], "the end of the program must not wait for it"


def test_a_missing_package_is_said_with_the_line_that_installs_it(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = place(repository, "jar", b"content")
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(StackError, match=r'pip install "avroad\[stack\]"'):
        run([artifact], tmp_path, str(repository))
