"""What Java's verdict does not see: values that change their meaning, and readers that fail although it says yes.

One walk over a reader and a writer side by side; each pair of types is looked at once, at the first place where it
occurs, so that the cost is linear in pairs.
"""

from __future__ import annotations

from avroad.contracts.compat.alike import Alike
from avroad.contracts.compat.branches import misleading_branch, reached_branches
from avroad.contracts.compat.findings import Finding
from avroad.contracts.compat.java import JavaChecker
from avroad.contracts.compat.meaning_fields import field_findings, sources_of
from avroad.contracts.compat.meaning_types import (
    ambiguity_findings,
    enum_findings,
    moved_findings,
    scalar_findings,
    union_findings,
)
from avroad.contracts.compat.places import ROOT, Place
from avroad.errors import SchemaSyntaxError
from avroad.schema import Array, Enum, Fixed, Map, Named, Primitive, Record, Schema, Union

__all__ = ["meaning_findings"]


def meaning_findings(reader: Schema, writer: Schema, alike: Alike | None = None) -> tuple[Finding, ...]:
    """Return what Java does not see, in the reader's order.

    alike: a memory shared with others that compare the same schemas.
    Raises SchemaSyntaxError for schemas nested too deeply to walk.
    """
    walk = _Walk(alike or Alike())
    try:
        walk.pair(reader, writer, ROOT, nullable=False)
    except RecursionError:
        raise SchemaSyntaxError(expected="schemas of moderate depth", found="nesting too deep to walk") from None
    return tuple(walk.found)


class _Walk:
    def __init__(self, alike: Alike) -> None:
        self.found: list[Finding] = []
        self._seen: set[tuple[int, int]] = set()
        self._alike = alike
        self._java = JavaChecker(alike)

    def pair(self, reader: Schema, writer: Schema, place: Place, *, nullable: bool) -> None:
        """nullable: whether the reader's node stands in a union and the writer's does not."""
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            self.found += scalar_findings(reader, writer, place)
            return
        if (id(reader), id(writer)) in self._seen:
            return
        self._seen.add((id(reader), id(writer)))
        if isinstance(writer, Union):
            self._writer_union(reader, writer, place)
        elif isinstance(reader, Union):
            self._into(reader, writer, place, plain=True)
        elif isinstance(reader, Array) and isinstance(writer, Array):
            self.pair(reader.items, writer.items, place.below("items", "[]"), nullable=False)
        elif isinstance(reader, Map) and isinstance(writer, Map):
            self.pair(reader.values, writer.values, place.below("values", "{}"), nullable=False)
        elif isinstance(reader, Named) and type(reader) is type(writer):
            assert isinstance(writer, Named)
            self._named(reader, writer, place, nullable=nullable)

    def _named(self, reader: Named, writer: Named, place: Place, *, nullable: bool) -> None:
        self.found += moved_findings(reader, writer, place, nullable=nullable)
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            self.found += enum_findings(reader, writer, place)
        elif isinstance(reader, Fixed) and isinstance(writer, Fixed):
            self.found += scalar_findings(reader, writer, place)
        elif isinstance(reader, Record) and isinstance(writer, Record):
            self.found += field_findings(reader, writer, place)
            for i, source in enumerate(sources_of(reader, writer)):
                if source is not None and not self._alike(reader.fields[i].type, source.type):
                    self.pair(reader.fields[i].type, source.type, place.field(reader, i).below("type"), nullable=False)

    def _writer_union(self, reader: Schema, writer: Union, place: Place) -> None:
        if isinstance(reader, Union):
            self.found += union_findings(reader, writer, place)
        for i, branch in enumerate(writer.branches):
            here = place.below(str(i))
            if isinstance(reader, Union):
                self._into(reader, branch, here, plain=False)
            else:
                self.pair(reader, branch, here, nullable=False)

    def _into(self, reader: Union, writer: Schema, place: Place, *, plain: bool) -> None:
        """Follow the branch that readers take: the first that fits."""
        reached = reached_branches(reader, writer, self._java)
        misleading = misleading_branch(reader, writer, reached)
        self.found += ambiguity_findings(reached, writer, place, misleading)
        if reached and misleading is None:
            self.pair(reached[0], writer, place, nullable=plain)
