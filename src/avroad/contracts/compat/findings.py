"""What a comparison of two schemas says, as values: three answers, and findings with their reason and their cure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from avroad.contracts.compat.java import Incompatibility
from avroad.contracts.compat.places import Place
from avroad.contracts.rule import Severity

__all__ = ["Finding", "PairReport", "Patch", "Readable", "unseen"]


class Readable(StrEnum):
    """How much of the writer's data is read: all of it by every reader, some, or none by avroad's own."""

    FULL = "full"
    PARTIAL = "partial"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """An edit of one named type's declaration that cures a finding: JSON Patch operations (RFC 6902).

    type: full name of the type to edit, "" for a schema without a name; operations: paths start at its declaration.
    """

    type: str
    operations: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that stands between a writer's data and a reader.

    rule: its id, which `avroad schema explain` describes; type, pointer, message: Java's words for it, type None when
    Java does not see it; field_path: where, by names; data: what the data looks like that breaks or changes; fix: what
    to do, as a sentence; patch: the same as an edit, where one edit does it; causes: for a branch of a union, why the
    branch that was meant does not fit; unsafe: whether some reader fails on it or reads a wrong value; others_only:
    whether avroad's own readers are right all the same; changes_meaning: whether a value read means something else.
    """

    rule: str
    severity: Severity
    type: Incompatibility | None
    pointer: str
    message: str
    field_path: str
    data: str
    fix: str
    patch: Patch | None = None
    causes: tuple[Finding, ...] = ()
    unsafe: bool = True
    others_only: bool = False
    changes_meaning: bool = False

    @property
    def leaves(self) -> tuple[Finding, ...]:
        """What it comes down to: the causes of its causes, or itself."""
        return tuple(leaf for cause in self.causes for leaf in cause.leaves) or (self,)

    @property
    def by_causes(self) -> bool:
        """Whether what is to be done is to mend its causes; not where the branch that comes nearest is another type."""
        return bool(self.causes) and not (
            self.causes[0].type is Incompatibility.TYPE_MISMATCH and self.causes[0].pointer == self.pointer
        )

    @property
    def cures(self) -> tuple[str, ...]:
        """What is to be done, as often as it has causes."""
        return tuple(cure for cause in self.causes for cure in cause.cures) if self.by_causes else (self.fix,)

    @property
    def shifts(self) -> bool:
        """Whether it says for certain that a value means something else."""
        return self.changes_meaning and self.severity is Severity.ERROR


def unseen(
    rule: str,
    place: Place,
    *,
    message: str,
    data: str,
    fix: str,
    severity: Severity = Severity.WARNING,
    path: str = "",
    patch: Patch | None = None,
    unsafe: bool = True,
    others_only: bool = False,
    changes_meaning: bool = False,
) -> Finding:
    """Return a finding about what Java does not see. path: by names, where it is not the place's own."""
    return Finding(
        rule=rule,
        severity=severity,
        type=None,
        pointer=place.pointer,
        message=message,
        field_path=path or place.path,
        data=data,
        fix=fix,
        patch=patch,
        unsafe=unsafe,
        others_only=others_only,
        changes_meaning=changes_meaning,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReport:
    """The answers for one reader and one writer.

    compatible: Java's verdict, None where Java raises (`error` then says why); safe: every reader, in Java and in
    Python, reads every datum without error and without a wrong value. Readers are Apache Avro's for Java (1.12.2, as it
    is set up by default), fastavro and avroad; of Apache avro for Python only the branches that it takes by name, since
    it refuses much that the specification allows (aliases, other namespaces, promoted text and items). same_meaning: no
    value means something else; readable: FULL where all readers take all data, INCOMPATIBLE where avroad's takes none;
    findings: Java's first, in its order, then what Java does not see; left_out: how many more of Java's there are, at
    least (types used in very many places repeat theirs).
    """

    compatible: bool | None
    safe: bool
    same_meaning: bool
    readable: Readable
    findings: tuple[Finding, ...]
    left_out: int = 0
    error: str = ""

    @property
    def told(self) -> tuple[Finding, ...]:
        """What makes data unreadable or wrong, without what is only worth knowing."""
        return tuple(
            finding for finding in self.findings if finding.type is not None or finding.unsafe or finding.shifts
        )

    def without(self, rules: Collection[str]) -> PairReport:
        """Return the report for readers whom these rules do not concern; Java's own findings stay."""
        kept = tuple(finding for finding in self.findings if finding.type is not None or finding.rule not in rules)
        if len(kept) == len(self.findings):
            return self
        unsafe = any(finding.unsafe for finding in kept)
        safe = self.compatible is True and not unsafe
        return replace(
            self,
            safe=safe,
            same_meaning=not any(finding.shifts for finding in kept),
            readable=Readable.FULL if safe else self.readable,
            findings=kept,
        )
