"""Which schema wrote a payload, in every form the registries' clients use: id or GUID, before the body or in a header.

One form is declared, never guessed: a header that came along from another topic must not overrule the bytes. Only
the four-byte id before the body is read unless another form is asked for.
Source: Confluent's serializers since 8.0 (magic byte 1 and 16 bytes; headers `__key_schema_id`, `__value_schema_id`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from avroad.codec import FRAME_SIZE, schema_id_of
from avroad.codec.framing import prefix_of
from avroad.errors import FramingError
from avroad.model import Framing, Headers

__all__ = ["Frame", "frame_of", "read_frame", "schema_header"]

_GUID_MAGIC: Final = 1
_GUID_FRAME_SIZE: Final = 17
_KEY_HEADER: Final = "__key_schema_id"
_VALUE_HEADER: Final = "__value_schema_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """schema: the writer's, by registry id or GUID; start: where the body begins in the payload."""

    schema: int | UUID
    start: int


def frame_of(schema: int | UUID) -> bytes:
    """Return the bytes that name a schema: what goes before a body, or into a header.

    Raises FramingError for an impossible id.
    """
    return b"\1" + schema.bytes if isinstance(schema, UUID) else prefix_of(schema)


def schema_header(schema: int | UUID, *, key: bool = False) -> tuple[str, bytes]:
    """Return the record header that names the schema of the record's value, or key. Raises FramingError."""
    return _KEY_HEADER if key else _VALUE_HEADER, frame_of(schema)


def read_frame(payload: bytes, headers: Headers = (), framing: Framing = Framing.ID, *, key: bool = False) -> Frame:
    """Return the frame of a record's value, or key, in the declared form.

    Raises FramingError when it is not there, is not whole, names no possible schema, or is there twice.
    """
    name = _KEY_HEADER if key else _VALUE_HEADER
    given = [value for header, value in headers if header == name]
    if framing is Framing.EITHER:
        framing = Framing.HEADER if given else Framing.ID
    if framing is Framing.HEADER:
        return Frame(schema=_in_header(payload, name, given), start=0)
    try:
        return _before_body(payload, framing)
    except FramingError as error:
        if given:
            reason = f"{error.reason}; there is a header {name}, but the header form is not enabled"
            raise FramingError(reason, offset=error.offset) from None
        raise


def _before_body(payload: bytes, framing: Framing) -> Frame:
    if framing is Framing.GUID and payload[:1] != b"\0":
        return Frame(schema=_guid(payload[:_GUID_FRAME_SIZE]), start=_GUID_FRAME_SIZE)
    return Frame(schema=schema_id_of(payload), start=FRAME_SIZE)


def _guid(data: bytes) -> UUID:
    if data and data[0] != _GUID_MAGIC:
        raise FramingError("the first byte is neither 0, for an id, nor 1, for a GUID", offset=0)
    if len(data) < _GUID_FRAME_SIZE:
        reason = f"a payload framed by GUID has at least {_GUID_FRAME_SIZE} bytes, by id at least {FRAME_SIZE}"
        raise FramingError(reason, offset=len(data))
    return UUID(bytes=bytes(data[1:]))


def _in_header(payload: bytes, name: str, given: Iterable[bytes | None]) -> int | UUID:
    values = set(given)
    if len(values) != 1:
        found = "several headers that differ" if values else "no header"
        raise FramingError(f"expected the schema in the header {name}, found {found}", offset=0)
    (value,) = values
    sizes = {0: FRAME_SIZE, _GUID_MAGIC: _GUID_FRAME_SIZE}
    if value is None or len(value) != sizes.get(value[0] if value else -1):
        raise FramingError(f"the header {name} holds neither an id (5 bytes) nor a GUID (17 bytes)", offset=0)
    schema = _guid(value) if value[0] == _GUID_MAGIC else schema_id_of(value)
    if payload.startswith(value):
        raise FramingError(f"the schema is named by the header {name} and again before the body", offset=0)
    return schema
