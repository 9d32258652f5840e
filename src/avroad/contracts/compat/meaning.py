"""What Java's verdict does not see: values that change their meaning, and readers that fail although it says yes.

One walk over a reader and a writer side by side; each pair of types is looked at once, at the first place where it
occurs, so that the cost is linear in pairs.
"""

from __future__ import annotations

from functools import cached_property

from avroad.contracts.compat.alike import Alike
from avroad.contracts.compat.branches import fits, only_branch, taken_branches
from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.java import JavaChecker
from avroad.contracts.compat.java_names import has_aliases
from avroad.contracts.compat.java_reader import JavaReader
from avroad.contracts.compat.meaning_fields import field_findings, sources_of
from avroad.contracts.compat.meaning_items import item_findings
from avroad.contracts.compat.meaning_names import (
    clash_findings,
    moved_findings,
    named_findings,
    record_findings,
    refused_findings,
)
from avroad.contracts.compat.meaning_types import enum_findings, listed, scalar_findings, widens
from avroad.contracts.compat.meaning_unions import branch_findings, union_findings
from avroad.contracts.compat.places import ROOT, Place
from avroad.contracts.rule import Severity
from avroad.errors import SchemaSyntaxError
from avroad.schema import Array, Enum, Fixed, Map, Named, Primitive, Record, Schema, Union, to_json

__all__ = ["meaning_findings"]


def meaning_findings(reader: Schema, writer: Schema, alike: Alike | None = None) -> tuple[Finding, ...]:
    """Return what Java does not see, in the reader's order.

    alike: a memory shared with others that compare the same schemas.
    Raises SchemaSyntaxError for schemas nested too deeply to walk.
    """
    try:
        walk = _Walk(reader, writer, alike or Alike())
        walk.pair(reader, writer, ROOT)
        walk.end()
    except RecursionError:
        raise SchemaSyntaxError(expected="schemas of moderate depth", found="nesting too deep to walk") from None
    return tuple(walk.found)


class _Walk:
    def __init__(self, reader: Schema, writer: Schema, alike: Alike) -> None:
        self.found: list[Finding] = []
        self._whole = reader, writer
        self._seen: set[tuple[int, int]] = set()
        self._checker = JavaChecker(alike)
        self._renames = has_aliases(reader)
        self._claims = self._renames and self._java.names.claims
        self._same = alike if not self._claims else _never

    @cached_property
    def _java(self) -> JavaReader:
        return JavaReader(*self._whole, renames=self._renames)

    @cached_property
    def _identical(self) -> bool:
        """Whether fastavro, which compares no names of two equal schemas, finds these equal."""
        return to_json(self._whole[0]) == to_json(self._whole[1])

    def pair(self, reader: Schema, writer: Schema, place: Place, *, told: bool = False) -> None:
        """told: whether it was said already that the type moved."""
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            self.found += scalar_findings(reader, writer, place)
            return
        if (id(reader), id(writer)) in self._seen:
            return
        self._seen.add((id(reader), id(writer)))
        if isinstance(writer, Union):
            self._writer_union(reader, writer, place)
        elif isinstance(reader, Union):
            self._into(reader, writer, place)
        elif isinstance(reader, Array) and isinstance(writer, Array):
            self.found += item_findings(reader, writer, place)
            self.pair(reader.items, writer.items, place.below("items", "[]"))
        elif isinstance(reader, Map) and isinstance(writer, Map):
            self.pair(reader.values, writer.values, place.below("values", "{}"))
        elif isinstance(reader, Named) and type(reader) is type(writer):
            assert isinstance(writer, Named)
            self._named(reader, writer, place, told=told)

    def end(self) -> None:
        """Report what is no matter of one place."""
        if self._renames and not any(finding.rule == "ALIAS_COLLISION" for finding in self.found):
            self.found += clash_findings(self._java)
        self.found += _disorder(*self._whole)

    def _named(self, reader: Named, writer: Named, place: Place, *, told: bool) -> None:
        if isinstance(reader, Record) and isinstance(writer, Record):
            self._record(reader, writer, place, told=told)
            return
        if not told:
            self.found += moved_findings(reader, writer, place)
        if self._renames and isinstance(reader, Enum | Fixed) and isinstance(writer, Enum | Fixed):
            self.found += named_findings(reader, writer, place, self._java)
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            self.found += enum_findings(reader, writer, place)
        elif isinstance(reader, Fixed) and isinstance(writer, Fixed):
            self.found += scalar_findings(reader, writer, place)

    def _record(self, reader: Record, writer: Record, place: Place, *, told: bool) -> None:
        sources = sources_of(reader, writer)
        fields = field_findings(reader, writer, sources, place)
        apart: list[Finding] = []
        renamed = self._renames and self._java.renames(reader, writer)
        if renamed and not any(finding.rule == "ALIAS_COLLISION" for finding in fields):
            apart = record_findings(reader, writer, sources, place, self._java)
        if not told and not any(finding.rule == "NAMESPACE_MOVED" for finding in apart):
            apart += moved_findings(reader, writer, place)
        self.found += [*apart, *fields]
        for i, source in enumerate(sources):
            if source is None or self._same(kind := reader.fields[i].type, source.type):
                continue
            if not widens(kind, source.type):
                self.pair(kind, source.type, place.field(reader, i).below("type"))

    def _writer_union(self, reader: Schema, writer: Union, place: Place) -> None:
        if isinstance(reader, Union):
            self.found += union_findings(reader, writer, place)
        for i, branch in enumerate(writer.branches):
            if isinstance(reader, Union):
                self._into(reader, branch, place.below(str(i)), (writer, i))
            else:
                self.pair(reader, branch, place.below(str(i)))

    def _into(self, reader: Union, writer: Schema, place: Place, of: tuple[Union, int] | None = None) -> None:
        """Follow the branches that readers take. of: the writer's union and the branch of it that `writer` is."""
        only = None if self._claims else only_branch(reader, writer)
        if only is not None:
            if isinstance(writer, Primitive) or fits(self._checker, only, writer):
                self.pair(only, writer, place)
            return
        java = self._java_branch(reader, writer, of)
        taken = taken_branches(reader, writer, self._checker, java)
        if taken.fastavro is not java and self._identical:
            taken = taken._replace(fastavro=java)
        divided = branch_findings(taken, writer, place)
        refused = refused_findings(taken, writer, place, self._java)
        self.found += [*divided, *refused]
        followed = [b for b in (taken.java, taken.avroad, taken.fastavro) if b is not None and b in taken.fitting]
        for branch in dict.fromkeys(followed[:1] if divided else followed):
            self.pair(branch, writer, place, told=bool(refused))

    def _java_branch(self, reader: Union, writer: Schema, of: tuple[Union, int] | None) -> Schema | None:
        if of is not None and len(of[0].branches) == len(reader.branches) and self._java.aligned(reader, of[0]):
            return reader.branches[of[1]]
        return self._java.branch(reader, writer)


def _never(_one: Schema, _two: Schema) -> bool:
    """No part is left out for being the same where an alias may rename a type in it."""
    return False


def _disorder(reader: Schema, writer: Schema) -> list[Finding]:
    """Report a schema with declarations that only Java's parser takes."""
    return [
        unseen(
            "DECLARED_OUT_OF_ORDER",
            ROOT,
            severity=Severity.ERROR,
            message=f"the {side}'s schema uses {listed(schema.out_of_order)} too early, or declares it twice",
            data="every value: Python libraries refuse the schema",
            fix="Declare each type once, where its name is used first.",
            others_only=True,
        )
        for side, schema in (("reader", reader), ("writer", writer))
        if schema.out_of_order
    ]
