"""`avroad codec`: bytes to data and back, a look inside a payload, and cases for differential tests."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from avroad.cli.codec_input import input_options, max_items_option, opened, payload_in, rest_of
from avroad.cli.codec_isolated import isolated_option
from avroad.cli.codec_schemas import FORMS, Given, open_limits, schema_options
from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say
from avroad.cli.words import counted
from avroad.errors import ConfigError, DecodeError, ExitCode, FramingError

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.schema import Schema

__all__ = ["codec"]

_MAGIC: Final = b"Obj\x01"
_FRAME_BYTES: Final = 5


_CODEC_EXAMPLES = """\b
Examples:
  avroad codec inspect --form id --writer traffic.Source \\
    --hex '00 00 00 00 07 02 41 16 02 37 00 00 00'
  avroad codec decode --writer traffic.Source --hex 0241160237000000
  echo '"CERTAIN"' | avroad codec encode --writer traffic.Probability
"""

_DECODE_EXAMPLES = """\b
Examples:
  avroad codec decode --writer traffic.Source --hex 0241160237000000
  avroad codec decode --writer traffic.Source --avro-json \\
    --hex '02 41 16 02 37 00 00 00'
  echo '"CERTAIN"' | avroad codec encode --writer traffic.Probability \\
    --form container --out archive.avro
  avroad codec decode archive.avro --reader traffic.Probability
"""

_ENCODE_EXAMPLES = """\b
Examples:
  echo '"CERTAIN"' | avroad codec encode --writer traffic.Probability
  avroad codec decode --writer traffic.Source --hex 0241160237000000 > 1.json
  avroad codec encode 1.json --writer traffic.Source --out 1.bin
  echo '"CERTAIN"' > rows.jsonl
  avroad codec encode rows.jsonl --writer schemas/traffic.Probability.avsc \\
    --form container --out rows.avro
"""

_INSPECT_EXAMPLES = """\b
Examples:
  avroad codec inspect --writer traffic.Source --hex 0241160237000000
  avroad codec inspect --form id --writer traffic.Source \\
    --hex '00 00 00 00 07 02 41 16 02 37 00 00 00'
  echo 0241160237000000 | avroad codec inspect --writer traffic.Source --hex -
"""

_PAIRS_EXAMPLES = """\b
Examples:
  echo '{"id":1,"writer":"int","reader":"long","hex":"0a"}' > cases.jsonl
  avroad codec pairs cases.jsonl > answers.jsonl
  avroad codec pairs --raw < cases.jsonl
"""


@click.group(epilog=_CODEC_EXAMPLES)
def codec() -> None:
    """Decode, encode and inspect Avro bytes.

    Bytes come from FILE, --hex or stdin. Without --form and without a schema
    they say themselves who wrote them; a GUID counts only where asked for.

    \b
    What is before the body (--form):
      bare       nothing; the default with --id, --guid or --writer
      id         magic byte 0 and a schema id: the registry's frame
      guid       an id, or magic byte 1 and a schema GUID
      single     single-object encoding: C3 01 and a fingerprint
      container  an Avro container file, with its own schema
    """  # noqa: D301  # click's mark for a block that keeps its lines


@codec.command("decode", epilog=_DECODE_EXAMPLES)
@input_options
@schema_options()
@click.option("--reader", metavar="SCHEMA", help="Read the data as this schema: an .avsc file or a type.")
@click.option("--avro-json", is_flag=True, help="Print Avro's JSON encoding instead of the plain form.")
@max_items_option
@click.option(
    "--accept",
    multiple=True,
    type=click.Choice(["overlong-varint"]),
    help="Read what the specification forbids, this rule only: numbers padded with zeros.",
)
@isolated_option
@click.pass_obj
def decode(
    context: Context, *, file: Path | None, hexadecimal: str | None, schema_id: int | None, guid: str | None,
    writer: str | None, form: str | None, reader: str | None, avro_json: bool, max_items: int | None,
    accept: tuple[str, ...],
) -> None:  # fmt: skip
    """Print data as JSON.

    One line per record of a container file. The plain form: times in ISO 8601, UTC with Z; decimals and UUIDs as
    text, bytes in hexadecimal; a union's value alone where JSON tells the
    branches apart, else {"type": value}. Avro's JSON encoding has the base
    types' values, bytes as characters up to U+00FF, unions as {"type":
    value}. In both, numbers JSON lacks are "NaN", "Infinity", "-Infinity".
    """
    from avroad.cli.codec_container import container_lines  # noqa: PLC0415  # keeps help fast
    from avroad.codec import Accept  # noqa: PLC0415
    from avroad.wire.exact import Exact  # noqa: PLC0415
    from avroad.wire.json_form import JsonForm, json_text  # noqa: PLC0415

    given = Given(context=context, schema_id=schema_id, guid=guid, writer=writer)
    wanted = None if reader is None else given.named(reader)
    with opened(file, hexadecimal) as stream:
        head = stream.read(len(_MAGIC))
        whole = rest_of(head, stream)
        if _is_container(head, form, given):
            if accept:
                raise ConfigError("container files are read strictly", expected="no --accept", found=accept[0])
            for line in container_lines(whole, wanted, avro=avro_json, max_items=max_items):
                emit(line, part=True)
            return
        payload = payload_in(whole)
    source, start = given.frame(payload, form)
    rules = frozenset(map(Accept, accept))
    exact = Exact(source if wanted is None else wanted, source, limits=open_limits(), accept=rules)
    try:
        datum = exact.decode(payload, start)
    except DecodeError as error:
        error.hint = _advice(payload, start) or "To see where: avroad codec inspect, with the same arguments."
        raise
    emit(json_text(JsonForm(exact, avro=avro_json).write(datum), indent=2))


@codec.command("encode", epilog=_ENCODE_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@schema_options(tuple(form for form in FORMS if form != "guid"))
@click.option("--avro-json", is_flag=True, help="The input is Avro's JSON encoding, not the plain form.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write bytes here (- for stdout), not hexadecimal to stdout.",
)
@click.pass_obj
def encode(
    context: Context, *, file: Path | None, schema_id: int | None, guid: str | None, writer: str | None,
    form: str | None, avro_json: bool, out: Path | None,
) -> None:  # fmt: skip
    """Encode JSON from FILE or stdin.

    Takes what `decode` prints, strictly: nothing is cut, filled in or
    dropped, and only a number with a point or an exponent is rounded, to the
    nearest float or double. The form is `id` with --id, else `bare`; a container file
    takes one line of JSON per record and needs --out.
    """
    from avroad.cli.codec_container import write_lines  # noqa: PLC0415  # keeps help fast
    from avroad.wire.exact import Exact  # noqa: PLC0415
    from avroad.wire.json_form import JsonForm, read_json_text  # noqa: PLC0415

    given = Given(context=context, schema_id=schema_id, guid=guid, writer=writer)
    schema = given.explicit()
    if schema is None:
        raise ConfigError("nothing says what to write", expected="--id, --guid or --writer", found="none of them")
    exact = Exact(schema, limits=open_limits())
    json_form = JsonForm(exact, avro=avro_json)
    form = form or ("bare" if schema_id is None else "id")
    with opened(file, None) as stream:
        if form == "container":
            if out is None:
                raise ConfigError("a container file is not shown in hexadecimal", expected="--out FILE", found="none")
            say(counted(write_lines(stream, json_form, exact, out), "record"))
            return
        text = payload_in(stream)
    payload = _prefix(form, schema, schema_id) + exact.encode(json_form.read(read_json_text(text)))
    if out is None:
        emit(payload.hex())
        return
    with click.open_file(str(out), "wb") as target:
        target.write(payload)


@codec.command("inspect", epilog=_INSPECT_EXAMPLES)
@input_options
@schema_options()
@click.option("--reader", metavar="SCHEMA", help="Judge the data as read with this schema: an .avsc file or a type.")
@click.option("--full", is_flag=True, help="Show all bytes: of long fields, after a wrong one, of every record.")
@max_items_option
@isolated_option
@output_option()
@click.pass_obj
def inspect(
    context: Context, *, file: Path | None, hexadecimal: str | None, schema_id: int | None, guid: str | None,
    writer: str | None, form: str | None, reader: str | None, full: bool, max_items: int | None, output: str,
) -> int:  # fmt: skip
    """Show what each byte of a payload is.

    Offset, bytes, then field, type and value as the writer's schema has
    them, up to the first byte that is wrong: what is wrong, where, and the
    bytes from there on; the exit code is 3 then. Data are shown as they
    are: mind where you paste them.

    Of a container file: header, blocks, records and marks with their offsets (+ in an expanded block), and the bytes
    of the first record that is wrong, or of all with --full. As JSON, one line for each.
    """
    from avroad.cli.codec_container import inspect_lines  # noqa: PLC0415  # keeps help fast
    from avroad.wire.annotate import Dump, annotate, frame_items  # noqa: PLC0415
    from avroad.wire.annotate_text import dump_document, dump_lines  # noqa: PLC0415

    given = Given(context=context, schema_id=schema_id, guid=guid, writer=writer)
    wanted = None if reader is None else given.named(reader)
    with opened(file, hexadecimal) as stream:
        head = stream.read(len(_MAGIC))
        whole = rest_of(head, stream)
        if _is_container(head, form, given):
            try:
                for line in inspect_lines(whole, wanted, full=full, document=output == "json", max_items=max_items):
                    emit(line, part=True)
            except DecodeError:  # told already
                return ExitCode.CONTRACT
            return ExitCode.OK
        payload = payload_in(whole)
    try:
        source, start = given.frame(payload, form)
    except FramingError as error:
        dump, advice = Dump(payload=payload, items=(), error=error), error.hint
    else:
        before = frame_items(payload, start)
        dump = annotate(payload, source, wanted, start=start, before=before, limits=open_limits())
        advice = _advice(payload, start)
    if output == "json":
        emit(dump_document(dump, full=full))
    else:
        for line in dump_lines(dump, full=full):
            emit(line)
        if dump.error is not None and advice:
            emit(f"note:   {advice}")
    return ExitCode.OK if dump.error is None else ExitCode.CONTRACT


@codec.command("pairs", epilog=_PAIRS_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--raw", is_flag=True, help="Take logical types off: numbers, strings and bytes as they are.")
@isolated_option
def pairs(*, file: Path | None, raw: bool) -> None:
    """Answer cases of a differential test.

    One line of JSON each, in order. In: {"id", "writer", "reader", "hex"}, schemas as JSON or as its text,
    hex a bare body. Out: {"id", "hex", "json", "error"}: the value written
    again with the reader's schema, the value in Avro's JSON encoding, and
    null or {"reason", "offset", "path"}. Schemas are read leniently and may
    be recursive; whatever a line holds, its answer is one line, and only a
    blank line gets none.
    """
    from avroad.wire.pairs import answers, lines_of  # noqa: PLC0415  # keeps help fast

    with opened(file, None) as stream, io.TextIOWrapper(stream, "utf-8", errors="replace") as text:
        for line in answers(lines_of(text), raw=raw):
            emit(line, part=True)


def _is_container(head: bytes, form: str | None, given: Given) -> bool:
    return form == "container" or (form is None and head == _MAGIC and not given.names_writer)


def _prefix(form: str, schema: Schema, schema_id: int | None) -> bytes:
    from avroad.wire.frames import frame_of  # noqa: PLC0415  # keeps help fast
    from avroad.wire.single_object import single_object_prefix  # noqa: PLC0415

    if form == "single":
        return single_object_prefix(schema)
    if form == "bare":
        return b""
    if schema_id is None:
        raise ConfigError("the frame has no id", expected="--id N with the form id", found="a schema without id")
    return frame_of(schema_id)


def _advice(payload: bytes, start: int) -> str:
    """Return what to try when a bare body that cannot be read begins as a framed one does."""
    if start or payload[:1] != b"\0" or len(payload) < _FRAME_BYTES:
        return ""
    schema_id = int.from_bytes(payload[1:_FRAME_BYTES], "big")
    return f"A registry frame (schema id {schema_id}) begins like this: try --form id."
