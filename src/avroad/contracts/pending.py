"""Breaks that an apply has begun: kept beside the lock from before the first request until the lock holds their reason.

A process that is killed in between would lose why the break was allowed, and nobody could find it out again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from avroad.config.files import FileRefused, read_text
from avroad.config.replace import replace_text
from avroad.contracts.lock import AllowedBreak
from avroad.errors import LockError
from avroad.schema import not_utf8

__all__ = ["PendingBreak", "keep_pending", "pending_path", "read_pending"]

_FORMAT: Final = "1.0"
_MAX_BYTES: Final = 16 * 1024 * 1024
_FIX: Final = (
    "It holds why a break was allowed, until the lock does. Restore it, or delete it to go on without that reason."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingBreak:
    """A break that was begun. cluster_id: of the cluster beside whose registry it was.

    fingerprint: of the version that breaks; old_version: the newest one before it; level: the declared one, which is
    put back after the registration. reason, by, at, breaks: as the lock will have them.
    """

    cluster_id: str
    subject: str
    fingerprint: str
    old_version: int
    level: str
    reason: str
    by: str
    at: str
    breaks: tuple[str, ...]

    def allowed(self, version: int) -> AllowedBreak:
        """Return the lock's record of it, now that it is registered as `version`."""
        return AllowedBreak(version=version, reason=self.reason, by=self.by, at=self.at, breaks=self.breaks)


def pending_path(lock: Path) -> Path:
    """Return the file that belongs to the lock in `lock`."""
    return lock.with_name(f"{lock.name}.pending")


def read_pending(lock: Path) -> tuple[PendingBreak, ...]:
    """Return what was begun beside the lock in `lock`, oldest first. Raises LockError for a file nobody can use."""
    path = pending_path(lock)
    try:
        value = json.loads(read_text(path, _MAX_BYTES))
    except FileRefused as refused:
        if isinstance(refused.error, FileNotFoundError):
            return ()
        raise _refused(path, refused.expected, refused.found) from None
    except (ValueError, RecursionError):
        raise _refused(path, "JSON", "something else") from None
    if not isinstance(value, dict) or "format_version" not in value:
        raise _refused(path, f"an object with format_version {_FORMAT!r}", "none")
    version = value["format_version"]
    if not isinstance(version, str) or version.partition(".")[0] != _FORMAT.partition(".")[0]:
        raise _refused(path, f"format_version {_FORMAT!r}", "another: was it written by a newer avroad?")
    listed = value.get("begun")
    if not isinstance(listed, list) or not all(_fits(item) for item in listed) or not_utf8(listed):
        raise _refused(path, "the breaks that an apply has begun", "something else")
    return tuple(PendingBreak(**{**item, "breaks": tuple(item["breaks"])}) for item in listed)


def keep_pending(lock: Path, breaks: Collection[PendingBreak]) -> None:
    """Keep exactly these beside the lock in `lock`, on the disk when this returns; none: no file. Raises OSError."""
    path = pending_path(lock)
    if not breaks:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"format_version": _FORMAT, "begun": [asdict(item) for item in breaks]}
    replace_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


_KINDS: Final[Mapping[str, type]] = {
    "cluster_id": str, "subject": str, "fingerprint": str, "old_version": int, "level": str, "reason": str, "by": str,
    "at": str, "breaks": list,
}  # fmt: skip


def _fits(item: Any) -> bool:  # noqa: ANN401  # whatever JSON holds
    return (
        isinstance(item, dict)
        and item.keys() == _KINDS.keys()
        and all(type(item[key]) is kind for key, kind in _KINDS.items())
        and all(isinstance(text, str) for text in item["breaks"])
    )


def _refused(path: Path, expected: str, found: str) -> LockError:
    return LockError(
        "what an apply has begun cannot be read", expected=expected, found=found, file=str(path), hint=_FIX
    )
