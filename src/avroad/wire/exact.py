"""Data that keep the branch of every union, so that what was read is written again byte for byte.

Plain data cannot tell an int from a long, or two times of different units: for programs that is as it should be, for
a copy it is not. Only where a union holds such branches, each of them is read as a record of one field, which takes
no byte of its own on the wire: `(name, {name: value})`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from avroad.codec import Accept, Decoder, Encoder, decoder_for, encoder_for, resolve
from avroad.codec.plan import Branches, Chosen, Entries, Fields, Items, Node, Plan, Slot, Step
from avroad.codec.unions import Branch, branches_of
from avroad.errors import EncodeError
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Field,
    Json,
    Limits,
    Map,
    Record,
    Schema,
    Union,
    default_branch,
    default_problem,
)
from avroad.schema.walk import children

__all__ = ["Exact"]

_MARK: Final = re.compile(r"\.#\d+_\d+")


class Exact:
    """Reads data of `writer` as `schema` (the writer's own when None) and writes data of `schema`, branches kept.

    Data are plain, but for unions: `mark` and `unmark` say how their values look. The encoder is compiled when it is
    first needed. accept: as in `decoder_for`. Not thread-safe.
    Raises IncompatibleSchema and SchemaSyntaxError as `decoder_for` does.
    """

    def __init__(
        self,
        schema: Schema,
        writer: Schema | None = None,
        *,
        limits: Limits | None = None,
        accept: Collection[Accept] = (),
    ) -> None:
        self.schema = schema
        source = schema if writer is None else writer
        self._decode = decoder_for(source, schema, limits=limits, accept=accept).decode
        self._limits = limits
        self._shapes: dict[int, tuple[Branch, ...]] = {}
        self._marked: _Marked | None = None
        self._decode_marked: Any = None
        self._encoder: Encoder | None = None
        if any(self._confusable(union) for union in _unions(schema)):
            self._marked = _Marked()
            self._marked.schema(schema)
            self._decode_marked = Decoder(self._marked.plan(resolve(source, schema)), {}, frozenset(accept)).decode

    def decode(self, payload: bytes, start: int = 0) -> Any:  # noqa: ANN401 - any datum
        """Return the datum that begins at `start` and ends with the payload. Raises DecodeError."""
        datum = self._decode(payload, start)  # the verdict is the decoder's that everybody uses
        return datum if self._marked is None else self._decode_marked(payload, start)

    def encode(self, datum: Any) -> bytes:  # noqa: ANN401 - any datum
        """Return the body of a datum whose unions are marked. Raises EncodeError."""
        if self._encoder is None:
            self._encoder = self._compiled()
        try:
            return self._encoder.encode(datum)
        except EncodeError as error:
            path = _MARK.sub("", error.path)
            raise EncodeError(
                error.reason, path=path, expected=error.expected, found=error.found, hint=error.hint
            ) from None

    def mark(self, union: Union, branch: int, datum: Any) -> Any:  # noqa: ANN401 - any datum
        """Return a value of the union's branch as data have it."""
        if self._marked is not None:
            name = self._marked.names(union)[branch]
            return name, {name: datum}
        shape = self._branches(union)[branch]
        return (shape.name, datum) if shape.ambiguous else datum

    def unmark(self, union: Union, datum: Any) -> tuple[int, Any]:  # noqa: ANN401 - any datum
        """Return (branch, value) of a value that was decoded."""
        if self._marked is not None:
            names = self._marked.names(union)
            name, inner = (names[0], datum) if len(names) == 1 else datum  # one branch alone needs no name
            return names.index(name), inner[name]
        shapes = self._branches(union)
        if type(datum) is tuple:
            name, inner = datum
            return next(shape.index for shape in shapes if shape.name == name), inner
        kind = type(datum)
        return next(shape.index for shape in shapes if shape.kind is kind and not shape.ambiguous), datum

    def _compiled(self) -> Encoder:
        if self._marked is None:
            return encoder_for(self.schema, limits=self._limits)
        marked = self._marked.schema(self.schema)  # within the limits: the decoder was made for what it marks
        return Encoder(resolve(marked, marked), {})

    def _branches(self, union: Union) -> tuple[Branch, ...]:
        if id(union) not in self._shapes:
            self._shapes[id(union)] = branches_of(union, {})
        return self._shapes[id(union)]

    def _confusable(self, union: Union) -> bool:
        kinds = [shape.kind for shape in self._branches(union) if not shape.ambiguous]
        return len(set(kinds)) < len(kinds)


class _Marked:
    """Schemas and plans in which each branch of a union is a record of one field, named for union and branch."""

    def __init__(self) -> None:
        self._unions: dict[int, Union] = {}
        self._records: dict[int, Record] = {}

    def names(self, union: Union) -> list[str]:
        """Return the names of the union's branches."""
        return [branch.name for branch in self._unions[id(union)].branches if isinstance(branch, Record)]

    def schema(self, schema: Schema) -> Schema:
        """Return the schema with marked unions; the same bytes are data of both. Defaults are left out."""
        if isinstance(schema, Union):
            if id(schema) not in self._unions:
                number = len(self._unions)
                marks = tuple(_mark(f"#{number}_{i}", branch) for i, branch in enumerate(schema.branches))
                self._unions[id(schema)] = Union(branches=marks)
                for mark, branch in zip(marks, schema.branches, strict=True):
                    _complete(mark, (replace(mark.fields[0], type=self.schema(branch)),))
            return self._unions[id(schema)]
        if isinstance(schema, Array):
            return replace(schema, items=self.schema(schema.items))
        if isinstance(schema, Map):
            return replace(schema, values=self.schema(schema.values))
        if not isinstance(schema, Record):
            return schema
        if id(schema) not in self._records:
            record = self._records[id(schema)] = replace(schema, fields=())
            fields = (replace(field, type=self.schema(field.type), default=NO_DEFAULT) for field in schema.fields)
            _complete(record, tuple(fields))
        return self._records[id(schema)]

    def plan(self, plan: Plan) -> Plan:
        """Change a plan that nobody else has so that it gives marked data. `schema` was called for its reader."""
        for node in _nodes(plan.root):
            if isinstance(node, Chosen):
                union = self._unions.get(id(node.union))
                if union is None:  # the writer's alone: its field is skipped and gives no data
                    continue
                mark = union.branches[node.branch]
                assert isinstance(mark, Record)
                inner = Fields(
                    name=mark.name, written=mark.name,
                    steps=(Step(name=mark.name, node=node.node, slot=0),),
                    slots=(Slot(name=mark.name, type=mark.fields[0].type),),
                )  # fmt: skip
                object.__setattr__(node, "node", inner)
                object.__setattr__(node, "union", union)
            elif isinstance(node, Fields):
                object.__setattr__(node, "slots", tuple(self._slot(slot) for slot in node.slots))
        return plan

    def _slot(self, slot: Slot) -> Slot:
        if slot.default is NO_DEFAULT or default_problem(slot.type, slot.default, "$") is not None:
            return slot
        return Slot(name=slot.name, type=self.schema(slot.type), default=self._default(slot.type, slot.default))

    def _default(self, schema: Schema, value: Json) -> Json:
        """Return the JSON of the same default for the marked schema."""
        if isinstance(schema, Union):
            branch = default_branch(schema, value)
            assert branch is not None  # a valid default has one
            return {self.names(schema)[branch]: self._default(schema.branches[branch], value)}
        if isinstance(schema, Array) and isinstance(value, list):
            return [self._default(schema.items, item) for item in value]
        if isinstance(schema, Map) and isinstance(value, dict):
            return {key: self._default(schema.values, item) for key, item in value.items()}
        if isinstance(schema, Record) and isinstance(value, dict):
            given = {field.name: value.get(field.name, field.default) for field in schema.fields}
            return {
                field.name: self._default(field.type, item)
                for field in schema.fields
                if (item := given[field.name]) is not NO_DEFAULT
            }
        return value


def _mark(name: str, branch: Schema) -> Record:
    return Record(name=name, fields=(Field(name=name, type=branch),))


def _complete(record: Record, fields: tuple[Field, ...]) -> None:
    # A frozen node is completed late: its fields may point back at it.
    object.__setattr__(record, "fields", fields)


def _nodes(root: Node) -> list[Node]:
    """Return every node of a plan once."""
    found: dict[int, Node] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            match node:
                case Fields():
                    waiting += [step.node for step in node.steps]
                case Branches():
                    waiting += node.branches
                case Items():
                    waiting.append(node.item)
                case Entries():
                    waiting.append(node.value)
                case Chosen():
                    waiting.append(node.node)
    return list(found.values())


def _unions(schema: Schema) -> list[Union]:
    found: dict[int, Schema] = {}
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += children(node)
    return [node for node in found.values() if isinstance(node, Union)]
