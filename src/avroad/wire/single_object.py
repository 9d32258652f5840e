"""Single-object encoding: a datum behind two marker bytes and the 64-bit fingerprint of its writer's schema.

Source: Avro specification 1.12, Single-object encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from avroad.errors import FramingError, IncompatibleSchema
from avroad.schema import Array, Fixed, Map, Named, Primitive, Record, Schema, Union, canonical_fingerprint

__all__ = ["SINGLE_OBJECT_SIZE", "SchemaStore", "fingerprint_in", "single_object_prefix"]

SINGLE_OBJECT_SIZE: Final = 10
"""Bytes before the body."""
_MARKER: Final = b"\xc3\x01"


def single_object_prefix(schema: Schema) -> bytes:
    """Return the ten bytes that go before a body written with this schema."""
    return _MARKER + canonical_fingerprint(schema)


def fingerprint_in(payload: bytes) -> bytes:
    """Return the eight bytes of fingerprint; the body starts at SINGLE_OBJECT_SIZE.

    Raises FramingError for fewer than ten bytes and for another marker.
    """
    if payload[:2] != _MARKER:
        raise FramingError("the first bytes are not C3 01, so this is no single object", offset=0)
    if len(payload) < SINGLE_OBJECT_SIZE:
        raise FramingError(f"a single object has at least {SINGLE_OBJECT_SIZE} bytes", offset=len(payload))
    return bytes(payload[2:SINGLE_OBJECT_SIZE])


class SchemaStore:
    """Writers' schemas by their fingerprints.

    The fingerprint does not cover logical types, so two schemas that differ in them cannot both be kept: which of
    the two wrote a payload could never be told, and a timestamp would silently change its unit.
    """

    def __init__(self, schemas: Iterable[Schema] = ()) -> None:
        self._known: dict[bytes, Schema] = {}
        for schema in schemas:
            self.add(schema)

    def add(self, schema: Schema) -> None:
        """Keep a schema. Raises IncompatibleSchema when one with the same fingerprint means something else."""
        known = self._known.setdefault(canonical_fingerprint(schema), schema)
        if known is not schema and tuple(_logical_types(known, set())) != tuple(_logical_types(schema, set())):
            raise IncompatibleSchema(
                "two schemas cannot be told apart by their fingerprint",
                expected="one meaning per canonical form", found="other logical types on the same types",
            )  # fmt: skip

    def writer_of(self, payload: bytes) -> Schema:
        """Return the schema that a single object names. Raises FramingError, also when it is not known here."""
        fingerprint = fingerprint_in(payload)
        schema = self._known.get(fingerprint)
        if schema is None:
            raise FramingError(f"no schema with the fingerprint {fingerprint.hex()} is known here", offset=2)
        return schema


def _logical_types(schema: Schema, seen: set[str]) -> Iterator[object]:
    """Yield the logical type, or None, of each leaf in the canonical form's order."""
    if isinstance(schema, Named):
        if schema.name in seen:
            return
        seen.add(schema.name)
    if isinstance(schema, Primitive | Fixed):
        yield schema.logical
    elif isinstance(schema, Record):
        for field in schema.fields:
            yield from _logical_types(field.type, seen)
    elif isinstance(schema, Array):
        yield from _logical_types(schema.items, seen)
    elif isinstance(schema, Map):
        yield from _logical_types(schema.values, seen)
    elif isinstance(schema, Union):
        for branch in schema.branches:
            yield from _logical_types(branch, seen)
