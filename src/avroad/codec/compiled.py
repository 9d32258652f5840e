"""Encoders and decoders: one compiled function each, cached and shared by the meaning of their schemas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import partial
from types import FunctionType
from typing import Any, Final, TypeVar

from avroad.codec.cache import SingleFlight
from avroad.codec.decode import decoder_source
from avroad.codec.encode import encoder_source
from avroad.codec.framing import prefix_of
from avroad.codec.leniency import Accept
from avroad.codec.plan import Plan
from avroad.codec.resolve import resolve
from avroad.codec.unions import Types
from avroad.errors import CodecError, IncompatibleSchema, Problem, SchemaSyntaxError
from avroad.schema import Limits, Schema, check_limits, fingerprint

__all__ = ["Decoder", "Encoder", "decoder_for", "encoder_for"]

_Out = TypeVar("_Out")
_CAPACITY: Final = 1_024


class Encoder:
    """Writes data of one schema. Thread-safe.

    encode(datum) returns the body. A datum is a generated class's instance or plain data; plain data for a named
    union branch that looks like another one is `(full name, value)`.
    Raises EncodeError with the path of the first value that does not fit; nothing is rounded, cut or filled in.
    """

    __slots__ = ("_function", "encode", "schema")

    def __init__(self, plan: Plan, types: Types) -> None:
        self.schema: Schema = plan.writer
        self._function: FunctionType = encoder_source(plan.root, types).build("encode")
        self.encode: Callable[[Any], bytes] = self._function

    def framed(self, schema_id: int) -> Callable[[Any], bytes]:
        """Return `encode` with the frame of this id before each body. Raises FramingError for an impossible id."""
        return _with_default(self._function, prefix_of(schema_id))

    def encode_many(self, data: Iterable[Any], *, schema_id: int | None = None) -> list[bytes]:
        """Return the body of each datum, framed when an id is given.

        Raises EncodeError with the index of the first datum that does not fit; nothing is returned then.
        """
        return _each(self.encode if schema_id is None else self.framed(schema_id), data)


class Decoder:
    """Reads data of one writer schema as one reader schema. Thread-safe.

    decode(payload, offset=0) returns the datum that starts at `offset` and ends with the payload.
    Raises DecodeError(reason, offset, path) for every other byte sequence, never partial data.
    plan: how; its conflicts name the data that cannot be read.
    """

    __slots__ = ("_function", "decode", "plan")

    def __init__(self, plan: Plan, types: Types, accept: frozenset[Accept] = frozenset()) -> None:
        self.plan = plan
        self._function: FunctionType = decoder_source(plan.root, types, accept).build("decode")
        self.decode: Callable[..., Any] = self._function

    def decode_many(self, payloads: Iterable[bytes], offset: int = 0) -> list[Any]:
        """Return the datum that starts at `offset` of each payload.

        Raises DecodeError with the index of the first payload that is none; nothing is returned then.
        """
        return _each(_with_default(self._function, offset), payloads)


def _with_default(function: FunctionType, value: object) -> FunctionType:
    """Return the same code with another default for its second argument."""
    return FunctionType(function.__code__, function.__globals__, function.__name__, (value,))


def _each(call: Callable[[Any], _Out], items: Iterable[Any]) -> list[_Out]:
    """One call per item. Measured: code that works column by column is slower, a loop inside the code no faster."""
    done: list[_Out] = []
    add = done.append
    try:
        for item in items:
            add(call(item))
    except CodecError as error:
        error.index = len(done)
        error.path = f"$[{error.index}]{error.path[1:]}"
        raise
    return done


_ENCODERS: Final = SingleFlight[Encoder](_CAPACITY)
_DECODERS: Final = SingleFlight[Decoder](_CAPACITY)


def encoder_for(schema: Schema, *, types: Mapping[str, type] | None = None, limits: Limits | None = None) -> Encoder:
    """Return the encoder of `schema`, compiled at the first call.

    types: generated classes by full name; types without one are plain data. limits: what the schema may cost.
    Raises SchemaSyntaxError for a schema beyond the limits, StaleTypes for a class that does not match.
    """
    known = dict(types or {})

    def build() -> Encoder:
        check_limits(schema, limits)
        return Encoder(resolve(schema, schema), known)

    return _ENCODERS.get((_walk(fingerprint, schema), limits, _types_key(known)), partial(_walk, build))


def decoder_for(
    writer: Schema,
    reader: Schema | None = None,
    *,
    types: Mapping[str, type] | None = None,
    limits: Limits | None = None,
    accept: Collection[Accept] = (),
) -> Decoder:
    """Return the decoder of data of `writer` as `reader` (the writer's own when None), compiled at the first call.

    types: generated classes of the reader's types by full name. accept: what is read beyond the specification.
    Raises IncompatibleSchema when no datum could be read or its meaning would change; data of which only some is
    unreadable decodes, and the rest raises DecodeError (see `Plan.conflicts`).
    """
    known = dict(types or {})
    wanted = writer if reader is None else reader
    accepted = frozenset(accept)

    def build() -> Decoder:
        check_limits(writer, limits)
        check_limits(wanted, limits)
        plan = resolve(writer, wanted)
        _refuse(plan)
        return Decoder(plan, known, accepted)

    key = (_walk(fingerprint, writer), _walk(fingerprint, wanted), limits, accepted, _types_key(known))
    return _DECODERS.get(key, partial(_walk, build))


def _walk(call: Callable[..., _Out], *given: object) -> _Out:
    try:
        return call(*given)
    except RecursionError:
        raise SchemaSyntaxError(expected="a schema of moderate depth", found="nesting too deep to walk") from None


def _types_key(types: Types) -> Hashable:
    """The classes themselves, so that an entry keeps alive what it is found by."""
    return frozenset(types.items())


def _refuse(plan: Plan) -> None:
    problems = tuple(
        Problem(path=conflict.path, expected=conflict.expected, found=conflict.found)
        for conflict in plan.conflicts
        if not conflict.partial
    )
    if problems:
        raise IncompatibleSchema("data of the writer's schema cannot be read", problems=problems)
