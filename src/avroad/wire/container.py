"""Avro container files: a schema once, then blocks of datums. Nothing a file says about itself is believed.

Every size is bounded before memory is taken for it, a block is expanded no further than allowed, and datums go
through the same strict decoder as records do.
Source: Avro specification 1.12, Object Container Files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, NoReturn

from avroad.codec import decoder_for, encoder_for
from avroad.codec.runtime import write_long
from avroad.errors import DecodeError, FramingError, SchemaSyntaxError
from avroad.schema import Array, Json, Limits, Schema, min_size, parse, to_json
from avroad.wire.compression import BadBlock, compressor, expander
from avroad.wire.container_header import MAGIC, SYNC_BYTES, HeaderReader, header_bytes
from avroad.wire.walk import Stopped, end_of

__all__ = ["Block", "Caps", "ContainerReader", "write_container"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What a container file may cost.

    metadata_bytes: all of the header; block_bytes: a block as it lies in the file; expanded_bytes: a block expanded;
    total_bytes: all blocks expanded; items: records of the whole file, and what is in their arrays and maps
    where they are read one by one (in a block read at once the decoder bounds it), since compressed they take next to
    no byte; empty_records: records that take no byte even expanded, of the whole file.
    """

    metadata_bytes: int = 1 << 20
    block_bytes: int = 1 << 25
    expanded_bytes: int = 1 << 25
    total_bytes: int = 1 << 32
    items: int = 10_000_000
    empty_records: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. offset: where it begins in the file; size: bytes of its data as they lie there; data: expanded.

    mark: where the mark behind it begins in the file. base: where `data` begins in the file, None when they lie
    nowhere in it, because they were compressed.
    """

    offset: int
    size: int
    count: int
    data: bytes
    mark: int
    base: int | None


class ContainerReader:
    """One container file from a binary stream; iterate over it once for its datums, in order.

    reader: the schema to read the datums as, the file's own when None. types: generated classes by full name.
    decode: makes, from the file's schema, another function from one body to what is wanted of it; reader and types
    are not used then. writer, codec, metadata: what the file's header says; places: where its entries begin and end;
    start: where the first block does.
    Raises FramingError when the file is no whole container file or goes beyond `caps`, DecodeError when a datum
    cannot be read; the datums before it were given. Offsets are positions in the file, inside a compressed block
    positions in the expanded block, which the reason then says.
    """

    def __init__(
        self,
        stream: BinaryIO,
        reader: Schema | None = None,
        *,
        types: Mapping[str, type] | None = None,
        decode: Callable[[Schema], Callable[[bytes], Any]] | None = None,
        limits: Limits | None = None,
        caps: Caps | None = None,
    ) -> None:
        self._caps = caps or Caps()
        self._source = HeaderReader(stream)
        self.metadata, self._sync = self._source.header(self._caps.metadata_bytes)
        self.places, self.start = self._source.places, self._source.at
        self.codec = self.metadata.get("avro.codec", b"null").decode("utf-8", "replace") or "null"
        self.writer = _schema(self.metadata)
        self._least = min_size(self.writer)
        self._decode: Callable[[bytes], Any]
        self._decode_block: Callable[[bytes], Any] | None = None
        if decode is not None:
            self._decode = decode(self.writer)
        else:
            wanted = self.writer if reader is None else reader
            limits = limits or Limits()
            self._decode = decoder_for(self.writer, wanted, types=types, limits=limits).decode
            # A block is read as an array; above is checked what items may cost, here only the array around them.
            loose = replace(limits, depth=limits.depth + 1, empty_items=True)
            both = (Array(items=self.writer), Array(items=wanted))
            self._decode_block = decoder_for(*both, types=types, limits=loose).decode
        try:
            self._expand = expander(self.codec)
        except BadBlock as error:
            raise FramingError(str(error), offset=len(MAGIC)) from None
        self._left = self._caps.total_bytes
        self._items_left = self._caps.items
        self._empty_left = self._caps.empty_records

    def __iter__(self) -> Iterator[Any]:
        number = 0
        for block in self.blocks():
            yield from self._datums(block, number)
            number += block.count

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks, their records not read; instead of iterating over the records."""
        while not self._source.ended:
            yield self._block(self._source.at)

    def bounds(self, block: Block) -> Iterator[tuple[int, int]]:
        """Yield where each record begins and ends in the block's data; one that cannot be read ends with them.

        Raises FramingError when there are more than `caps` allows, or other bytes than the records.
        """
        at = 0
        for _ in range(block.count):
            start = at
            try:
                at, items = end_of(self.writer, block.data, start)
            except Stopped:
                at, items = len(block.data), 0
            self._spend(items, start + (block.base or 0))
            yield start, at
        if at != len(block.data):
            _refuse("a block says another number of records than it has", block.offset)

    def _block(self, start: int) -> Block:
        count = self._source.long("the record count of a block")
        size = self._source.long("the size of a block")
        if count < 0 or size < 0:
            _refuse("the record count or size of a block is negative", start)
        if size > self._caps.block_bytes:
            _refuse(f"a block of more than {self._caps.block_bytes} bytes", start)
        packed = self._source.take(size, "a block")
        if self._source.take(SYNC_BYTES, "the mark after a block") != self._sync:
            _refuse("a block does not end with the file's mark", self._source.at - SYNC_BYTES)
        try:
            data = self._expand(packed, min(self._caps.expanded_bytes, self._left))
        except BadBlock as error:
            _refuse(str(error), start)
        self._left -= len(data)
        self._count(count, len(data), start)
        # Datums of a block that is not compressed lie in the file where they say; others nowhere in it.
        mark = self._source.at - SYNC_BYTES
        base = mark - size if self.codec == "null" else None
        return Block(offset=start, size=size, count=count, data=data, mark=mark, base=base)

    def _count(self, count: int, size: int, start: int) -> None:
        if count * self._least > size or (count == 0 and size):
            _refuse("a block says another number of records than it has", start)
        # Records of no byte cost nothing to write and as much as others to read.
        self._empty_left -= max(count - size, 0)
        if self._empty_left < 0:
            _refuse(f"more than {self._caps.empty_records} records that take no byte", start)
        self._spend(count, start)

    def _spend(self, items: int, offset: int) -> None:
        self._items_left -= items
        if self._items_left < 0:
            reason = f"more than {self._caps.items} records and items of arrays and maps in one file"
            _refuse(reason, offset, hint="Is the file trusted? Allow more: --max-items N, or Caps(items=N).")

    def _datums(self, block: Block, first: int) -> Iterable[Any]:
        if block.count and self._decode_block is not None:
            # The block's size stands before it, so that neither a lying count nor a neighbour is taken for items.
            sizes = write_long(-block.count) + write_long(len(block.data))
            with suppress(DecodeError):
                datums: list[Any] = self._decode_block(b"".join((sizes, block.data, b"\0")))
                return datums
        return self._one_by_one(block, first)

    def _one_by_one(self, block: Block, first: int) -> Iterator[Any]:
        """Read a block record by record, each under its own limits, up to the one that cannot be read."""
        for number, (start, end) in enumerate(self.bounds(block), first):
            try:
                datum = self._decode(block.data[start:end])
            except DecodeError as error:
                raise self._in_file(error, number, start, block.base) from None
            yield datum

    def _in_file(self, error: DecodeError, number: int, start: int, base: int | None) -> DecodeError:
        reason = f"record {number}: {error.reason}"
        if base is None:
            return DecodeError(f"{reason}, in its expanded block", offset=start + error.offset, path=error.path)
        return DecodeError(reason, offset=base + start + error.offset, path=error.path)


def write_container(
    stream: BinaryIO,
    schema: Schema,
    datums: Iterable[Any],
    *,
    codec: str = "deflate",
    types: Mapping[str, type] | None = None,
    encode: Callable[[Any], bytes] | None = None,
    metadata: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    block_bytes: int = 1 << 16,
) -> int:
    """Write a container file and return the number of its records.

    codec: null, deflate, bzip2 or xz. encode: another function from a datum to its body in `schema`. metadata:
    further entries of the header; names that begin with `avro.` are the specification's. block_bytes: a block is
    ended when it holds this many before compression.
    Raises ConfigError for a codec or name that cannot be used, EncodeError for a datum that does not fit; blocks
    that were complete before it are in the file then.
    """
    compress = compressor(codec)
    sync = os.urandom(SYNC_BYTES)
    encode = encode or encoder_for(schema, types=types, limits=limits).encode
    stream.write(header_bytes(to_json(schema), codec, metadata or {}, sync))
    bodies: list[bytes] = []
    size = total = 0

    def end_block() -> None:
        packed = compress(b"".join(bodies))
        stream.write(b"".join((write_long(len(bodies)), write_long(len(packed)), packed, sync)))
        bodies.clear()

    for datum in datums:
        body = encode(datum)
        # Bodies of no byte fill no block, so their number has to.
        size += len(body) or 1
        bodies.append(body)
        total += 1
        if size >= block_bytes:
            end_block()
            size = 0
    if bodies:
        end_block()
    return total


def _schema(metadata: Mapping[str, bytes]) -> Schema:
    text = metadata.get("avro.schema")
    if text is None:
        _refuse("the header has no avro.schema", len(MAGIC))
    try:
        source: Json = text.decode("utf-8")
    except UnicodeDecodeError:
        raise SchemaSyntaxError(expected="a schema in UTF-8", found="other bytes", file="avro.schema") from None
    return parse(source, strict=False, file="avro.schema")


def _refuse(reason: str, offset: int, hint: str = "") -> NoReturn:
    error = FramingError(reason, offset=offset)
    error.hint = hint
    raise error
