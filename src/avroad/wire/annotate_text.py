"""An annotated dump as text: offset, bytes, then path, type and value; never wider than asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from avroad.errors import DecodeError
from avroad.wire.annotate import MAX_ITEMS, Dump, Item, printable

__all__ = ["dump_document", "dump_lines"]

_ROW_BYTES: Final = 8
_MAX_ROWS: Final = 3
_HEX_WIDTH: Final = 3 * _ROW_BYTES - 1
_REST_ROW_BYTES: Final = 16
_MAX_REST_BYTES: Final = 128
_GAP: Final = "  "


def dump_lines(dump: Dump, width: int = 80, *, full: bool = False) -> Iterator[str]:
    """Yield the lines, none wider than `width` columns (at least 60). full: show every byte, however many."""
    if full:
        dump = _whole(dump)
    digits = max(6, len(str(len(dump.payload))))
    room = max(width, 60) - digits - _HEX_WIDTH - 2 * len(_GAP)
    yield f"{'offset':>{digits}}{_GAP}{'bytes':<{_HEX_WIDTH}}{_GAP}field, type, value"
    for item in dump.items:
        yield from _rows(item, digits, room, _all_rows(item) if full else _MAX_ROWS)
    if dump.wrong is not None:
        yield from _rows(replace(dump.wrong, value=f"{dump.wrong.value}{_GAP}<- here".strip()), digits, room, rows=1)
    if dump.cut:
        yield f"more than {MAX_ITEMS} items: the rest is not shown"
    if dump.error is not None:
        yield from _failure(dump.error, dump.payload, digits, max(width, 60), None if full else _MAX_REST_BYTES)
    elif not dump.cut:
        yield f"{len(dump.payload)} byte{'s' * (len(dump.payload) != 1)}, read to the end"


def dump_document(dump: Dump, *, full: bool = False) -> dict[str, object]:
    """Return the dump as JSON-safe data; of long items the first 64 bytes, with `full` all of them."""
    if full:
        dump = _whole(dump)
    error = dump.error
    return {
        "size": len(dump.payload),
        "items": [_plain(item) for item in dump.items],
        "wrong": None if dump.wrong is None else _plain(dump.wrong),
        "error": None if error is None else {"reason": error.reason, "offset": error.offset, "path": error.path},
        "cut": dump.cut,
    }


def _whole(dump: Dump) -> Dump:
    """Return the dump with every byte of its items."""

    def whole(item: Item) -> Item:
        return replace(item, data=dump.payload[item.offset : item.offset + item.size])

    wrong = None if dump.wrong is None else whole(dump.wrong)
    return replace(dump, items=tuple(map(whole, dump.items)), wrong=wrong)


def _all_rows(item: Item) -> int:
    return max(1, -(-item.size // _ROW_BYTES))


def _plain(item: Item) -> dict[str, object]:
    return {
        "offset": item.offset, "size": item.size, "hex": item.data.hex(), "path": item.path, "what": item.what,
        "value": item.value,
    }  # fmt: skip


def _rows(item: Item, digits: int, room: int, rows: int = _MAX_ROWS) -> Iterator[str]:
    left = [item.data[i : i + _ROW_BYTES].hex(" ") for i in range(0, len(item.data), _ROW_BYTES)][:rows]
    hidden = item.size - rows * _ROW_BYTES
    if hidden > 0 and rows > 1:
        left.append(f"... {hidden} more")
    right = _text(item, room)
    for i, (data, words) in enumerate(zip_longest(left, right, fillvalue="")):
        offset = f"{item.offset:>{digits}}" if i == 0 else " " * digits
        yield f"{offset}{_GAP}{data:<{_HEX_WIDTH}}{_GAP}{words}".rstrip()


def _text(item: Item, room: int) -> list[str]:
    """Return path, type and value in as few lines of at most `room` columns as they take."""
    lines: list[str] = []
    for part in (item.path, item.what, item.value):
        if not part:
            continue
        if lines and _columns(lines[-1]) + len(_GAP) + _columns(part) <= room:
            lines[-1] += _GAP + part
        else:
            indent = _GAP if lines else ""
            lines += [indent + piece for piece in _broken(part, room - len(indent))]
    return lines


def _broken(text: str, room: int) -> Iterator[str]:
    """Yield pieces of at most `room` columns, broken behind a space where there is one; wide letters take two."""
    piece, used = "", 0
    for letter in text:
        columns = _columns(letter)
        if used + columns > room:
            end = piece.rfind(" ") + 1 or len(piece)
            yield piece[:end]
            piece = piece[end:]
            used = _columns(piece)
        piece += letter
        used += columns
    yield piece


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _failure(error: DecodeError, payload: bytes, digits: int, width: int, most: int | None) -> Iterator[str]:
    """most: how many bytes from the wrong one on are shown, None for all."""
    yield ""
    for start, text in (("wrong:  ", error.reason), ("where:  ", f"byte {error.offset}, {error.path}")):
        for i, piece in enumerate(_broken(printable(text, 1000), width - len(start))):
            yield ((" " * len(start) if i else start) + piece).rstrip()
    left = len(payload) - error.offset
    rest = payload[error.offset :][:most]
    yield f"bytes:  {max(left, 0)} of {len(payload)} from there on"
    for i in range(0, len(rest), _REST_ROW_BYTES):
        row = rest[i : i + _REST_ROW_BYTES]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)  # noqa: PLR2004 - printable ASCII
        yield f"{error.offset + i:>{digits}}{_GAP}{row.hex(' '):<{3 * _REST_ROW_BYTES - 1}}{_GAP}{letters}"
    if left > len(rest):
        yield f"{'':>{digits}}{_GAP}... {left - len(rest)} more"
