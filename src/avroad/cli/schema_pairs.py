"""`avroad schema pairs`: many readers and writers compared in one process, JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from typing import Any

import click

__all__ = ["pairs"]

_EXAMPLES = """\b
Examples:
  avroad schema pairs pairs.jsonl
  echo '{"id": 1, "reader": "long", "writer": "int"}' | avroad schema pairs

\b
Exit codes: 0 every line has its answer, 64 usage: no such file.
"""


@click.command(epilog=_EXAMPLES, short_help="Compare readers with writers, as JSON lines.")
@click.argument("source", metavar="[FILE|-]", type=click.File("rb"), default="-")
def pairs(source: Any) -> None:  # noqa: ANN401  # click's binary file
    """Compare readers with writers: one JSON object per line in, one per line out, in order.

    In: {"id", "reader", "writer"}, the schemas as JSON values or as their text. Out: {"id", "compatible", "safe",
    "same_meaning", "readable", "findings", "left_out", "error"}; "compatible" is null where Java raises, and "error"
    then says why; "left_out" counts findings that repeat others too often to be listed. Foreign schemas are
    read leniently. A line that is no pair gets an answer with an error, too; only a blank line gets none.
    """
    for line in source:
        if line.strip():
            click.echo(json.dumps(_answer(line), separators=(",", ":")))


def _answer(line: bytes) -> dict[str, Any]:
    from avroad.contracts.compat import compare  # noqa: PLC0415  # only this command pays for it
    from avroad.contracts.compat.render import report_json  # noqa: PLC0415
    from avroad.errors import AvroadError  # noqa: PLC0415
    from avroad.schema import parse, whole_number  # noqa: PLC0415

    number: Any = None
    try:
        given = json.loads(line, parse_int=whole_number)
        number = _written(given.get("id")) if isinstance(given, dict) else None
        if not isinstance(given, dict) or "reader" not in given or "writer" not in given:
            return _none(number, 'expected an object with "id", "reader" and "writer"')
        reader = parse(_value(given["reader"]), strict=False, file="reader")
        writer = parse(_value(given["writer"]), strict=False, file="writer")
        return {"id": number, **report_json(compare(reader, writer))}
    except ValueError as error:  # of JSON, of UTF-8, or of a number that is too long
        return _none(number, f"not JSON: {error}")
    except RecursionError:
        return _none(number, "JSON nested too deeply to read")
    except AvroadError as error:
        return _none(number, str(error))


def _written(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    """An id that JSON cannot hold (NaN, an infinity) is answered as null."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return None
    return value


def _value(given: Any) -> Any:  # noqa: ANN401  # a JSON value
    """A schema given as text is JSON; a bare word is the name of a type."""
    if isinstance(given, str) and not given.lstrip().startswith(("{", "[", '"')):
        return json.dumps(given)
    return given


def _none(number: object, error: str) -> dict[str, Any]:
    return {
        "id": number,
        "compatible": None,
        "safe": False,
        "same_meaning": False,
        "readable": None,
        "findings": [],
        "left_out": 0,
        "error": error,
    }
