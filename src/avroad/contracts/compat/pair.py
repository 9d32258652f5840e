"""One reader and one writer: Java's verdict, what really happens to the data, and whether it means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from avroad.codec import resolve
from avroad.contracts.compat.alike import Alike
from avroad.contracts.compat.branches import intended_branch
from avroad.contracts.compat.findings import Finding, PairReport, Patch, Readable
from avroad.contracts.compat.fixes import advice_for
from avroad.contracts.compat.java import Incompatibility, JavaChecker, JavaFinding, JavaRaises
from avroad.contracts.compat.meaning import meaning_findings
from avroad.contracts.compat.places import Place, joined
from avroad.contracts.rule import Severity
from avroad.errors import render
from avroad.schema import Schema, Union

__all__ = ["compare"]

_MAX_FINDINGS: Final = 1_000
_MAX_CAUSES: Final = 8
_MAX_CAUSE_DEPTH: Final = 6
_CAUSE_BUDGET: Final = 100
_MAX_FIXES: Final = 3


_NOTHING_FOUND: Final = PairReport(compatible=True, safe=True, same_meaning=True, readable=Readable.FULL, findings=())


def compare(reader: Schema, writer: Schema) -> PairReport:
    """Return the three answers for data of `writer` read as `reader`.

    The cost is polynomial in the size of the schemas, however often they use a type. Raises SchemaSyntaxError for
    schemas nested too deeply to walk.
    """
    alike = Alike()
    if not reader.out_of_order and not writer.out_of_order and alike(reader, writer):
        return _NOTHING_FOUND
    compatible: bool | None
    try:
        java = list(islice(JavaChecker(alike).findings(reader, writer), _MAX_FINDINGS + 1))
        compatible, error = not java, ""
    except JavaRaises as raised:
        java, compatible, error = [], None, render(raised)
    causes = _Causes()
    shown = [causes.explained(finding, finding.place) for finding in java[:_MAX_FINDINGS]]
    beyond = meaning_findings(reader, writer, alike)
    unsafe = [finding for finding in beyond if finding.unsafe]
    ours = compatible and all(finding.others_only for finding in unsafe)
    readable = Readable.FULL if ours else _readable(reader, writer)
    if unsafe and readable is Readable.FULL:
        readable = Readable.PARTIAL  # avroad reads all of it, and others do not
    return PairReport(
        compatible=compatible,
        safe=compatible is True and not unsafe,
        same_meaning=not any(finding.shifts for finding in beyond),
        readable=readable,
        findings=(*shown, *beyond),
        left_out=len(java) - len(shown),
        error=error,
    )


def _readable(reader: Schema, writer: Schema) -> Readable:
    conflicts = resolve(writer, reader).conflicts
    if not conflicts:
        return Readable.FULL
    return Readable.PARTIAL if all(conflict.partial for conflict in conflicts) else Readable.INCOMPATIBLE


def _together(causes: tuple[Finding, ...]) -> tuple[str, Patch | None]:
    """Return what removes all causes; no edit where there may be more causes, or they lie in several types."""
    fixes = tuple(dict.fromkeys(cause.fix for cause in causes))
    more = f" And {len(fixes) - _MAX_FIXES} more." if len(fixes) > _MAX_FIXES else ""
    fix = " ".join(fixes[:_MAX_FIXES]) + more
    patches = [cause.patch for cause in causes if cause.patch is not None]
    if len(patches) < len(causes) or len(causes) >= _MAX_CAUSES or len({patch.type for patch in patches}) > 1:
        return fix, None
    operations: list[Mapping[str, Any]] = []
    for patch in patches:
        operations += [operation for operation in patch.operations if operation not in operations]
    set_once = [operation["path"] for operation in operations if not operation["path"].endswith("/-")]
    apart = len(set(set_once)) == len(set_once)
    return fix, Patch(type=patches[0].type, operations=tuple(operations)) if apart else None


class _Causes:
    """Explains findings; below a union it looks into the branch that was meant, inside one budget for a report."""

    def __init__(self) -> None:
        self._left = _CAUSE_BUDGET
        self._known: dict[tuple[int, int], tuple[JavaFinding, ...]] = {}

    def explained(self, finding: JavaFinding, place: Place, depth: int = 0) -> Finding:
        causes: tuple[Finding, ...] = ()
        if finding.kind is Incompatibility.MISSING_UNION_BRANCH and depth < _MAX_CAUSE_DEPTH:
            causes = self._below(finding, place, depth)
        advice = advice_for(finding, place)
        found = Finding(
            rule=finding.kind.value,
            severity=Severity.ERROR,
            type=finding.kind,
            pointer=place.pointer,
            message=finding.message,
            field_path=place.path,
            data=advice.data,
            fix=advice.fix,
            patch=advice.patch,
            causes=causes,
        )
        if found.by_causes:  # the branch is there: mend what it lacks
            fix, patch = _together(causes)
            return replace(found, fix=fix, patch=patch)
        return found

    def _below(self, finding: JavaFinding, place: Place, depth: int) -> tuple[Finding, ...]:
        if self._left <= 0:
            return ()
        self._left -= 1
        reader, writer = finding.reader, finding.writer
        assert isinstance(reader, Union)
        key = (id(reader), id(writer))
        found = self._known.get(key)
        if found is None:
            branch = intended_branch(reader, writer, JavaChecker())
            causes = () if branch is None else islice(JavaChecker().findings(branch, writer), _MAX_CAUSES)
            found = self._known[key] = tuple(causes)
        found = found[: self._left]
        place = place._replace(elsewhere=True)
        return tuple(self.explained(cause, joined(place, cause.place), depth + 1) for cause in found)
