"""Space: asked for before, named when it runs out; writing that is never half done."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from avroad.errors import StackError
from avroad.stack.disk import DiskFull, disk_errors_named, human_size, require_space, write_atomically


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1500, "2 kB"),
        (44_000_000, "44.0 MB"),
        (1_234_000_000, "1.23 GB"),
    ],
)
def test_sizes_read_as_people_write_them(size: int, text: str) -> None:
    assert human_size(size) == text


def test_enough_space_is_no_error_even_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    require_space(tmp_path / "a" / "b", 1, purpose="nothing")
    assert not (tmp_path / "a").exists()


def test_too_little_space_names_purpose_need_and_place(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="too full for the downloads") as caught:
        require_space(tmp_path, 10**18, purpose="the downloads")
    assert caught.value.expected.endswith("free")
    assert caught.value.file == str(tmp_path)
    assert "avroad stack reset" in caught.value.hint


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_becomes_full_is_named(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(DiskFull, match="became full while writing the data"),
        disk_errors_named(tmp_path, purpose="the data"),
    ):
        raise OSError(number, "full")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_place_that_may_not_be_written_is_named_with_the_way_out(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(StackError, match="the data cannot be written") as caught,
        disk_errors_named(tmp_path, purpose="the data"),
    ):
        raise OSError(number, os.strerror(number), "some/file")
    assert caught.value.file == "some/file"
    assert caught.value.found == os.strerror(number).lower()
    assert "AVROAD_STATE_DIR" in caught.value.hint


def test_other_errors_of_the_system_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(InterruptedError), disk_errors_named(tmp_path, purpose="the data"):
        raise InterruptedError(errno.EINTR, "no")


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "state.json"
    write_atomically(path, "one\n")
    write_atomically(path, "two\n")
    assert path.read_bytes() == b"two\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, "old")

    def no_space(_self: Path, *_args: object, **_kwargs: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_space)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
