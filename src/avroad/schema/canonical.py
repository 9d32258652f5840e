"""The Parsing Canonical Form and the fingerprints of it that the Avro specification names.

They tell readers of bytes apart and nothing else: documentation, defaults, aliases and logical types do not count.
What a schema means in full has its own fingerprint, `avroad.schema.fingerprint`.
Source: Avro specification 1.12, Transforming into Parsing Canonical Form, Schema Fingerprints.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Final, Literal

from avroad.schema.named import Enum, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["canonical_fingerprint", "canonical_form"]

Algorithm = Literal["CRC-64-AVRO", "MD5", "SHA-256"]
_EMPTY: Final = 0xC15D213AA4D7A795


def canonical_form(schema: Schema) -> str:
    """Return the Parsing Canonical Form: full names, no attribute but those that shape bytes, one order, no spaces."""
    return _canonical(schema, set())


def canonical_fingerprint(schema: Schema, algorithm: Algorithm = "CRC-64-AVRO") -> bytes:
    """Return the fingerprint of the canonical form, by the specification's name of the algorithm.

    The 64-bit Rabin fingerprint is its eight bytes, little-endian, as single-object encoding and Java have it.
    """
    # Names of foreign schemas may hold lone surrogates, which plain UTF-8 refuses.
    data = canonical_form(schema).encode("utf-8", "surrogatepass")
    if algorithm == "CRC-64-AVRO":
        return _rabin(data).to_bytes(8, "little")
    return hashlib.md5(data, usedforsecurity=False).digest() if algorithm == "MD5" else hashlib.sha256(data).digest()


def _rabin(data: bytes) -> int:
    table = _rabin_table()
    number = _EMPTY
    for byte in data:
        number = (number >> 8) ^ table[(number ^ byte) & 0xFF]
    return number


@cache
def _rabin_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ (_EMPTY & -(number & 1))  # noqa: PLW2901 - eight steps of one register
        table.append(number)
    return tuple(table)


def _canonical(schema: Schema, seen: set[str]) -> str:
    if isinstance(schema, Primitive):
        return _quote(schema.name)
    if isinstance(schema, Union):
        return "[" + ",".join(_canonical(branch, seen) for branch in schema.branches) + "]"
    if isinstance(schema, Array):
        return f'{{"type":"array","items":{_canonical(schema.items, seen)}}}'
    if isinstance(schema, Map):
        return f'{{"type":"map","values":{_canonical(schema.values, seen)}}}'
    assert isinstance(schema, Named)  # the last kind there is
    if schema.name in seen:
        return _quote(schema.name)
    seen.add(schema.name)
    head = f'{{"name":{_quote(schema.name)},"type":'
    if isinstance(schema, Record):
        fields = ",".join(
            f'{{"name":{_quote(field.name)},"type":{_canonical(field.type, seen)}}}' for field in schema.fields
        )
        return f'{head}"record","fields":[{fields}]}}'
    if isinstance(schema, Enum):
        return f'{head}"enum","symbols":[{",".join(map(_quote, schema.symbols))}]}}'
    assert isinstance(schema, Fixed)
    return f'{head}"fixed","size":{schema.size}}}'


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
