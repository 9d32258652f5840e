"""Encoders and decoders: one compiled function each, cached and shared by the meaning of their schemas."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from types import FunctionType
from typing import Any, Final

from avroad.codec.cache import SingleFlight
from avroad.codec.decode import decoder_source
from avroad.codec.encode import encoder_source
from avroad.codec.explain_decode import explain_decode
from avroad.codec.explain_encode import explain_encode
from avroad.codec.framing import prefix_of
from avroad.codec.plan import Plan
from avroad.codec.resolve import resolve
from avroad.codec.unions import Types
from avroad.errors import IncompatibleSchema, Problem, SchemaSyntaxError
from avroad.schema import Limits, Schema, check_limits, fingerprint

__all__ = ["Decoder", "Encoder", "decoder_for", "encoder_for"]

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
        source = encoder_source(plan.root, types, partial(explain_encode, plan.root, types))
        self._function: FunctionType = source.build("encode")
        self.encode: Callable[[Any], bytes] = self._function

    def framed(self, schema_id: int) -> Callable[[Any], bytes]:
        """Return `encode` with the frame of this id before each body. Raises FramingError for an impossible id."""
        given = self._function
        return FunctionType(given.__code__, given.__globals__, given.__name__, (prefix_of(schema_id),))


class Decoder:
    """Reads data of one writer schema as one reader schema. Thread-safe.

    decode(payload, offset=0) returns the datum that starts at `offset` and ends with the payload.
    Raises DecodeError(reason, offset, path) for every other byte sequence, never partial data.
    plan: how; its conflicts name the data that cannot be read.
    """

    __slots__ = ("decode", "plan")

    def __init__(self, plan: Plan, types: Types) -> None:
        self.plan = plan
        source = decoder_source(plan.root, types, partial(explain_decode, plan.root))
        self.decode: Callable[..., Any] = source.build("decode")


_ENCODERS: Final = SingleFlight[Encoder](_CAPACITY)
_DECODERS: Final = SingleFlight[Decoder](_CAPACITY)


def encoder_for(schema: Schema, *, types: Mapping[str, type] | None = None, limits: Limits | None = None) -> Encoder:
    """Return the encoder of `schema`, compiled at the first call.

    types: generated classes by full name; types without one are plain data. limits: what the schema may cost.
    Raises SchemaSyntaxError for a schema beyond the limits, StaleTypes for a class that does not match.
    """
    known = dict(types or {})

    def build() -> Encoder:
        _check(schema, limits)
        return Encoder(resolve(schema, schema), known)

    return _ENCODERS.get((_key(schema), limits, _types_key(known)), build)


def decoder_for(
    writer: Schema,
    reader: Schema | None = None,
    *,
    types: Mapping[str, type] | None = None,
    limits: Limits | None = None,
) -> Decoder:
    """Return the decoder of data of `writer` as `reader` (the writer's own when None), compiled at the first call.

    types: generated classes of the reader's types by full name.
    Raises IncompatibleSchema when no datum could be read or its meaning would change; data of which only some is
    unreadable decodes, and the rest raises DecodeError (see `Plan.conflicts`).
    """
    known = dict(types or {})
    wanted = writer if reader is None else reader

    def build() -> Decoder:
        _check(writer, limits)
        _check(wanted, limits)
        plan = resolve(writer, wanted)
        _refuse(plan)
        return Decoder(plan, known)

    return _DECODERS.get((_key(writer), _key(wanted), limits, _types_key(known)), build)


def _key(schema: Schema) -> Hashable:
    try:
        return fingerprint(schema)
    except RecursionError:
        raise _too_deep() from None


def _types_key(types: Types) -> Hashable:
    """The classes themselves, so that an entry keeps alive what it is found by."""
    return frozenset(types.items())


def _check(schema: Schema, limits: Limits | None) -> None:
    try:
        check_limits(schema, limits)
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> SchemaSyntaxError:
    return SchemaSyntaxError(expected="a schema of moderate depth", found="nesting too deep to walk")


def _refuse(plan: Plan) -> None:
    problems = tuple(
        Problem(path=conflict.path, expected=conflict.expected, found=conflict.found)
        for conflict in plan.conflicts
        if not conflict.partial
    )
    if problems:
        raise IncompatibleSchema("data of the writer's schema cannot be read", problems=problems)
