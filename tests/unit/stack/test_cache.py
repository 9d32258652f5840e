"""The cache: filled once, trusted by size and time, repaired when damaged, shared without clashes."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import threading
from pathlib import Path

import pytest

from avroad.errors import StackError
from avroad.stack import cache as module
from avroad.stack import fetch
from avroad.stack.artifacts import ArtifactLock
from avroad.stack.cache import CACHE_VARIABLE, Installation, cache_root, ensure_installed, unpack
from avroad.stack.disk import DiskFull
from avroad.stack.fetch import MIRROR_VARIABLE, FetchError

from .conftest import Recorder
from .repository import archive, served, small_lock


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "repository"


@pytest.fixture
def lock(repository: Path) -> ArtifactLock:
    return small_lock(repository)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "stack"


def install(lock: ArtifactLock, root: Path, mirror: Path | str, recorder: Recorder | None = None) -> Installation:
    reporter = recorder or Recorder()
    return ensure_installed(lock, root, reporter=reporter, environ={MIRROR_VARIABLE: str(mirror)})


def test_the_first_call_installs_everything_and_says_the_size_first(
    lock: ArtifactLock, root: Path, repository: Path, recorder: Recorder
) -> None:
    found = install(lock, root, repository, recorder)
    assert sorted(path.name for path in found.jars.glob("*.jar")) == ["broker-1.jar", "client-1.jar"]
    assert (found.registry / "quarkus-run.jar").read_bytes() == b"run"
    assert (found.registry / "lib" / "one.jar").read_bytes() == b"one" * 100
    assert recorder.lines[0].startswith("fetching 3 files, ")
    assert str(root) in recorder.lines[0]
    names = {path.name for path in root.iterdir()}
    assert names == {".lock", lock.broker_folder, lock.registry_folder}  # neither archive nor staging stays


def test_a_folder_that_a_class_path_cannot_name_is_refused(
    lock: ArtifactLock, tmp_path: Path, repository: Path
) -> None:
    odd = tmp_path / f"a{os.pathsep}b"
    with pytest.raises(StackError, match="class path") as caught:
        install(lock, odd, repository)
    assert CACHE_VARIABLE in caught.value.hint
    assert not odd.exists()


def test_the_second_call_needs_neither_network_nor_hashing(
    lock: ArtifactLock, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = install(lock, root, repository)

    def hashed(_path: Path) -> str:
        pytest.fail("a verified file was hashed again")

    monkeypatch.setattr(module, "sha256_of", hashed)
    shutil.rmtree(repository)
    recorder = Recorder()
    assert install(lock, root, repository / "nowhere", recorder) == first
    assert recorder.lines == []


def test_a_damaged_jar_is_found_and_fetched_again(
    lock: ArtifactLock, root: Path, repository: Path, recorder: Recorder
) -> None:
    jar = install(lock, root, repository).jars / "client-1.jar"
    good = jar.read_bytes()
    jar.write_bytes(b"x" * len(good))  # the same length: only time and content tell
    install(lock, root, repository, recorder)
    assert jar.read_bytes() == good
    assert "client-1.jar is damaged in the cache, fetching it again" in recorder.lines
    assert any(line.startswith("fetching 1 file, 60 bytes") for line in recorder.lines)


def test_a_jar_that_was_only_touched_is_verified_and_kept(lock: ArtifactLock, root: Path, repository: Path) -> None:
    jar = install(lock, root, repository).jars / "client-1.jar"
    os.utime(jar, (1, 1))
    recorder = Recorder()
    with served(repository) as (address, asked):
        install(lock, root, address, recorder)
    assert asked == []
    assert recorder.lines == []


@pytest.mark.parametrize("damage", ["changed", "missing", "no stamp"])
def test_a_damaged_registry_is_unpacked_again(
    lock: ArtifactLock, root: Path, repository: Path, recorder: Recorder, damage: str
) -> None:
    registry = install(lock, root, repository).registry
    file = registry / "lib" / "one.jar"
    if damage == "changed":
        file.write_bytes(b"other")
    elif damage == "missing":
        file.unlink()
    else:
        (registry / "verified.json").unlink()
    install(lock, root, repository, recorder)
    assert file.read_bytes() == b"one" * 100
    assert any("is damaged in the cache" in line for line in recorder.lines)
    assert {path.name for path in root.iterdir()} == {".lock", lock.broker_folder, lock.registry_folder}


def test_a_file_the_registry_wrote_beside_its_own_does_not_count(
    lock: ArtifactLock, root: Path, repository: Path
) -> None:
    registry = install(lock, root, repository).registry
    (registry / "written-later.txt").write_text("x")
    shutil.rmtree(repository)
    assert install(lock, root, repository / "nowhere").registry == registry


def test_what_was_verified_before_a_failure_is_used_next_time(
    lock: ArtifactLock, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_PARALLEL", 1)  # the largest first: a jar arrives before the archive fails
    archive_file = next(repository.rglob("*.tar.gz"))
    content = archive_file.read_bytes()
    archive_file.unlink()
    with pytest.raises(FetchError, match=r"registry-1\.tar\.gz"):
        install(lock, root, repository)
    archive_file.write_bytes(content)
    with served(repository) as (address, asked):
        install(lock, root, address)
    assert "broker-1.jar" not in asked
    assert "registry-1.tar.gz" in asked


def test_what_a_killed_process_left_is_removed(lock: ArtifactLock, root: Path, repository: Path) -> None:
    left = root / "staging" / "fetch-old" / "half.jar"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    install(lock, root, repository)
    assert not (root / "staging").exists()


def test_too_little_space_is_refused_before_the_download(
    lock: ArtifactLock, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with served(repository) as (address, asked), pytest.raises(DiskFull, match="too full for the downloads"):
        install(lock, root, address)
    assert asked == []


def test_callers_at_the_same_time_fetch_once(lock: ArtifactLock, root: Path, repository: Path) -> None:
    failures: list[BaseException] = []
    with served(repository) as (address, asked):

        def work() -> None:
            try:
                install(lock, root, address)
            except BaseException as error:  # noqa: BLE001 -- shown by the assertion below
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert failures == []
    assert sorted(asked) == ["broker-1.jar", "client-1.jar", "registry-1.tar.gz"]


def test_a_cache_that_stays_busy_is_an_error_not_a_hang(
    lock: ArtifactLock, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    monkeypatch.setattr(module, "_WAIT_FOR_OTHERS_S", 0.2)
    with module.exclusive(root / ".lock"), pytest.raises(StackError, match="another process"):  # type: ignore[attr-defined]
        install(lock, root, repository, recorder)
    assert recorder.lines == ["waiting for another process that is filling the cache"]


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:evil"])
def test_an_archive_may_not_write_outside(tmp_path: Path, name: str) -> None:
    file = tmp_path / "bad.tar.gz"
    file.write_bytes(archive({"good": b"1", name: b"2"}))
    with pytest.raises(StackError, match="may not be unpacked") as caught:
        unpack(file, tmp_path / "target", staging=tmp_path / "staging")
    assert caught.value.path == name
    assert not (tmp_path / "target").exists()
    assert list((tmp_path / "staging").iterdir()) == []
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_an_archive_may_hold_files_and_folders_only(tmp_path: Path, kind: bytes) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("link")
        member.type = kind
        member.linkname = "/etc/passwd"
        tar.addfile(member)
    file = tmp_path / "bad.tar.gz"
    file.write_bytes(buffer.getvalue())
    with pytest.raises(StackError, match="may not be unpacked"):
        unpack(file, tmp_path / "target", staging=tmp_path / "staging")


def test_a_broken_archive_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").write_text("old")
    file = tmp_path / "bad.tar.gz"
    file.write_bytes(archive({"a": b"1" * 10_000})[:-30])
    with pytest.raises(StackError, match="cannot be unpacked"):
        unpack(file, target, staging=tmp_path / "staging")
    assert (target / "old").read_text() == "old"


def test_the_cache_folder_can_be_chosen(tmp_path: Path) -> None:
    assert cache_root({CACHE_VARIABLE: str(tmp_path)}) == tmp_path / "stack"
    assert cache_root({CACHE_VARIABLE: "relative"}) == Path.cwd() / "relative" / "stack"
    default = cache_root({})
    assert default.parts[-2:] == ("avroad", "stack") or default.parts[-3:-1] == ("avroad", "Cache")
