"""One case of a differential test: read bytes of a writer as a reader, write them again, and say what went wrong.

For comparing this codec with others, Java's above all. Schemas are foreign: they are parsed leniently, recursion is
allowed within its depth, and whatever is wrong with a case stays in its answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, TextIO

from avroad.errors import AvroadError, DecodeError
from avroad.schema import MAX_TEXT_BYTES, Json, Limits, parse
from avroad.schema.raw import without_logical
from avroad.wire.exact import Exact
from avroad.wire.json_form import JsonForm

__all__ = ["MAX_LINE_CHARS", "answer", "answers", "lines_of"]

MAX_LINE_CHARS: Final = 1 << 24
_LIMITS: Final = Limits(recursion=True, empty_items=True)
_KNOWN_PAIRS: Final = 256
_MAX_REASON: Final = 1_000
_BLANK: Final = " \t\n\v\f\r"


def lines_of(stream: TextIO) -> Iterator[str | None]:
    """Yield the lines of a stream that are not blank; None for one of more than MAX_LINE_CHARS, which is skipped."""
    while line := stream.readline(MAX_LINE_CHARS):
        if len(line) < MAX_LINE_CHARS or line.endswith("\n"):
            if line.strip(_BLANK):
                yield line
            continue
        while (line := stream.readline(MAX_LINE_CHARS)) and not line.endswith("\n"):
            pass
        yield None


def answers(lines: Iterable[str | None], *, raw: bool = False) -> Iterator[str]:
    """Yield the answer to each case as one line of JSON, in order; see `answer`. No case ends this."""
    for line in lines:
        yield json.dumps(answer(line, raw=raw), allow_nan=False, separators=(",", ":"))


def answer(line: str | None, *, raw: bool = False) -> dict[str, Json]:
    """Return {"id", "hex", "json", "error"} for a case {"id", "writer", "reader", "hex"}.

    line: JSON; schemas are JSON values or their text, hex is a bare body. raw: logical types are taken off first.
    hex: the value as read, written with the reader's schema; json: the same in Avro's JSON encoding; both null when
    error is not, which has reason, offset (null unless a byte was wrong) and path. An id that JSON cannot hold, such
    as NaN, is null.
    """
    name: Json = None
    try:
        case = _Case(line)
        name = case.name
        exact = _exact(case.writer, case.reader, raw)
        datum = exact.decode(case.body)
        value = JsonForm(exact, avro=True).write(datum)
        return {"id": name, "hex": exact.encode(datum).hex(), "json": value, "error": None}
    except DecodeError as error:
        return _failed(name, error.reason, error.offset, error.path)
    except AvroadError as error:
        if not error.problems:
            return _failed(name, str(error), None, error.path)
        reasons = (f"expected {problem.expected}, found {problem.found}" for problem in error.problems)
        return _failed(name, "; ".join(reasons), None, error.problems[0].path)
    except _BadCase as error:
        return _failed(name, str(error), None, "")
    except Exception as error:  # noqa: BLE001 - a case is somebody else's data and must not end the others
        return _failed(name, f"refused ({type(error).__name__})", None, "")


class _BadCase(ValueError):
    """The line is no case; its text says why."""


class _Case:
    """One line, read. name: its id, kept when the rest is wrong."""

    def __init__(self, line: str | None) -> None:
        self.name: Json = None
        if line is None:
            raise _BadCase(f"a line of more than {MAX_LINE_CHARS} characters")
        try:
            value: Json = json.loads(line)
        except ValueError:
            raise _BadCase("the line is not JSON") from None
        except RecursionError:
            raise _BadCase("the line is nested too deeply") from None
        if not isinstance(value, dict):
            raise _BadCase("expected an object with id, writer, reader and hex")
        self.name = _sendable(value.get("id"))
        self._value = value

    @property
    def writer(self) -> str:
        return self._schema("writer")

    @property
    def reader(self) -> str:
        return self._schema("reader")

    @property
    def body(self) -> bytes:
        text = self._value.get("hex")
        if not isinstance(text, str):
            raise _BadCase("expected the body as text in hex")
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise _BadCase("hex is not pairs of hexadecimal digits") from None

    def _schema(self, key: str) -> str:
        """Return the schema's text; a bare name stands for itself in both spellings."""
        value = self._value.get(key)
        if not isinstance(value, str | list | dict):
            raise _BadCase(f"expected a schema in {key}")
        if isinstance(value, str) and value.lstrip()[:1] in {"{", "[", '"'}:
            return value
        text = json.dumps(value)
        if len(text) > MAX_TEXT_BYTES:
            raise _BadCase(f"the schema in {key} has more than {MAX_TEXT_BYTES} bytes")
        return text


def _sendable(value: Json) -> Json:
    """Return what JSON can hold as it is, else None: Python reads NaN, Infinity and 1e999."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return value


@lru_cache(maxsize=_KNOWN_PAIRS)
def _exact(writer: str, reader: str, raw: bool) -> Exact:  # noqa: FBT001 - a key of the cache
    schemas = [parse(text, strict=False, file=name) for text, name in ((writer, "writer"), (reader, "reader"))]
    if raw:
        schemas = [without_logical(schema) for schema in schemas]
    return Exact(schemas[1], schemas[0], limits=_LIMITS)


def _failed(name: Json, reason: str, offset: int | None, path: str) -> dict[str, Json]:
    error: dict[str, Json] = {"reason": reason[:_MAX_REASON], "offset": offset, "path": path}
    return {"id": name, "hex": None, "json": None, "error": error}
