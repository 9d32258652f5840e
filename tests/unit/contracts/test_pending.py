"""What an apply has begun: kept beside the lock, read strictly, gone when nothing is left."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from avroad.contracts.lock import AllowedBreak
from avroad.contracts.pending import PendingBreak, keep_pending, pending_path, read_pending
from avroad.errors import ExitCode, LockError

BEGUN = PendingBreak(
    cluster_id="c", subject="road.Place", fingerprint="ff", old_version=1, level="BACKWARD", reason="why", by="ada",
    at="2026-01-01T00:00:00Z", breaks=("a cannot read b",),
)  # fmt: skip


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "new" / "schemas.lock.json"


def test_what_is_kept_is_read_and_nothing_left_is_no_file(lock: Path) -> None:
    assert read_pending(lock) == ()
    other = dataclasses.replace(BEGUN, subject="road.Jam")
    keep_pending(lock, [BEGUN, other])
    assert read_pending(lock) == (BEGUN, other)
    assert [path.name for path in lock.parent.iterdir()] == ["schemas.lock.json.pending"]
    keep_pending(lock, [])
    keep_pending(lock, [])
    assert list(lock.parent.iterdir()) == []


def test_it_becomes_the_record_of_a_version() -> None:
    record = AllowedBreak(version=2, reason="why", by="ada", at="2026-01-01T00:00:00Z", breaks=("a cannot read b",))
    assert BEGUN.allowed(2) == record


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old_version": "1"}, "the breaks that an apply has begun"),
        ({"old_version": True}, "the breaks that an apply has begun"),
        ({"breaks": [1]}, "the breaks that an apply has begun"),
        ({"breaks": "x"}, "the breaks that an apply has begun"),
        ({"more": "x"}, "the breaks that an apply has begun"),
        ({"reason": "\ud800"}, "the breaks that an apply has begun"),
    ],
)
def test_what_is_none_is_refused(lock: Path, change: dict[str, object], words: str) -> None:
    keep_pending(lock, [BEGUN])
    document = json.loads(pending_path(lock).read_text("utf-8"))
    document["begun"][0] |= change
    pending_path(lock).write_text(json.dumps(document), "utf-8")
    with pytest.raises(LockError, match=words) as caught:
        read_pending(lock)
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "delete it to go on without that reason" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", '{"begun": []}', '{"format_version": "2.0", "begun": []}'])
def test_another_document_is_refused(lock: Path, text: str) -> None:
    lock.parent.mkdir()
    pending_path(lock).write_text(text, "utf-8")
    with pytest.raises(LockError, match=r"schemas\.lock\.json\.pending"):
        read_pending(lock)


def test_a_folder_in_its_place_is_refused(lock: Path) -> None:
    pending_path(lock).mkdir(parents=True)
    with pytest.raises(LockError, match="a folder"):
        read_pending(lock)
