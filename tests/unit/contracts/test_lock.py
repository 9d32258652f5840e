"""The lock: one file, sorted, read strictly, replaced atomically."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.contracts.lock import LockedSubject, SchemaLock, read_lock, write_lock
from avroad.errors import ExitCode, LockError

LOCK = SchemaLock(
    environment="local",
    registry="http://127.0.0.1:8081",
    cluster_id="5L6g3nShT-eMCtK--X86sw",
    subjects={
        "b": LockedSubject(version=2, id=7, fingerprint="ff"),
        "a": LockedSubject(version=1, id=3, fingerprint="ee"),
    },
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "schemas.lock.json"


def changed(path: Path, change: dict[str, Any]) -> None:
    write_lock(path, LOCK)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")


def test_what_is_written_is_read(path: Path) -> None:
    write_lock(path, LOCK)
    assert read_lock(path) == LOCK


def test_the_file_is_sorted_and_ends_with_a_newline(path: Path) -> None:
    write_lock(path, LOCK)
    text = path.read_text("utf-8")
    assert list(json.loads(text)["subjects"]) == ["a", "b"]
    assert text.endswith("}\n")
    assert json.loads(text)["format_version"] == "1.1"


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_behind(path: Path) -> None:
    write_lock(path, LOCK)
    first = path.read_bytes()
    write_lock(path, LOCK)
    assert path.read_bytes() == first
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lock(path, LOCK)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_lock(path, SchemaLock(environment="prod", registry="", cluster_id=""))
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_missing_lock_names_the_command_that_writes_it(path: Path) -> None:
    with pytest.raises(LockError) as caught:
        read_lock(path)
    assert "avroad apply" in str(caught.value)
    assert caught.value.exit_code is ExitCode.REFUSED


def test_a_lock_with_half_a_character_is_refused_before_it_is_written_into_headers(path: Path) -> None:
    changed(path, {"registry": "http://\ud800"})
    with pytest.raises(LockError, match=r"\$\.registry: expected whole characters, found half of a surrogate pair"):
        read_lock(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "expected a JSON object, found a list"),
        ("null", "found null"),
        ('{"format_version": "1.0", "format_version": "1.0"}', "twice"),
        ('{"format_version": "2.0"}', "newer avroad"),
        ('{"format_version": 1}', "found 1"),
        ("{}", "expected format_version '1.1', found none"),
        ("<<<<<<< HEAD\n{}", "merge"),
        ('{"format_version": "1.0"}', "key 'subjects'"),
    ],
)
def test_what_is_no_lock_is_refused_with_the_reason(path: Path, text: str, words: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(LockError, match=words):
        read_lock(path)


BREAK = {"version": 2, "reason": "why", "by": "", "at": "2026-01-01T00:00:00Z", "breaks": ["a cannot read b"]}


def broken(breaking: object) -> dict[str, Any]:
    return {"subjects": {"a": {"version": 1, "id": 1, "fingerprint": "x", "breaking": breaking}}}


def test_a_record_of_allowed_breaks_is_read(path: Path) -> None:
    changed(path, broken([BREAK]))
    [found] = read_lock(path).subjects["a"].breaking
    assert (found.version, found.reason, found.breaks) == (2, "why", ("a cannot read b",))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"extra": 1}, "found key 'extra'"),
        ({"registry": 5}, r"found 5|expected text"),
        ({"subjects": []}, "expected an object, found a list"),
        ({"subjects": {"a": 5}}, "found 5"),
        ({"subjects": {"a": {"version": True, "id": 1, "fingerprint": "x"}}}, "found true"),
        ({"subjects": {"a": {"version": 1, "id": -1, "fingerprint": "x"}}}, "found -1"),
        ({"subjects": {"a": {"version": 1, "id": 2**31, "fingerprint": "x"}}}, "whole number"),
        ({"subjects": {"a": {"version": 1, "id": 1}}}, "key 'fingerprint'"),
        ({"subjects": {"a": {"version": 1, "id": 1, "fingerprint": None}}}, "found null"),
        ({"subjects": {"a": {"version": 1, "id": 1, "fingerprint": "x", "by": "me"}}}, "found key 'by'"),
        (broken({}), "a list"),
        (broken([5]), "found 5"),
        (broken([{}]), "key 'reason'"),
        (broken([BREAK | {"version": "2"}]), "whole number"),
        (broken([BREAK | {"by": None}]), "found null"),
        (broken([BREAK | {"breaks": "x"}]), "a list of texts"),
        (broken([BREAK | {"breaks": [1]}]), "a list of texts"),
        (broken([BREAK | {"who": "x"}]), "found key 'who'"),
    ],
)
def test_each_wrong_part_is_named_with_its_place(path: Path, change: dict[str, Any], words: str) -> None:
    changed(path, change)
    with pytest.raises(LockError, match=words):
        read_lock(path)


def test_all_problems_are_named_at_once(path: Path) -> None:
    changed(path, {"registry": 5, "environment": None, "subjects": {"a": {"version": "1", "id": 1}}})
    with pytest.raises(LockError) as caught:
        read_lock(path)
    assert len(caught.value.problems) == 4


def test_a_file_that_is_not_text_or_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(LockError, match="UTF-8"):
        read_lock(path)
    monkeypatch.setattr("avroad.contracts.lock._MAX_BYTES", 2)
    with pytest.raises(LockError, match="expected at most 2 bytes, found 4"):
        read_lock(path)


def test_a_folder_in_the_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="cannot be read"):
        read_lock(tmp_path)


def test_a_newer_minor_version_of_the_format_is_read(path: Path) -> None:
    changed(path, {"format_version": "1.7"})
    assert read_lock(path) == LOCK
