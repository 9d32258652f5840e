"""The seven compatibility modes over a subject's versions, and what only a whole history shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avroad.contracts.compat.findings import Finding, PairReport, unseen
from avroad.contracts.compat.pair import compare
from avroad.contracts.compat.places import ROOT, Place
from avroad.contracts.rule import Severity
from avroad.model import Level
from avroad.schema import Array, Field, Map, Record, Schema, Union, fingerprint, named_types

__all__ = ["Comparison", "HistoryReport", "Version", "check_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a subject or of a file. name: as people call it, such as `3` or a commit; deleted: skipped.

    day: since when it is there, as YYYY-MM-DD, "" where nobody knows.
    """

    name: str
    schema: Schema
    deleted: bool = False
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The candidate against one version. backward: the candidate reads the version's data; else the reverse."""

    version: str
    backward: bool
    report: PairReport


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """Every comparison a mode asks for, in the registry's order, and findings about the history as a whole.

    compatible: what a registry in this mode answers; None where Java raises for one of the pairs.
    """

    mode: Level
    comparisons: tuple[Comparison, ...]
    history: tuple[Finding, ...] = ()

    @property
    def compatible(self) -> bool | None:
        """What the registry will say; where Java raises on one pair and refuses another, it is refused."""
        answers = {comparison.report.compatible for comparison in self.comparisons}
        return False if False in answers else None if None in answers else True

    @property
    def safe(self) -> bool:
        """Whether readers read every datum without error and without a wrong value."""
        return all(comparison.report.safe for comparison in self.comparisons)

    @property
    def same_meaning(self) -> bool:
        """Whether no value means something else to a reader."""
        return not self.history and all(comparison.report.same_meaning for comparison in self.comparisons)


def check_history(
    candidate: Schema,
    versions: Sequence[Version],
    mode: Level,
    *,
    compare_pair: Callable[[Schema, Schema], PairReport] = compare,
) -> HistoryReport:
    """Compare a candidate with the versions before it, oldest first in `versions`, as the mode asks.

    Transitive modes compare with every version that is not deleted, newest first, and report all that fail (a
    registry stops at the first); the others with the newest. FULL looks forward first, as registries do.
    compare_pair: (reader, writer) to a report. Raises SchemaSyntaxError for schemas nested too deeply to walk.
    """
    if mode is Level.NONE:
        return HistoryReport(mode=mode, comparisons=())
    kept = [version for version in reversed(versions) if not version.deleted]
    transitive = mode.value.endswith("_TRANSITIVE")
    chosen = kept if transitive else kept[:1]
    kind = mode.value.removesuffix("_TRANSITIVE")
    comparisons: list[Comparison] = []
    for version in chosen:
        if kind in {"FORWARD", "FULL"}:
            report = compare_pair(version.schema, candidate)
            comparisons.append(Comparison(version=version.name, backward=False, report=report))
        if kind in {"BACKWARD", "FULL"}:
            report = compare_pair(candidate, version.schema)
            comparisons.append(Comparison(version=version.name, backward=True, report=report))
    reused = _reused_names(candidate, kept) if transitive else ()
    return HistoryReport(mode=mode, comparisons=tuple(comparisons), history=reused)


def _reused_names(candidate: Schema, newest_first: Sequence[Version]) -> tuple[Finding, ...]:
    """Report fields that were removed and are back with another type: old data of the name means something else."""
    if len(newest_first) < 2:  # noqa: PLR2004 - gone in one, other in one before
        return ()
    latest = _fields(newest_first[0].schema)
    added = {key: field for key, field in _fields(candidate).items() if key not in latest}
    before: dict[tuple[str, str], list[tuple[str, Field]]] = {}
    for version in newest_first[1:] if added else ():
        for key, field in _fields(version.schema).items():
            before.setdefault(key, []).append((version.name, field))
    found: list[Finding] = []
    places: dict[str, Place] = {}
    for (record, name), field in added.items():
        now = fingerprint(field.type) if (record, name) in before else ""
        old = [version for version, other in before.get((record, name), ()) if fingerprint(other.type) != now]
        if not old:
            continue
        places = places or _first_places(candidate)
        found.append(
            unseen(
                "NAME_REUSED",
                places[record],
                severity=Severity.ERROR,
                path=f"{places[record].path}.{name}",
                message=f"field {name} of {record} had another type in version {old[0]}, was removed, and is back",
                data=f"records written with version {old[0]}",
                fix="Take another name for the new field.",
                changes_meaning=True,
            )
        )
    return tuple(found)


def _first_places(schema: Schema) -> dict[str, Place]:
    """Return where each record is first met, nearest to the root."""
    found: dict[str, Place] = {}
    waiting: list[tuple[Schema, Place]] = [(schema, ROOT)]
    for node, place in waiting:  # grows while it is walked
        if isinstance(node, Record) and node.name not in found:
            found[node.name] = place
            waiting += [(field.type, place.field(node, i).below("type")) for i, field in enumerate(node.fields)]
        elif isinstance(node, Union):
            waiting += [(branch, place.below(str(i))) for i, branch in enumerate(node.branches)]
        elif isinstance(node, Array):
            waiting.append((node.items, place.below("items", "[]")))
        elif isinstance(node, Map):
            waiting.append((node.values, place.below("values", "{}")))
    return found


def _fields(schema: Schema) -> dict[tuple[str, str], Field]:
    return {
        (kind.name, field.name): field
        for kind in named_types(schema).values()
        if isinstance(kind, Record)
        for field in kind.fields
    }
