"""What changed from one schema to another, place by place: cosmetic, compatible or breaking, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from avroad.contracts.compat.findings import Finding
from avroad.contracts.compat.pair import compare
from avroad.contracts.compat.walk_changes import RawChange, raw_changes
from avroad.contracts.rule import Severity
from avroad.schema import Schema

__all__ = ["Change", "Difference", "Effect", "difference"]


_STEP: Final = re.compile(r"[.\[{<]")
"""Where one step of a path by names ends and the next begins."""


class Effect(StrEnum):
    """COSMETIC: no reader notices; COMPATIBLE: data are read as they were meant; BREAKING: some are not."""

    COSMETIC = "cosmetic"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. path: by the new names; what: in words; rules: what the comparisons say of it.

    breaks_new: readers with the new schema fail on old data, or read them wrong; breaks_old: the other way round.
    misread_new, misread_old: these readers do not fail; what they read means something else.
    """

    path: str
    what: str
    effect: Effect
    breaks_new: bool = False
    breaks_old: bool = False
    misread_new: bool = False
    misread_old: bool = False
    rules: tuple[str, ...] = ()

    @property
    def harm(self) -> str:
        """For whom it breaks, and who misreads, in words; "" when nobody."""
        sides = (("new", self.breaks_new, self.misread_new), ("old", self.breaks_old, self.misread_old))
        fails = " and ".join(name for name, broken, misread in sides if broken and not misread)
        misreads = " and ".join(name for name, broken, misread in sides if broken and misread)
        words = (f"breaks {fails} readers" * bool(fails), f"misread by {misreads} readers" * bool(misreads))
        return ", ".join(filter(None, words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All changes, and whether data go through: backward for new readers of old data, forward for the reverse.

    Both are Java's verdict, None where Java raises.
    """

    changes: tuple[Change, ...]
    backward: bool | None
    forward: bool | None


def difference(old: Schema, new: Schema) -> Difference:
    """Return what changed from `old` to `new`, by meaning; a type used in several places is reported once."""
    backward, forward = compare(new, old), compare(old, new)
    found = [(finding, True) for finding in _flat(backward.findings)]
    found += [(finding, False) for finding in _flat(forward.findings)]
    places = _Places(found)
    changes: list[Change] = []
    told: set[tuple[str, str]] = set()
    for change in raw_changes(old, new):
        mine = places.about(change)
        told.update((finding.rule, finding.message) for finding, _ in mine)
        changes.append(_judged(change, mine))
    for finding, new_side in found:  # what no single edit explains, such as two aliases that collide
        if finding.severity is Severity.ERROR and (finding.rule, finding.message) not in told:
            told.add((finding.rule, finding.message))
            changes.append(_unexplained(finding, new_side=new_side))
    return Difference(changes=tuple(changes), backward=backward.compatible, forward=forward.compatible)


def _flat(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, those below a union instead of the union where there are some."""
    for finding in findings:
        if finding.causes:
            yield from _flat(finding.causes)
        else:
            yield finding


class _Places:
    """What was found, by place: a change asks for its own, of which there may be thousands."""

    def __init__(self, found: Sequence[tuple[Finding, bool]]) -> None:
        self._found = found
        self._at: dict[str, list[int]] = {}
        self._below: dict[str, list[int]] = {}  # at the place, or below it
        for i, (finding, _) in enumerate(found):
            path = finding.field_path
            self._at.setdefault(path, []).append(i)
            for place in (path, *(path[: match.start()] for match in _STEP.finditer(path))):
                self._below.setdefault(place, []).append(i)

    def about(self, change: RawChange) -> list[tuple[Finding, bool]]:
        """Return what concerns a change, in the order in which it was found."""
        if change.cosmetic or change.breaks_nothing:
            return []
        places = self._below if change.whole else self._at
        mine = {i for path in (change.path, change.old_path) for i in places.get(path, ())}
        return [self._found[i] for i in sorted(mine)]


def _judged(change: RawChange, mine: list[tuple[Finding, bool]]) -> Change:
    if change.cosmetic:
        return Change(path=change.path, what=change.what, effect=Effect.COSMETIC)
    bad = {new_side for finding, new_side in mine if finding.severity is Severity.ERROR}
    fails = {new_side for finding, new_side in mine if finding.severity is Severity.ERROR and _fails(finding)}
    return Change(
        path=change.path,
        what=change.what,
        effect=Effect.BREAKING if bad else Effect.COMPATIBLE,
        breaks_new=True in bad,
        breaks_old=False in bad,
        misread_new=True in bad - fails,
        misread_old=False in bad - fails,
        rules=tuple(
            dict.fromkeys(
                finding.rule for finding, new_side in mine if new_side or finding.severity is not Severity.INFO
            )
        ),  # a note of the other direction is about the reverse of the change
    )


def _unexplained(finding: Finding, *, new_side: bool) -> Change:
    return Change(
        path=finding.field_path,
        what=finding.message,
        effect=Effect.BREAKING,
        breaks_new=new_side,
        breaks_old=not new_side,
        misread_new=new_side and not _fails(finding),
        misread_old=not new_side and not _fails(finding),
        rules=(finding.rule,),
    )


def _fails(finding: Finding) -> bool:
    """Return whether some reader fails or reads a wrong value, rather than a right one that means something else."""
    return finding.type is not None or finding.unsafe
