"""An annotated dump of one payload: every byte with its field, type and value, up to the first that is wrong.

The decoder's verdict stands: the dump ends where it refuses, for its reason, also when the reason is the reader's.
Values are shown as they are, cut and without anything that could steer a terminal: dumps are for the data's owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from avroad.codec import FRAME_SIZE, Duration, decoder_for
from avroad.errors import DecodeError
from avroad.schema import Limits, Schema
from avroad.wire.single_object import SINGLE_OBJECT_SIZE
from avroad.wire.walk import NOTHING, Stopped, walk

__all__ = ["Dump", "Item", "annotate", "frame_items", "printable"]

MAX_ITEMS: Final = 100_000
_MAX_TEXT: Final = 160
_MAX_BYTES: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something on the wire. size: its bytes; data: the first of them; value: "" when it has none of its own.

    path, what, value hold printable text only, cut to a length.
    """

    offset: int
    size: int
    data: bytes
    path: str
    what: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """What lies in a payload.

    payload: all of it. items: what was read, in order. wrong: what cannot be read, or not by this reader, None when
    there is no such thing: all is well, or there are bytes too many. error: the decoder's, None when it accepts.
    cut: whether there were more than 100,000 items, and the rest is not shown.
    """

    payload: bytes
    items: tuple[Item, ...]
    wrong: Item | None = None
    error: DecodeError | None = None
    cut: bool = False


def annotate(
    payload: bytes,
    writer: Schema,
    reader: Schema | None = None,
    *,
    start: int = 0,
    before: Sequence[Item] = (),
    limits: Limits | None = None,
) -> Dump:
    """Return the dump of the datum of `writer` that begins at `start` and must end with the payload.

    before: items of the bytes in front of it. reader: whose verdict is wanted, the writer's own when None.
    Raises IncompatibleSchema when no datum could be read, SchemaSyntaxError for schemas beyond the limits.
    """
    error = _verdict(payload, writer, reader, start, limits)
    items, cut, stopped = list(before), False, None

    def take(start: int, end: int, path: str, what: str, value: object) -> None:
        if len(items) >= MAX_ITEMS:
            raise _Full(start, path, what)
        items.append(_item(payload, start, end, path, what=what, value=value))

    try:
        walk(writer, payload, start, take)
    except _Full:
        cut = True
    except Stopped as stop:
        stopped = stop
    wrong = None
    if error is not None:
        wrong = _wrong(payload, items, stopped, error)
    elif stopped is not None:
        error = DecodeError("the dump cannot go on, though the decoder can", offset=stopped.start)
    kept = [item for item in items if wrong is None or item.offset + item.size <= wrong.offset]
    return Dump(payload=payload, items=tuple(kept), wrong=wrong, error=error, cut=cut and wrong is None)


def frame_items(payload: bytes, start: int) -> tuple[Item, ...]:
    """Return the items of a frame that was read and ends at `start`."""
    if not start:
        return ()
    if start == SINGLE_OBJECT_SIZE:
        marks = ((0, 2, "single object"), (2, start, f"schema fingerprint {payload[2:start].hex()}"))
    elif start == FRAME_SIZE:
        marks = ((0, 1, "registry frame"), (1, start, f"schema id {int.from_bytes(payload[1:start], 'big')}"))
    else:
        marks = ((0, 1, "registry frame with a GUID"), (1, start, f"schema GUID {UUID(bytes=payload[1:start])}"))
    return tuple(_item(payload, begin, end, "", what=what, value=NOTHING) for begin, end, what in marks)


def printable(text: str, most: int = _MAX_TEXT) -> str:
    """Return text without control and other invisible characters, cut to about `most` characters."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: most + 1])
    return shown if len(text) <= most else f"{shown[:most]}..."


def _verdict(
    payload: bytes, writer: Schema, reader: Schema | None, start: int, limits: Limits | None
) -> DecodeError | None:
    try:
        decoder_for(writer, reader, limits=limits).decode(payload, start)
    except DecodeError as error:
        return error
    return None


class _Full(Stopped):
    """The dump has as many items as it may have."""


def _wrong(payload: bytes, items: Sequence[Item], stopped: Stopped | None, error: DecodeError) -> Item | None:
    """Return what the decoder refused: where the walk stopped too, else what lies at the decoder's position."""
    if stopped is not None and (stopped.start <= error.offset or stopped.path == error.path):
        end = len(payload) if stopped.end is None else stopped.end
        return _item(payload, stopped.start, end, stopped.path, what=stopped.what, value=NOTHING)
    path = printable(error.path)
    return next(
        (item for item in items if item.size and item.offset == error.offset and _inside(item.path, path)), None
    )


def _inside(path: str, outer: str) -> bool:
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in {"", ".", "[", "{"}


def _item(payload: bytes, start: int, end: int, path: str, *, what: str, value: object) -> Item:
    return Item(
        offset=start,
        size=end - start,
        data=payload[start : min(end, start + _MAX_BYTES)],
        path=printable(path),
        what=printable(what),
        value="" if value is NOTHING else _shown(value),
    )


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, bytes):
        return ""  # they stand in the dump already
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Duration):
        return f"{value.months} months, {value.days} days, {value.milliseconds} ms"
    return printable(str(value))
