"""Apache Avro Java's `SchemaCompatibility`, exactly: the verdict a registry gives, with its types, paths and messages.

Found here as there: results are remembered per pair of nodes, also while a pair is still being compared (it counts
as compatible, which ends recursion), so that a pair met again repeats its findings with the path of the first time;
a branch of a union is compared with a path of its own, and its findings are dropped for one MISSING_UNION_BRANCH.
Source: apache/avro, lang/java, `SchemaCompatibility.java`, release 1.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from avroad.contracts.compat.alike import Alike
from avroad.contracts.compat.places import ROOT, Place, shown
from avroad.errors import ContractError, SchemaSyntaxError
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Fixed, Map, Named, Primitive, Record, Schema, Union, children

__all__ = ["Incompatibility", "JavaChecker", "JavaFinding", "JavaRaises", "promotes"]

_WIDENS: Final = {
    "long": frozenset({"int"}),
    "float": frozenset({"int", "long"}),
    "double": frozenset({"int", "long", "float"}),
    "bytes": frozenset({"string"}),
    "string": frozenset({"bytes"}),
}
"""Per reader's primitive the writer's that it takes."""


class Incompatibility(StrEnum):
    """The six types of findings Java knows."""

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"


class JavaRaises(ContractError):
    """Java's checker ends with an exception instead of a verdict: two writer fields feed one reader field."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JavaFinding:
    """One finding. reader, writer: the nodes compared; field: the reader's field that has no value."""

    kind: Incompatibility
    place: Place
    message: str
    reader: Schema
    writer: Schema
    field: Field | None = None


_Found: TypeAlias = "tuple[JavaFinding | _Found, ...]"
"""Findings of one pair; those of parts are shared, not copied, since a part may be used in many places."""


class JavaChecker:
    """One comparison with its memory. One thread.

    alike: a memory shared with others that compare the same schemas.
    """

    def __init__(self, alike: Alike | None = None) -> None:
        self._alike = alike or Alike()
        self._known: dict[tuple[int, int], _Found] = {}
        self._later: set[tuple[int, int]] = set()  # pairs of known verdict whose findings nobody has asked for
        self._flat: dict[int, bool] = {}
        self._nodes: list[tuple[Schema, Schema]] = []  # what was compared stays alive, so that its id stays its own

    def compatible(self, reader: Schema, writer: Schema) -> bool:
        """Say whether the reader takes everything the writer may write. Raises as `findings`."""
        return not self._is_put_off(reader, writer) and not self._root(reader, writer)

    def findings(self, reader: Schema, writer: Schema) -> Iterator[JavaFinding]:
        """Yield what stands in the way, in Java's order and with its repetitions.

        Of types used in exponentially many places there are as many findings: take only as many as are needed.
        Raises JavaRaises where Java has no verdict, SchemaSyntaxError for schemas nested too deeply to walk.
        """
        waiting: list[JavaFinding | _Found] = [self._root(reader, writer)]
        while waiting:
            found = waiting.pop()
            if isinstance(found, JavaFinding):
                yield found
            else:
                waiting.extend(reversed(found))

    def _root(self, reader: Schema, writer: Schema) -> _Found:
        try:
            return self._pair(reader, writer, ROOT)
        except JavaRaises:
            self._known.clear()  # pairs that were in progress count as compatible, and were not finished
            raise
        except RecursionError:
            raise SchemaSyntaxError(expected="schemas of moderate depth", found="nesting too deep to walk") from None

    def _pair(self, reader: Schema, writer: Schema, place: Place) -> _Found:
        if isinstance(reader, Primitive) and isinstance(writer, Primitive):
            return _primitives(reader, writer, place)  # Java makes a node per mention: nothing to remember
        key = (id(reader), id(writer))
        known = self._known.get(key)
        if known is None:
            if key in self._later:
                place = ROOT  # where Java met it first
            self._known[key] = ()
            self._nodes.append((reader, writer))
            known = self._known[key] = self._compare(reader, writer, place)
        return known

    def _compare(self, reader: Schema, writer: Schema, place: Place) -> _Found:
        if isinstance(writer, Union):
            return self._writer_union(reader, writer, place)
        if isinstance(reader, Union):
            if any(self._takes(branch, writer) for branch in reader.branches):
                return ()
            return (_lacking(reader, writer, writer, place),)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return self._pair(reader.items, writer.items, place.below("items", "[]"))
        if isinstance(reader, Map) and isinstance(writer, Map):
            return self._pair(reader.values, writer.values, place.below("values", "{}"))
        if isinstance(reader, Fixed) and isinstance(writer, Fixed):
            return (*_names(reader, writer, place), *_sizes(reader, writer, place))
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            return (*_names(reader, writer, place), *_symbols(reader, writer, place))
        if isinstance(reader, Record) and isinstance(writer, Record):
            return (*_names(reader, writer, place), *self._fields(reader, writer, place))
        return (_mismatch(reader, writer, place),)

    def _takes(self, branch: Schema, writer: Schema) -> bool:
        """Say whether a branch of the reader's union does. An unnamed one is met here alone: what is found is lost."""
        if type(branch) is not type(writer) and not isinstance(branch, Named):
            return False
        return not self._is_put_off(branch, writer) and not self._pair(branch, writer, ROOT)

    def _is_put_off(self, reader: Schema, writer: Schema) -> bool:
        """Say whether two records are refused for their names alone; what else is found can wait until it is asked for.

        Unions of many records compare each with each, and all but one of these findings are lost.
        """
        if not isinstance(reader, Record) or not isinstance(writer, Record) or _same_name(reader, writer):
            return False
        key = (id(reader), id(writer))
        if key in self._known or not self._is_flat(reader) or not self._is_flat(writer):
            return False
        self._later.add(key)
        self._nodes.append((reader, writer))
        return True

    def _is_flat(self, record: Record) -> bool:
        """Say whether comparing a record can wait: it raises nothing, and meets no pair that is met elsewhere."""
        known = self._flat.get(id(record))
        if known is None:
            known = self._flat[id(record)] = all(
                not field.aliases and _is_nameless(field.type) for field in record.fields
            )
        return known

    def _writer_union(self, reader: Schema, writer: Union, place: Place) -> _Found:
        found: list[JavaFinding | _Found] = []
        for i, branch in enumerate(writer.branches):
            here = place.branch(i, _branch_name(branch))
            if isinstance(reader, Union):
                if self._pair(reader, branch, ROOT):
                    found.append(_lacking(reader, writer, branch, here))
            elif inner := self._pair(reader, branch, here):
                found.append(inner)
        return tuple(found)

    def _fields(self, reader: Record, writer: Record, place: Place) -> list[JavaFinding | _Found]:
        found: list[JavaFinding | _Found] = []
        written = {field.name: field for field in writer.fields}
        alike = self._alike
        for i, field in enumerate(reader.fields):
            source = _source(field, written, reader, writer)
            if source is not None and (alike(field.type, source.type) or _is_promoted(field.type, source.type)):
                continue
            here = place.field(reader, i)
            if source is not None:
                inner = self._pair(field.type, source.type, here.below("type"))
            elif field.default is not NO_DEFAULT:
                continue
            elif isinstance(field.type, Enum) and field.type.default is not None:
                inner = self._pair(field.type, writer, here.below("type"))
            else:
                found.append(
                    JavaFinding(
                        kind=Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE,
                        place=here,
                        message=field.name,
                        reader=reader,
                        writer=writer,
                        field=field,
                    )
                )
                continue
            if inner:
                found.append(inner)
        return found


def _source(field: Field, written: dict[str, Field], reader: Record, writer: Record) -> Field | None:
    if not field.aliases:
        return written.get(field.name)
    hits = [written[name] for name in (field.name, *dict.fromkeys(field.aliases)) if name in written]
    if len(hits) > 1:
        names = ", ".join(hit.name for hit in hits)
        raise JavaRaises(
            f"field {field.name} of {reader.name} matches several fields of the writer's {writer.name}: {names}",
            hint="Remove the alias that names a field which is still written.",
        )
    return hits[0] if hits else None


def promotes(written: str, read: str) -> bool:
    """Say whether one primitive is promoted to another."""
    return written in _WIDENS.get(read, ())


def _is_promoted(reader: Schema, writer: Schema) -> bool:
    return isinstance(reader, Primitive) and isinstance(writer, Primitive) and promotes(writer.name, reader.name)


def _primitives(reader: Primitive, writer: Primitive, place: Place) -> _Found:
    if reader.name == writer.name or promotes(writer.name, reader.name):
        return ()
    return (_mismatch(reader, writer, place),)


def _mismatch(reader: Schema, writer: Schema, place: Place) -> JavaFinding:
    return JavaFinding(
        kind=Incompatibility.TYPE_MISMATCH,
        place=place,
        message=f"reader type: {_kind(reader)} not compatible with writer type: {_kind(writer)}",
        reader=reader,
        writer=writer,
    )


def _lacking(reader: Union, writer: Schema, branch: Schema, place: Place) -> JavaFinding:
    """`writer` is what Java notes, `branch` what the message and a search for causes are about."""
    return JavaFinding(
        kind=Incompatibility.MISSING_UNION_BRANCH,
        place=place,
        message=f"reader union lacking writer type: {_kind(branch)}",
        reader=reader,
        writer=branch if isinstance(writer, Union) else writer,
    )


def _is_nameless(schema: Schema) -> bool:
    return isinstance(schema, Primitive) or (not isinstance(schema, Named) and all(map(_is_nameless, children(schema))))


def _same_name(reader: Named, writer: Named) -> bool:
    return reader.short_name == writer.short_name or writer.name in reader.aliases


def _names(reader: Named, writer: Named, place: Place) -> _Found:
    if _same_name(reader, writer):
        return ()
    return (
        JavaFinding(
            kind=Incompatibility.NAME_MISMATCH,
            place=place.below("name"),
            message=f"expected: {writer.name}",
            reader=reader,
            writer=writer,
        ),
    )


def _sizes(reader: Fixed, writer: Fixed, place: Place) -> _Found:
    if reader.size == writer.size:
        return ()
    return (
        JavaFinding(
            kind=Incompatibility.FIXED_SIZE_MISMATCH,
            place=place.below("size"),
            message=f"expected: {writer.size}, found: {reader.size}",
            reader=reader,
            writer=writer,
        ),
    )


def _symbols(reader: Enum, writer: Enum, place: Place) -> _Found:
    missing = sorted(set(writer.symbols) - set(reader.symbols), key=_utf16)
    if not missing or reader.default in reader.symbols:
        return ()
    return (
        JavaFinding(
            kind=Incompatibility.MISSING_ENUM_SYMBOLS,
            place=place.below("symbols"),
            message=f"[{', '.join(missing)}]",
            reader=reader,
            writer=writer,
        ),
    )


def _utf16(text: str) -> bytes:
    """Java sorts strings by UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


def _kind(schema: Schema) -> str:
    return (type(schema).__name__ if not isinstance(schema, Primitive) else schema.name).upper()


def _branch_name(branch: Schema) -> str:
    """A branch is named in paths where leaving it out could mean another; null says nothing."""
    return "" if isinstance(branch, Primitive) and branch.name == "null" else f"<{shown(branch)}>"
