"""Schema resolution: from a writer's and a reader's schema to one plan.

Names match as Java's checker has it: equal unqualified names, or the writer's full name among the reader's
aliases. A reader's union takes the branch of the same type (of named types the one of the same full name before
one of the same unqualified name), then the first branch a promotion reaches, as Java's readers choose.
Logical types are the reader's. Another unit, kind or scale is a conflict, never a silent shift, unless the reader's
type declares it: `"avroad.converts": ["timestamp-millis"]` beside `"logicalType": "timestamp-micros"` lists what it
also reads, as a conflict names it. Such values are converted exactly or refused.
Source: Avro specification 1.12, Schema Resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avroad.codec.conversions import conversion_word, is_declared, narrowed
from avroad.codec.finite import is_finite
from avroad.codec.names import fields_by_slot
from avroad.codec.plan import (
    Branches,
    Chosen,
    Conflict,
    Entries,
    Fields,
    FixedBytes,
    Items,
    Node,
    Plan,
    Scalar,
    Slot,
    Step,
    Symbols,
    Unreadable,
    parts,
)
from avroad.errors import SchemaSyntaxError
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Schema,
    Union,
    default_problem,
    fingerprint,
)

__all__ = ["resolve"]

_PROMOTIONS: Final[Mapping[str, frozenset[str]]] = {
    "int": frozenset({"long", "float", "double"}),
    "long": frozenset({"float", "double"}),
    "float": frozenset({"double"}),
    "string": frozenset({"bytes"}),
    "bytes": frozenset({"string"}),
}
_MAX_LOOKS: Final = 300_000
"""What choosing among branches of one unqualified name may take in all, in types compared: some 0.2 seconds."""
_LOOKS_OF_A_TRIAL: Final = 10


def resolve(writer: Schema, reader: Schema) -> Plan:
    """Return the plan that reads data of `writer` as `reader`; it always exists, its conflicts say what it cannot.

    The work is linear in pairs of named types. Where trying which of many branches of one unqualified name fits would
    take long, that is a conflict. Raises SchemaSyntaxError for schemas nested too deeply to walk.
    """
    try:
        if writer is not reader and _may_mean_the_same(writer, reader) and fingerprint(writer) == fingerprint(reader):
            writer = reader  # the same meaning: aliases are no rename of anything
        root = _Resolver().node(writer, reader)
        return Plan(writer=writer, reader=reader, root=root, conflicts=_conflicts(root))
    except RecursionError:
        raise SchemaSyntaxError(expected="a schema of moderate depth", found="nesting too deep to walk") from None


def _may_mean_the_same(one: Schema, two: Schema) -> bool:
    """A look at the outside, which spares most pairs their fingerprints."""
    if isinstance(one, Record) and isinstance(two, Record):
        same = one.name == two.name and len(one.fields) == len(two.fields)
        return same and all(map(_same_outside, one.fields, two.fields))
    return type(one) is type(two)


def _same_outside(one: Field, two: Field) -> bool:
    return one.name == two.name and type(one.type) is type(two.type)


class _Misfit(Exception):
    """A branch that is being tried cannot read everything."""


class _Resolver:
    """One resolution; each pair of records is resolved once, which also ends recursion."""

    def __init__(self) -> None:
        self._records: dict[tuple[int, int], Fields] = {}
        self._branches: dict[int, dict[str | type, list[int]]] = {}
        # While a branch is tried: how many such trials are in each other, the pairs that fitted, those that did not.
        self._trials = 0
        self._fitting: set[tuple[int, int]] = set()
        self._misfits: set[tuple[int, int]] = set()
        self._looks = 0

    def node(self, writer: Schema, reader: Schema) -> Node:
        """Return the node of a pair. While a branch is tried, raise _Misfit for the first conflict."""
        if not self._trials:
            return self._node(writer, reader)
        self._look(1)
        node = self._node(writer, reader)
        if _own_conflicts(node, "", partial=True):
            raise _Misfit
        return node

    def _node(self, writer: Schema, reader: Schema) -> Node:
        if isinstance(writer, Union):
            return self._writer_union(writer, reader)
        if isinstance(reader, Union):
            return self._reader_union(writer, reader)
        if isinstance(writer, Primitive):
            return _primitive(writer, reader)
        if isinstance(writer, Array) and isinstance(reader, Array):
            return Items(item=self.node(writer.items, reader.items))
        if isinstance(writer, Map) and isinstance(reader, Map):
            return Entries(value=self.node(writer.values, reader.values))
        if isinstance(writer, Named) and isinstance(reader, Named) and type(writer) is type(reader):
            return self._named(writer, reader)
        return _mismatch(writer, reader)

    def _writer_union(self, writer: Union, reader: Schema) -> Node:
        if writer is reader:
            branches = tuple(
                Chosen(node=self.node(branch, branch), union=writer, branch=i)
                for i, branch in enumerate(writer.branches)
            )
            return Branches(union=writer, branches=branches)
        return Branches(union=writer, branches=tuple(self.node(branch, reader) for branch in writer.branches))

    def _reader_union(self, writer: Schema, reader: Union) -> Node:
        near = {i for key in _wanted(writer) for i in self._by_key(reader).get(key, ())}
        ranked = sorted((rank, i) for i in near if (rank := _rank(writer, reader.branches[i])) is not None)
        if not ranked:
            names = ", ".join(_shown(branch) for branch in reader.branches)
            return Unreadable(expected=f"one of the reader's branches {names}", found=_shown(writer))
        best = [i for rank, i in ranked if rank == ranked[0][0]]
        for i in best if len(best) > 1 else ():
            node = self._whole(writer, reader.branches[i])
            if node is not None:
                return Chosen(node=node, union=reader, branch=i)
        if len(best) > 1 and self._looks > _MAX_LOOKS:
            expected = f"branches named {_shown(reader.branches[best[0]])} that are few or differ soon"
            return Unreadable(expected=expected, found=f"more than {_MAX_LOOKS} types to compare")
        if len(best) > 1 and self._trials:
            raise _Misfit
        return Chosen(node=self.node(writer, reader.branches[best[0]]), union=reader, branch=best[0])

    def _whole(self, writer: Schema, branch: Schema) -> Node | None:
        """Return the node when all data of `writer` can be read as `branch`; given up at the first conflict."""
        if (id(writer), id(branch)) in self._misfits or self._looks > _MAX_LOOKS:
            return None
        self._looks += _LOOKS_OF_A_TRIAL
        before = len(self._records)
        self._trials += 1
        try:
            return self.node(writer, branch)
        except _Misfit:
            self._misfits.add((id(writer), id(branch)))
            while len(self._records) > before:
                self._fitting.discard(self._records.popitem()[0])
            return None
        finally:
            self._trials -= 1
            if not self._trials:
                self._fitting.clear()

    def _look(self, work: int) -> None:
        """Count what a trial compares, and give it up when all trials have compared too much."""
        self._looks += work
        if self._looks > _MAX_LOOKS:
            raise _Misfit

    def _by_key(self, union: Union) -> dict[str | type, list[int]]:
        """Return the branches by what could find them, so that two long unions are not compared pair by pair."""
        if id(union) not in self._branches:
            found: dict[str | type, list[int]] = {}
            for i, branch in enumerate(union.branches):
                for key in _keys(branch):
                    found.setdefault(key, []).append(i)
            self._branches[id(union)] = found
        return self._branches[id(union)]

    def _named(self, writer: Named, reader: Named) -> Node:
        if not _same_name(writer, reader):
            expected = f"{_shown(reader)} or one of its aliases"
            return Unreadable(expected=expected, found=_shown(writer))
        if isinstance(writer, Enum) and isinstance(reader, Enum):
            known = set(reader.symbols)
            read = tuple(symbol if symbol in known else reader.default for symbol in writer.symbols)
            return Symbols(name=reader.name, written=writer.symbols, read=read)
        if isinstance(writer, Fixed) and isinstance(reader, Fixed):
            return _fixed(writer, reader)
        assert isinstance(writer, Record)  # the only other kind with a name
        assert isinstance(reader, Record)
        return self._record(writer, reader)

    def _record(self, writer: Record, reader: Record) -> Node:
        pair = id(writer), id(reader)
        known = self._records.get(pair)
        if known is not None:
            if self._trials and pair not in self._fitting:
                self._refuse_flawed(known)
            return known
        if self._trials:
            self._look((len(writer.fields) + len(reader.fields)) // 4)
        sources, wrong = fields_by_slot(writer, reader)
        missing = _missing(reader, sources, wrong)
        if missing and self._trials:
            raise _Misfit
        node = Fields(name=reader.name, written=writer.name)
        self._records[pair] = node
        slot_of = {source.name: i for i, source in enumerate(sources) if source is not None}
        steps = []
        for field in writer.fields:
            slot = slot_of.get(field.name)
            target = field.type if slot is None else reader.fields[slot].type
            steps.append(Step(name=field.name, node=self.node(field.type, target), slot=slot))
        # The one place where a frozen node is completed late: its steps may point back at it.
        slots = tuple(Slot(name=field.name, type=field.type, default=field.default) for field in reader.fields)
        object.__setattr__(node, "steps", tuple(steps))
        object.__setattr__(node, "slots", slots)
        object.__setattr__(node, "missing", missing)
        if self._trials:
            self._fitting.add(pair)
        return node

    def _refuse_flawed(self, node: Node) -> None:
        """Raise _Misfit for a conflict anywhere in a node that was made before the branch was tried."""
        seen: set[int] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if id(one) not in seen:
                seen.add(id(one))
                self._look(1)
                if _own_conflicts(one, "", partial=True):
                    raise _Misfit
                waiting.extend(child for _, child in parts(one))


def _missing(
    reader: Record, sources: list[Field | None], ambiguous: list[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return the reader's fields that have no value, each (name, why)."""
    missing = list(ambiguous)
    refused = {name for name, _ in ambiguous}
    for field, source in zip(reader.fields, sources, strict=True):
        if source is not None or field.name in refused:
            continue
        if field.default is NO_DEFAULT:
            missing.append((field.name, "none, and the field has no default"))
        elif default_problem(field.type, field.default, "$") is not None:
            missing.append((field.name, "a default that is not of the field's type"))
    return tuple(missing)


def _primitive(writer: Primitive, reader: Schema) -> Node:
    if not isinstance(reader, Primitive):
        return _mismatch(writer, reader)
    if writer.name != reader.name and reader.name not in _PROMOTIONS.get(writer.name, frozenset()):
        return _mismatch(writer, reader)
    changed = _changed_meaning(writer, reader)
    if changed is not None:
        return changed
    finite = is_finite(reader) and writer.name in {"float", "double"}  # a promoted integer always is
    return Scalar(
        wire=writer.name, read=reader.name, logical=reader.logical, written=writer.logical,
        finite=finite, promised=is_finite(writer),
    )  # fmt: skip


def _fixed(writer: Fixed, reader: Fixed) -> Node:
    if writer.size != reader.size:
        return Unreadable(expected=f"{reader.size} bytes of {reader.name}", found=f"{writer.size} bytes")
    changed = _changed_meaning(writer, reader)
    if changed is not None:
        return changed
    return FixedBytes(name=reader.name, size=reader.size, logical=reader.logical, written=writer.logical)


def _changed_meaning(writer: Primitive | Fixed, reader: Primitive | Fixed) -> Unreadable | None:
    """Java would apply the reader's logical type and Python libraries the writer's: the same bytes, two meanings."""
    written, read = writer.logical, reader.logical
    if written is None or read is None or (written.name, written.scale) == (read.name, read.scale):
        return None
    if is_declared(reader, written):
        return None
    return Unreadable(expected=conversion_word(read), found=conversion_word(written), meaning=True)


def _rank(writer: Schema, branch: Schema) -> int | None:
    """Return how well a branch of the reader's union fits, best 0, None when it does not."""
    if isinstance(writer, Primitive):
        if not isinstance(branch, Primitive):
            return None
        if writer.name == branch.name:
            return 0
        return 2 if branch.name in _PROMOTIONS.get(writer.name, frozenset()) else None
    if type(writer) is not type(branch):
        return None
    if isinstance(writer, Named) and isinstance(branch, Named):
        if writer.name == branch.name or writer.name in branch.aliases:
            return 0
        return 1 if _same_name(writer, branch) else None
    return 0


def _keys(branch: Schema) -> frozenset[str | type]:
    if isinstance(branch, Named):
        return frozenset({branch.short_name, *branch.aliases})
    return frozenset({branch.name if isinstance(branch, Primitive) else type(branch)})


def _wanted(writer: Schema) -> frozenset[str | type]:
    if isinstance(writer, Named):
        return frozenset({writer.short_name, writer.name})
    if isinstance(writer, Primitive):
        return frozenset({writer.name, *_PROMOTIONS.get(writer.name, frozenset())})
    return frozenset({type(writer)})


def _same_name(writer: Named, reader: Named) -> bool:
    return writer.short_name == reader.short_name or writer.name in reader.aliases


def _mismatch(writer: Schema, reader: Schema) -> Unreadable:
    return Unreadable(expected=_shown(reader), found=_shown(writer))


def _shown(schema: Schema) -> str:
    if isinstance(schema, Primitive):
        return schema.name
    kind = type(schema).__name__.lower()
    return f"{kind} {schema.name}" if isinstance(schema, Named) else kind


def _conflicts(root: Node) -> tuple[Conflict, ...]:
    """Return what cannot be read, each place once; a shared type is reported at its first place only."""
    found: list[Conflict] = []
    seen: set[tuple[int, bool]] = set()

    def visit(node: Node, path: str, partial: bool) -> None:  # noqa: FBT001 - a local walk
        if (id(node), partial) in seen:
            return
        seen.add((id(node), partial))
        found.extend(_own_conflicts(node, path, partial=partial))
        some = partial or isinstance(node, Items | Entries) or (isinstance(node, Branches) and len(node.branches) > 1)
        for part, child in parts(node):
            visit(child, f"{path}{part}", some)

    visit(root, "$", False)  # noqa: FBT003 - a local walk
    return tuple(dict.fromkeys(found))


def _own_conflicts(node: Node, path: str, *, partial: bool) -> list[Conflict]:
    if isinstance(node, Unreadable):
        some = partial and not node.meaning
        return [Conflict(path=path, expected=node.expected, found=node.found, partial=some, meaning=node.meaning)]
    if isinstance(node, Symbols):
        lost = [s for s, r in zip(node.written, node.read, strict=True) if r is None]
        expected = f"symbols of {node.name}, which has no default symbol"
        return [Conflict(path=path, expected=expected, found=", ".join(lost), partial=True)] if lost else []
    if isinstance(node, Fields):
        return [
            Conflict(path=f"{path}.{name}", expected=f"a value for {name} of {node.name}", found=why, partial=partial)
            for name, why in node.missing
        ]
    if isinstance(node, Scalar | FixedBytes) and (less := narrowed(node.written, node.logical)):
        return [Conflict(path=path, expected=less[0], found=less[1], partial=True)]
    if isinstance(node, Scalar) and node.finite and not node.promised:
        return [Conflict(path=path, expected="finite numbers", found=f"any {node.wire}", partial=True)]
    return []
