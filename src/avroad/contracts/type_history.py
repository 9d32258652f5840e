"""One type through the history of its file: every meaning it had, what each change broke, first and last commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from avroad.config.shape import did_you_mean
from avroad.contracts.compat import compare
from avroad.contracts.compat.order import holds
from avroad.contracts.timeline import Timeline
from avroad.errors import UnknownEventType
from avroad.schema import Named, Schema, fingerprint

__all__ = ["Step", "TypeHistory", "TypeVersion", "type_history"]

_WORD: Final = re.compile(rb'"([A-Za-z_][A-Za-z0-9_.]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One commit. id: as people write it; files: what it changed, by name without suffix, None for what went away."""

    id: str
    day: str
    files: Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeVersion:
    """One meaning of a type. commit, day: since when, "" for the working tree; name: what the type was called then.

    change: `first`, `compatible`, or whom it broke, compared with the version before.
    """

    number: int
    commit: str
    day: str
    name: str
    fingerprint: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeHistory:
    """All versions, oldest first. first, last: the commits that made the file and touched it last, None without one.

    declared: whether the type is there now; notes: what could not be read.
    """

    versions: tuple[TypeVersion, ...]
    first: Step | None
    last: Step | None
    declared: bool
    notes: tuple[str, ...]


def type_history(steps: Iterable[Step], name: str, declared: Mapping[str, Named]) -> TypeHistory:
    """Return the history of one type, the names it had before included; layout and words alone make no version.

    steps: oldest first; declared: all types of the working tree. A meaning that came back stands where it came back.
    Raises UnknownEventType, with the nearest name, for a type that neither is declared nor ever was.
    """
    walked = list(steps)
    known = {*declared, *(stem for step in walked for stem in step.files)}
    if name not in known:
        close = did_you_mean(name, known)
        hint = close[0].upper() + close[1:] if close else "See: ls schemas"
        raise UnknownEventType(f'no type "{name[:80]}" is declared, and none was', hint=hint)
    timeline = Timeline()
    wanted = _named_by(name, walked)
    for step in walked:
        timeline.step(step.id, {stem: text for stem, text in step.files.items() if stem in wanted}, day=step.day)
    past = timeline.versions().get(name, ())
    found = [(version.name, version.day, version.schema) for version in past]
    now = declared.get(name)
    if now is not None and (not past or fingerprint(past[-1].schema) != fingerprint(now)):
        found.append(("", "", now))
    names = {name, *(_name(schema) for _, _, schema in found)}
    commits = [step for step in walked if not names.isdisjoint(step.files)]
    return TypeHistory(
        versions=_numbered(found), first=commits[0] if commits else None, last=commits[-1] if commits else None,
        declared=now is not None, notes=tuple(timeline.notes),
    )  # fmt: skip


def _named_by(name: str, steps: Iterable[Step]) -> set[str]:
    """Return the files that a file names, directly or through others: all that its meaning can depend on, and more.

    A repository has thousands of types; the history of one needs few of them parsed.
    """
    words: dict[str, set[str]] = {}
    files: dict[str, set[str]] = {}
    for step in steps:
        for stem, text in step.files.items():
            files.setdefault(stem.rpartition(".")[2], set()).add(stem)
            words.setdefault(stem, set()).update(word.decode() for word in _WORD.findall(text or b""))
    found, todo = {name}, [name]
    while todo:
        for word in words.get(todo.pop(), ()):
            new = files.get(word.rpartition(".")[2], set()) - found
            found |= new
            todo += new
    return found


def _numbered(found: list[tuple[str, str, Schema]]) -> tuple[TypeVersion, ...]:
    versions: list[TypeVersion] = []
    before: Schema | None = None
    for number, (commit, day, schema) in enumerate(found, 1):
        change = "first" if before is None else _change(before, schema)
        versions.append(
            TypeVersion(
                number=number,
                commit=commit,
                day=day,
                name=_name(schema),
                fingerprint=fingerprint(schema),
                change=change,
            )
        )
        before = schema
    return tuple(versions)


def _change(old: Schema, new: Schema) -> str:
    """Say what every reader there may be would notice, not only what a registry would say."""
    backward, forward = holds(compare(new, old)), holds(compare(old, new))
    if backward and forward:
        return "compatible"
    if backward:
        return "breaks old readers"
    return "breaks new readers" if forward else "breaks both sides"


def _name(schema: Schema) -> str:
    assert isinstance(schema, Named)  # the timeline keeps declarations
    return schema.name
