"""What Java's reader takes for what, which is not what Java's checker compares.

A type of a reader's union is found by full name, a record also by its fields, else by promotion; two unions of the
same shape go branch by branch. Names are those of `java_names`.
Source: apache/avro, lang/java, `Resolver.java`, release 1.12.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from avroad.contracts.compat.java import promotes
from avroad.contracts.compat.java_names import JavaNames
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Fixed, Map, Named, Primitive, Record, Schema, Union

__all__ = ["JavaReader"]


class JavaReader:
    """Java's reader for one reader and one writer. names: what it calls the writer's types and fields."""

    def __init__(self, reader: Schema, writer: Schema, *, renames: bool) -> None:
        """Raise RecursionError for schemas nested too deeply to walk. renames: whether the reader has any alias."""
        self.names = JavaNames(reader, writer, renames=renames)
        self._misfits: dict[tuple[int, int], bool] = {}
        self._aligned: dict[tuple[int, int], bool] = {}

    def renames(self, reader: Record, writer: Record) -> bool:
        """Say whether an alias, of this record or of another one, may have a say in which fields are read."""
        another = self.names.type_name(writer) not in {writer.name, reader.name}
        return another or any(field.aliases for field in reader.fields)

    def sources(self, reader: Record, writer: Record) -> list[Field | None]:
        """Return, per reader field, the writer field that Java reads it from; None for one it gives the default."""
        written = dict(zip(self.names.field_names(writer), writer.fields, strict=True))
        return [written.get(field.name) for field in reader.fields]

    def branch(self, reader: Union, writer: Schema) -> Schema | None:
        """Return the branch that takes a type of the writer; None where Java finds none."""
        kind, shape = _kind(writer), None
        name = self.names.type_name(writer) if isinstance(writer, Named) else ""
        for branch in reader.branches:
            if _kind(branch) != kind:
                continue
            if not isinstance(branch, Named) or branch.name == name:
                return branch
            better = shape is None or branch.short_name == _short(name)
            if better and isinstance(branch, Record) and isinstance(writer, Record):
                shape = shape if self._misfit(branch, writer) else branch
        if shape is not None or not isinstance(writer, Primitive):
            return shape
        return next((b for b in reader.branches if isinstance(b, Primitive) and promotes(writer.name, b.name)), None)

    def aligned(self, reader: Union, writer: Union) -> bool:
        """Say whether Java reads one union as the other branch by branch: equal shapes and unqualified names."""
        whole = (id(reader), id(writer))
        if whole not in self._aligned:  # asked for each branch
            seen: dict[tuple[int, int], bool] = {}
            same = self._same_shape(reader, writer, seen)
            self._aligned.update(seen if same else {key: value for key, value in seen.items() if not value})
            self._aligned[whole] = same
        return self._aligned[whole]

    def named_apart(self, reader: Named, writer: Named) -> bool:
        """Say whether Java refuses an enum or fixed for its name, wherever it stands."""
        return _short(self.names.type_name(writer)) != reader.short_name

    def _misfit(self, reader: Record, writer: Record) -> bool:
        """Say whether a record lacks a field, or some field is of a type that cannot be read."""
        key = (id(reader), id(writer))
        known = self._misfits.get(key)
        if known is None:
            self._misfits[key] = False  # a record inside itself fits unless something else in it does not
            sources = self.sources(reader, writer)
            pairs = list(zip(reader.fields, sources, strict=True))
            known = self._misfits[key] = _lacks(pairs) or any(
                source is not None and self._refused(field.type, source.type) for field, source in pairs
            )
        return known

    def _refused(self, reader: Schema, writer: Schema) -> bool:
        """Say whether a field's value is refused at once; what is in items and branches is not looked at."""
        if isinstance(writer, Union):
            return False
        if _kind(reader) == _kind(writer):
            if isinstance(reader, Fixed) and isinstance(writer, Fixed):
                return self.named_apart(reader, writer) or reader.size != writer.size
            if isinstance(reader, Enum) and isinstance(writer, Enum):
                return self.named_apart(reader, writer)
            if isinstance(reader, Record) and isinstance(writer, Record):
                return _lacks(zip(reader.fields, self.sources(reader, writer), strict=True))
            return False
        if isinstance(reader, Union):
            return self.branch(reader, writer) is None
        return not promotes(_kind(writer), _kind(reader))

    def _same_shape(self, reader: Schema, writer: Schema, seen: dict[tuple[int, int], bool]) -> bool:
        if _kind(reader) != _kind(writer):
            return False
        if isinstance(reader, Named) and isinstance(writer, Named) and self.named_apart(reader, writer):
            return False
        if isinstance(reader, Array) and isinstance(writer, Array):
            return self._same_shape(reader.items, writer.items, seen)
        if isinstance(reader, Map) and isinstance(writer, Map):
            return self._same_shape(reader.values, writer.values, seen)
        if isinstance(reader, Fixed) and isinstance(writer, Fixed):
            return reader.size == writer.size
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            return reader.symbols == writer.symbols
        if isinstance(reader, Union) and isinstance(writer, Union):
            return len(reader.branches) == len(writer.branches) and all(
                self._same_shape(one, two, seen) for one, two in zip(reader.branches, writer.branches, strict=True)
            )
        if isinstance(reader, Record) and isinstance(writer, Record):
            return self._same_fields(reader, writer, seen)
        return True

    def _same_fields(self, reader: Record, writer: Record, seen: dict[tuple[int, int], bool]) -> bool:
        key = (id(reader), id(writer))
        known = self._aligned.get(key, seen.get(key))
        if known is None:
            seen[key] = True
            known = seen[key] = [f.name for f in reader.fields] == list(self.names.field_names(writer)) and all(
                self._same_shape(one.type, two.type, seen)
                for one, two in zip(reader.fields, writer.fields, strict=True)
            )
        return known


def _lacks(pairs: Iterable[tuple[Field, Field | None]]) -> bool:
    return any(source is None and field.default is NO_DEFAULT for field, source in pairs)


def _kind(schema: Schema) -> str:
    return schema.name if isinstance(schema, Primitive) else type(schema).__name__


def _short(name: str) -> str:
    return name.rpartition(".")[2]
