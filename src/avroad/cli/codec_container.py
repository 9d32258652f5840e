"""Container files for `avroad codec`: records as lines of JSON, both ways."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from avroad.cli.codec_schemas import open_limits
from avroad.errors import EncodeError, FramingError
from avroad.schema import Schema
from avroad.wire.container import Caps, ContainerReader, write_container
from avroad.wire.container_dump import container_parts, part_document, part_lines
from avroad.wire.exact import Exact
from avroad.wire.json_form import JsonForm, json_text, read_json_text

__all__ = ["container_lines", "inspect_lines", "write_lines"]


def container_lines(stream: BinaryIO, wanted: Schema | None, *, avro: bool, max_items: int | None) -> Iterator[str]:
    """Yield one line of JSON per record, read as `wanted`. Raises FramingError, DecodeError after those before it."""
    forms: list[JsonForm] = []

    def decoder(source: Schema) -> Callable[[bytes], Any]:
        exact = Exact(source if wanted is None else wanted, source, limits=open_limits())
        forms.append(JsonForm(exact, avro=avro))
        return exact.decode

    for datum in ContainerReader(stream, decode=decoder, caps=_caps(max_items)):
        yield json_text(forms[0].write(datum))


def inspect_lines(
    stream: BinaryIO, wanted: Schema | None, *, full: bool, document: bool, max_items: int | None
) -> Iterator[str]:
    """Yield what lies where in a container file, as text or as lines of JSON.

    Raises DecodeError, its words yielded already, for a file or a record that is wrong.
    """
    parts = container_parts(stream, wanted, full=full, limits=open_limits(), caps=_caps(max_items))
    if not document:
        yield f"{'offset':>10}  {'bytes':>9}  what"
    try:
        for part in parts:
            yield from (json.dumps(part_document(part)),) if document else part_lines(part)
            if part.dump is not None and part.dump.error is not None:
                raise part.dump.error
    except FramingError as error:
        if document:
            yield json.dumps({"error": {"reason": error.reason, "offset": error.offset}})
        else:
            yield from ("", f"wrong:  {error.reason}", f"where:  byte {error.offset} of the file")
            yield from (f"note:   {error.hint}",) if error.hint else ()
        raise
    if not document:
        yield "read to the end"


def _caps(max_items: int | None) -> Caps:
    return Caps() if max_items is None else Caps(items=max_items)


def write_lines(lines: Iterable[bytes], form: JsonForm, exact: Exact, out: Path) -> int:
    """Write a container file of one record per line of JSON, and return their number.

    out: `-` for stdout. A regular file or a new one is written whole or not at all, where a link leads; a device or
    a pipe stays what it is and gets the bytes as they come. Raises EncodeError that names the line, OSError.
    """
    bodies = _bodies(lines, form, exact)
    if str(out) == "-":
        return write_container(sys.stdout.buffer, exact.schema, bodies, encode=bytes)
    if out.exists() and not out.is_file():
        with out.open("wb") as target:
            return write_container(target, exact.schema, bodies, encode=bytes)
    place = out.resolve()
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as target:
            count = write_container(target, exact.schema, bodies, encode=bytes)
        if place.exists():
            shutil.copymode(place, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return count


def _bodies(lines: Iterable[bytes], form: JsonForm, exact: Exact) -> Iterator[bytes]:
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            yield exact.encode(form.read(read_json_text(line)))
        except EncodeError as error:
            error.file = f"line {number}"
            raise
