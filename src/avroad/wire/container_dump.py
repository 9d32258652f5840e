"""What lies where in a container file: header, blocks, records and marks, up to the first that is wrong.

Records are judged by the decoder; the one that it refuses, or each when all is wanted, comes with its annotated dump.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from avroad.codec import decoder_for
from avroad.errors import DecodeError
from avroad.schema import Limits, Schema
from avroad.wire.annotate import Dump, annotate, printable
from avroad.wire.annotate_text import dump_document, dump_lines
from avroad.wire.container import Block, Caps, ContainerReader
from avroad.wire.container_header import MAGIC, SYNC_BYTES

__all__ = ["Part", "container_parts", "part_document", "part_lines"]

_KEY_LETTERS: Final = 20
_VALUE_LETTERS: Final = 26
_WIDTH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a file. offset: in the file, or in the data of its block, expanded, when `expanded` is set.

    dump: of a record, its own offsets counting from the record's first byte; its error is the file's end.
    """

    kind: str
    offset: int
    size: int
    text: str
    expanded: bool = False
    dump: Dump | None = None


def container_parts(
    stream: BinaryIO,
    reader: Schema | None = None,
    *,
    full: bool = False,
    limits: Limits | None = None,
    caps: Caps | None = None,
) -> Iterator[Part]:
    """Yield the parts of a container file in order; the last one has a dump with an error when a record is wrong.

    reader: the schema whose verdict on the records is wanted, the file's own when None. full: dump every record.
    Raises FramingError where the file itself is wrong, after what came before; IncompatibleSchema when no record
    could be read.
    """
    file = ContainerReader(stream, decode=lambda _: bytes, caps=caps)  # its own decoder is not used
    yield Part(kind="mark", offset=0, size=len(MAGIC), text="container file")
    for key, value in file.metadata.items():
        start, end = file.places[key]
        text = f'{printable(key, _KEY_LETTERS)}  "{printable(value.decode("utf-8", "replace"), _VALUE_LETTERS)}"'
        yield Part(kind="header", offset=start, size=end - start, text=text)
    yield Part(kind="sync", offset=file.start - SYNC_BYTES, size=SYNC_BYTES, text="the file's mark")
    decode = decoder_for(file.writer, reader, limits=limits).decode
    first = 0
    for number, block in enumerate(file.blocks()):
        packed = f", expanded {len(block.data)}" if block.base is None else ""
        text = f"block {number}  records {block.count}, bytes {block.size}{packed}"
        yield Part(kind="block", offset=block.offset, size=block.mark - block.offset, text=text)
        for index, (start, end) in enumerate(file.bounds(block), first):
            body = block.data[start:end]
            broken = False
            try:
                decode(body)
            except DecodeError:
                broken = True
            dump = annotate(body, file.writer, reader, limits=limits) if full or broken else None
            yield _record(block, index, start, end, dump)
            if broken:
                return
        first += block.count
        yield Part(kind="sync", offset=block.mark, size=SYNC_BYTES, text="mark")


def _record(block: Block, index: int, start: int, end: int, dump: Dump | None) -> Part:
    return Part(
        kind="record",
        offset=start if block.base is None else block.base + start,
        size=end - start,
        text=f"record {index}",
        expanded=block.base is None,
        dump=dump,
    )


def part_lines(part: Part) -> Iterator[str]:
    """Yield the lines of a part, none wider than 80 columns; offsets in expanded blocks have a plus before them."""
    offset = f"+{part.offset}" if part.expanded else str(part.offset)
    yield f"{offset:>10}  {part.size:>9}  {part.text}"[:_WIDTH]
    if part.dump is not None:
        yield ""
        yield from dump_lines(part.dump)
        yield ""


def part_document(part: Part) -> dict[str, object]:
    """Return a part as JSON-safe data."""
    return {
        "kind": part.kind,
        "offset": part.offset,
        "size": part.size,
        "expanded": part.expanded,
        "text": part.text,
        "dump": None if part.dump is None else dump_document(part.dump),
    }
