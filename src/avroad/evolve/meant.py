"""What a writer meant, in the reader's terms: the reader's schema with every silent change of meaning taken out.

Data decoded with it are what a consumer should see: times and decimals as written, whatever unit or scale the reader
claims; fields that were renamed without an alias under their new name; types that were renamed found again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from avroad.codec.names import fields_by_slot
from avroad.contracts.compat.meaning_fields import likely_rename
from avroad.schema import Array, Enum, Field, Fixed, Logical, Map, Named, Primitive, Record, Schema, Union

__all__ = ["meant_reader"]

_N = TypeVar("_N", bound=Named)


def meant_reader(writer: Schema, reader: Schema, *, symbols: bool = False) -> Schema:
    """Return a reader's schema that keeps what `writer` meant, for data of `writer` alone.

    symbols: keep the written enum symbols too, where the reader has its default instead: that is what Avro says, and
    yet the symbol is lost.
    """
    return _Meant(symbols=symbols).schema(writer, reader)


class _Meant:
    def __init__(self, *, symbols: bool) -> None:
        self._symbols = symbols
        self._records: dict[tuple[int, int], Record] = {}

    def schema(self, writer: Schema, reader: Schema) -> Schema:
        if isinstance(reader, Union):
            branches = tuple(self._branch(writer, branch) for branch in reader.branches)
            return replace(reader, branches=branches)
        if isinstance(writer, Union):
            return self._branch(writer, reader)
        if isinstance(reader, Record) and isinstance(writer, Record):
            return self._record(writer, reader)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return replace(reader, items=self.schema(writer.items, reader.items))
        if isinstance(reader, Map) and isinstance(writer, Map):
            return replace(reader, values=self.schema(writer.values, reader.values))
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            return writer if _differ(writer.logical, reader.logical) else reader
        if isinstance(reader, Named) and type(reader) is type(writer):
            assert isinstance(writer, Named)
            found = _known_as(writer, reader)
            if isinstance(found, Fixed) and isinstance(writer, Fixed) and _differ(writer.logical, found.logical):
                found = replace(found, logical=writer.logical)
            if self._symbols and isinstance(found, Enum) and isinstance(writer, Enum):
                missing = tuple(symbol for symbol in writer.symbols if symbol not in found.symbols)
                found = replace(found, symbols=(*found.symbols, *missing))
            return found
        return reader

    def _branch(self, writer: Schema, branch: Schema) -> Schema:
        """Follow the written branch that is read as this one, if there is one."""
        written = writer.branches if isinstance(writer, Union) else (writer,)
        source = next((each for each in written if _alike(each, branch)), None)
        return branch if source is None else self.schema(source, branch)

    def _record(self, writer: Record, reader: Record) -> Record:
        key = (id(writer), id(reader))
        if key not in self._records:
            found = self._records[key] = replace(_known_as(writer, reader))
            sources, _ = fields_by_slot(writer, reader)
            used = {id(source) for source in sources}
            gone = [field for field in writer.fields if id(field) not in used]
            fields = [self._field(field, source, gone) for field, source in zip(reader.fields, sources, strict=True)]
            # A frozen node is completed late: its fields may point back at it.
            object.__setattr__(found, "fields", tuple(fields))
        return self._records[key]

    def _field(self, field: Field, source: Field | None, gone: list[Field]) -> Field:
        if source is None:
            source = likely_rename(field, gone)
            if source is None:
                return field
            gone.remove(source)
            field = replace(field, aliases=(*field.aliases, source.name))
        return replace(field, type=self.schema(source.type, field.type))


def _known_as(writer: Named, reader: _N) -> _N:
    if reader.short_name == writer.short_name or writer.name in reader.aliases:
        return reader
    return replace(reader, aliases=(*reader.aliases, writer.name))


def _differ(written: Logical | None, read: Logical | None) -> bool:
    return written is not None and read is not None and written != read


def _alike(writer: Schema, reader: Schema) -> bool:
    if type(writer) is not type(reader):
        return False
    if isinstance(writer, Primitive):
        assert isinstance(reader, Primitive)
        return writer.name == reader.name
    if isinstance(writer, Named):
        assert isinstance(reader, Named)
        return reader.short_name == writer.short_name or writer.name in reader.aliases
    return True
