"""The schema lock: which version and id each subject has, written by apply and committed to git.

A producer starts from this file alone, so that it never registers anything and needs no registry to encode.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avroad.config.files import FileRefused, read_text
from avroad.config.replace import replace_text
from avroad.errors import LockError, Problem
from avroad.schema import not_utf8

__all__ = ["AllowedBreak", "LockedSubject", "SchemaLock", "read_lock", "write_lock"]

_FORMAT: Final = "1.1"
_MAX_BYTES: Final = 16 * 1024 * 1024
_TOP: Final = ("format_version", "environment", "registry", "cluster_id", "subjects")
_ENTRY: Final = ("version", "id", "fingerprint")
_BREAKING: Final = "breaking"
_BREAK: Final = ("version", "reason", "by", "at", "breaks")
_FIX: Final = "Run: avroad apply"
_MAX_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedBreak:
    """A version that was registered although it breaks readers or data. breaks: who cannot read what, a sentence each.

    reason: why it was allowed; by: whoever made the plan, "" when that is not known; at: of the plan, UTC, ISO 8601.
    """

    version: int
    reason: str
    by: str
    at: str
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedSubject:
    """One subject's registered version: its number, its schema id, and the fingerprint of its meaning.

    breaking: the versions that were allowed to break something, oldest first; the record stays.
    """

    version: int
    id: int
    fingerprint: str
    breaking: tuple[AllowedBreak, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaLock:
    """What was registered where. registry: the address, without credentials, that gave the ids."""

    environment: str
    registry: str
    cluster_id: str
    subjects: Mapping[str, LockedSubject] = field(default_factory=dict)


def read_lock(path: Path) -> SchemaLock:
    """Return the lock in `path`. Raises LockError when it is missing, unreadable or not exactly a lock."""
    try:
        text = read_text(path, _MAX_BYTES)
    except FileRefused as refused:
        if isinstance(refused.error, FileNotFoundError):
            raise LockError("there is no schema lock", file=str(path), hint=f"{_FIX}; it writes the lock.") from None
        raise LockError(
            "the lock cannot be read", expected=refused.expected, found=refused.found, file=str(path), hint=_FIX
        ) from None
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        hint = "Was a merge left unfinished?" if "<<<<<<<" in text else _FIX
        raise LockError(f"the lock is not JSON: {error}", file=str(path), hint=hint) from error
    problems = _problems(value)
    if problems:
        raise LockError(file=str(path), message="the lock is not valid", problems=tuple(problems))
    return SchemaLock(
        environment=value["environment"],
        registry=value["registry"],
        cluster_id=value["cluster_id"],
        subjects={name: _entry(entry) for name, entry in value["subjects"].items()},
    )


def write_lock(path: Path, lock: SchemaLock) -> None:
    """Write the lock, sorted by subject, so that readers see the old file or the whole new one.

    Raises OSError when the folder cannot be written; the old file is then untouched.
    """
    subjects = {name: _written(entry) for name, entry in sorted(lock.subjects.items())}
    value = {
        "format_version": _FORMAT,
        "environment": lock.environment,
        "registry": lock.registry,
        "cluster_id": lock.cluster_id,
        "subjects": subjects,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _entry(value: dict[str, Any]) -> LockedSubject:
    breaking = tuple(AllowedBreak(**{**item, "breaks": tuple(item["breaks"])}) for item in value.get(_BREAKING, ()))
    return LockedSubject(**{**value, _BREAKING: breaking})


def _written(entry: LockedSubject) -> dict[str, Any]:
    value: dict[str, Any] = {"version": entry.version, "id": entry.id, "fingerprint": entry.fingerprint}
    if entry.breaking:
        value[_BREAKING] = [
            {
                "version": item.version,
                "reason": item.reason,
                "by": item.by,
                "at": item.at,
                "breaks": list(item.breaks),
            }
            for item in entry.breaking
        ]
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands there twice")
    return value


def _problems(value: object) -> list[Problem]:
    if not isinstance(value, dict):
        return [Problem(expected="a JSON object", found=_kind(value), path="$", fix=_FIX)]
    found = value.get("format_version", "")
    if not found:
        return [Problem(expected=f"format_version {_FORMAT!r}", found="none", path="$", fix=_FIX)]
    if not isinstance(found, str) or found.partition(".")[0] != _FORMAT.partition(".")[0]:
        shown = f"{found[:20]!r}" if isinstance(found, str) else _kind(found)
        fix = "Was it written by a newer avroad?"
        return [Problem(expected=f"format_version {_FORMAT!r}", found=shown, path="$.format_version", fix=fix)]
    half = not_utf8(value)
    if half is not None:
        return [Problem(expected="whole characters", found="half of a surrogate pair", path=half, fix=_FIX)]
    problems = _keys(value, _TOP, "$")
    for key in _TOP[1:4]:
        if key in value and not isinstance(value[key], str):
            problems.append(Problem(expected="text", found=_kind(value[key]), path=f"$.{key}", fix=_FIX))
    subjects = value.get("subjects", {})
    if not isinstance(subjects, dict):
        return [*problems, Problem(expected="an object", found=_kind(subjects), path="$.subjects", fix=_FIX)]
    for name, entry in subjects.items():
        problems += _entry_problems(entry, f"$.subjects[{name[:100]!r}]")
    return problems


def _entry_problems(entry: object, path: str) -> list[Problem]:
    if not isinstance(entry, dict):
        return [Problem(expected="an object", found=_kind(entry), path=path, fix=_FIX)]
    problems = _keys(entry, _ENTRY, path, optional=_BREAKING)
    for key in ("version", "id"):
        problems += _number_problems(entry.get(key, 1), f"{path}.{key}")
    breaking = entry.get(_BREAKING, [])
    if not isinstance(breaking, list):
        problems.append(Problem(expected="a list", found=_kind(breaking), path=f"{path}.{_BREAKING}", fix=_FIX))
    else:
        for i, item in enumerate(breaking):
            problems += _break_problems(item, f"{path}.{_BREAKING}[{i}]")
    if not isinstance(entry.get("fingerprint", ""), str):
        shown = _kind(entry["fingerprint"])
        problems.append(Problem(expected="text", found=shown, path=f"{path}.fingerprint", fix=_FIX))
    return problems


def _break_problems(item: object, path: str) -> list[Problem]:
    if not isinstance(item, dict):
        return [Problem(expected="an object", found=_kind(item), path=path, fix=_FIX)]
    problems = _keys(item, _BREAK, path) + _number_problems(item.get("version", 1), f"{path}.version")
    for key in ("reason", "by", "at"):
        if not isinstance(item.get(key, ""), str):
            problems.append(Problem(expected="text", found=_kind(item[key]), path=f"{path}.{key}", fix=_FIX))
    breaks = item.get("breaks", [])
    if not isinstance(breaks, list) or not all(isinstance(text, str) for text in breaks):
        problems.append(Problem(expected="a list of texts", found=_kind(breaks), path=f"{path}.breaks", fix=_FIX))
    return problems


def _number_problems(number: object, path: str) -> list[Problem]:
    if type(number) is int and 0 <= number <= _MAX_ID:
        return []
    return [Problem(expected=f"a whole number up to {_MAX_ID}", found=_kind(number), path=path, fix=_FIX)]


def _keys(value: dict[str, Any], wanted: tuple[str, ...], path: str, *, optional: str = "") -> list[Problem]:
    missing = [
        Problem(expected=f"key {key!r}", found="no such key", path=path, fix=_FIX) for key in wanted if key not in value
    ]
    extra = [
        Problem(expected=f"only {', '.join(wanted)}", found=f"key {key[:60]!r}", path=path, fix=_FIX)
        for key in value
        if key not in wanted and key != optional
    ]
    return missing + extra


def _kind(value: object) -> str:
    """Name a JSON value without printing containers or long text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"
