"""The wire format of schema registries: magic byte 0, schema id as four bytes, big-endian, then the Avro body."""

from __future__ import annotations

from typing import Final

from avroad.errors import FramingError

__all__ = ["FRAME_SIZE", "MAX_SCHEMA_ID", "frame", "prefix_of", "schema_id_of"]

FRAME_SIZE: Final = 5
MAX_SCHEMA_ID: Final = 0x7FFFFFFF
_MAGIC: Final = 0
_GUID_MAGIC: Final = 1


def prefix_of(schema_id: int) -> bytes:
    """Return the five bytes that go before a body written with this schema."""
    if type(schema_id) is not int or not 0 <= schema_id <= MAX_SCHEMA_ID:
        raise FramingError(f"a schema id is a number from 0 to {MAX_SCHEMA_ID}", offset=0)
    return b"\0" + schema_id.to_bytes(4, "big")


def frame(schema_id: int, body: bytes) -> bytes:
    """Return the payload that names its writer schema by id."""
    return prefix_of(schema_id) + body


def schema_id_of(payload: bytes) -> int:
    """Return the writer schema's id; the body starts at FRAME_SIZE.

    A body may be empty (a record without fields). Raises FramingError for fewer than five bytes, another first
    byte, and ids no registry gives out.
    """
    if not isinstance(payload, bytes | bytearray | memoryview):
        raise FramingError("the payload is no bytes: a record without value is a tombstone", offset=0)
    if len(payload) < FRAME_SIZE:
        raise FramingError(f"a framed payload has at least {FRAME_SIZE} bytes", offset=len(payload))
    magic = payload[0]
    if magic == _GUID_MAGIC:
        raise FramingError("the frame carries a GUID (magic byte 1), which is not enabled", offset=0)
    if magic != _MAGIC:
        raise FramingError("the first byte is not 0, so this was not framed by a schema registry client", offset=0)
    schema_id = int.from_bytes(payload[1:FRAME_SIZE], "big")
    if schema_id > MAX_SCHEMA_ID:
        raise FramingError("the schema id is negative", offset=1)
    return schema_id
