"""Datums as JSON and back: Avro's own encoding for programs, or a plain form for people.

In Avro's encoding a union's value is `{"type": value}`, null is null. In the plain form it stands alone where JSON
itself tells the branches apart, and as in Avro's encoding where it does not: the schema decides, never the value.
Source: Avro specification 1.12, JSON Encoding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from avroad.codec.plain import PLAIN_MAPS
from avroad.errors import EncodeError
from avroad.schema import Array, Enum, Fixed, Json, Map, Named, Primitive, Record, Schema, Union
from avroad.wire.exact import Exact
from avroad.wire.json_leaf import avro_leaf, json_kinds, plain_leaf, read_avro_leaf, read_plain_leaf

__all__ = ["JsonForm", "json_text", "read_json_text"]

_KINDS: Final[Mapping[type, str]] = {
    type(None): "null", bool: "boolean", int: "int", float: "float", str: "string", list: "array", dict: "object",
}  # fmt: skip
_INVISIBLE: Final = re.compile(r"[^\x20-\x7e\n]")


class JsonForm:
    """Writes and reads the data of `exact`. avro: Avro's encoding, else the plain form. Not thread-safe."""

    def __init__(self, exact: Exact, *, avro: bool) -> None:
        self._exact = exact
        self._avro = avro
        self._by_kind: dict[int, dict[str, int]] = {}

    def write(self, datum: Any) -> Json:  # noqa: ANN401 - any datum
        """Return a datum as JSON; every datum that was decoded has one."""
        return self._write(self._exact.schema, datum)

    def read(self, value: Json) -> Any:  # noqa: ANN401 - any datum
        """Return the datum, marked as `exact` writes it. Raises EncodeError; ranges are checked when it is encoded."""
        return self._read(self._exact.schema, value, "$")

    def _write(self, schema: Schema, datum: Any) -> Json:  # noqa: ANN401 - any datum
        if isinstance(schema, Primitive | Fixed):
            return avro_leaf(schema, datum) if self._avro else plain_leaf(schema, datum)
        if isinstance(schema, Record):
            return {field.name: self._write(field.type, datum[field.name]) for field in schema.fields}
        if isinstance(schema, Array):
            return [self._write(schema.items, item) for item in datum]
        if isinstance(schema, Map):
            return {key: self._write(schema.values, item) for key, item in datum.items()}
        if isinstance(schema, Enum):
            return str(datum)
        assert isinstance(schema, Union)  # the last kind there is
        branch, inner = self._exact.unmark(schema, datum)
        value = self._write(schema.branches[branch], inner)
        return {_label(schema.branches[branch]): value} if self._labelled(schema, branch) else value

    def _read(self, schema: Schema, value: Json, path: str) -> Any:  # noqa: ANN401 - any datum
        if isinstance(schema, Primitive | Fixed):
            return (read_avro_leaf if self._avro else read_plain_leaf)(schema, value, path)
        if isinstance(schema, Record):
            return self._read_record(schema, value, path)
        if isinstance(schema, Array):
            if not isinstance(value, list):
                _refuse(path, "a list", value)
            return [self._read(schema.items, item, f"{path}[{i}]") for i, item in enumerate(value)]
        if isinstance(schema, Map):
            if not isinstance(value, PLAIN_MAPS):
                _refuse(path, "an object", value)
            return {key: self._read(schema.values, item, f"{path}[{key[:40]!r}]") for key, item in value.items()}
        if isinstance(schema, Enum):
            if not isinstance(value, str):
                _refuse(path, f"a symbol of {schema.name}", value)
            return value
        assert isinstance(schema, Union)  # the last kind there is
        return self._read_union(schema, value, path)

    def _read_record(self, schema: Record, value: Json, path: str) -> Any:  # noqa: ANN401 - any datum
        if not isinstance(value, dict):
            _refuse(path, f"an object for {schema.name}", value)
        known = {field.name: field.type for field in schema.fields}
        # What is missing or too much is the encoder's to say: it has the better words.
        return {key: self._read(known[key], item, f"{path}.{key}") if key in known else item
                for key, item in value.items()}  # fmt: skip

    def _read_union(self, schema: Union, value: Json, path: str) -> Any:  # noqa: ANN401 - any datum
        branch = self._branch_of(schema, value)
        if branch is None:
            labels = ", ".join(_label(b) for b in schema.branches)
            hint = "" if not self._labels(schema) else 'Name the branch: {"type": value}.'
            raise EncodeError("", path=path, expected=f"a value of one branch of [{labels}]", found=_shown(value),
                              hint=hint)  # fmt: skip
        if self._labelled(schema, branch) and isinstance(value, dict):
            (value,) = value.values()
        return self._exact.mark(schema, branch, self._read(schema.branches[branch], value, path))

    def _branch_of(self, schema: Union, value: Json) -> int | None:
        if not self._labels(schema):
            kinds = self._kinds(schema)
            kind = _KINDS[type(value)]
            return kinds.get(kind, kinds.get("float") if kind == "int" else None)
        if isinstance(value, dict) and len(value) == 1:
            (label,) = value
            return next((i for i, b in enumerate(schema.branches) if _label(b) == label and label != "null"), None)
        if value is None:
            return next((i for i, b in enumerate(schema.branches) if _label(b) == "null"), None)
        return None

    def _labelled(self, union: Union, branch: int) -> bool:
        return self._labels(union) and _label(union.branches[branch]) != "null"

    def _labels(self, union: Union) -> bool:
        """Whether values of the union need their branch's name: always in Avro's form, else where kinds coincide."""
        return self._avro or not self._kinds(union)

    def _kinds(self, union: Union) -> dict[str, int]:
        """Return the branch per kind of JSON, nothing when two branches share a kind."""
        if id(union) not in self._by_kind:
            pairs = [(kind, i) for i, branch in enumerate(union.branches) for kind in _kinds_of(branch)]
            self._by_kind[id(union)] = dict(pairs) if len(dict(pairs)) == len(pairs) else {}
        return self._by_kind[id(union)]


def json_text(value: Json, *, indent: int | None = None) -> str:
    """Return JSON on one line, or indented, without characters that a terminal would obey or hide."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    return _INVISIBLE.sub(_escaped, text)


def read_json_text(text: bytes | str) -> Json:
    """Return the value of JSON text of any size, in UTF-8.

    Raises EncodeError for what is not JSON, also for NaN and for a key given twice.
    """
    try:
        source = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = json.loads(source, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise EncodeError(f"not JSON: {error.msg}", path=f"line {error.lineno} column {error.colno}") from None
    except UnicodeDecodeError:
        raise EncodeError("not JSON: the bytes are not UTF-8") from None
    except RecursionError:
        raise EncodeError("not JSON: nested too deeply") from None
    except ValueError as error:
        raise EncodeError(f"not JSON: {error}") from None
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("one key twice in one object")
    return value


def _no_constant(name: str) -> Json:
    raise ValueError(f'{name} is no number: write "{name}" in quotes')


def _escaped(match: re.Match[str]) -> str:
    letter = match.group()
    if letter.isprintable():
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _kinds_of(schema: Schema) -> frozenset[str]:
    if isinstance(schema, Primitive | Fixed):
        return json_kinds(schema)
    return frozenset({"string" if isinstance(schema, Enum) else "array" if isinstance(schema, Array) else "object"})


def _label(schema: Schema) -> str:
    return schema.name if isinstance(schema, Primitive | Named) else type(schema).__name__.lower()


def _shown(value: Json) -> str:
    return {"int": "a number", "float": "a number", "object": "an object", "array": "a list", "null": "null"}.get(
        _KINDS[type(value)], f"a {_KINDS[type(value)]}"
    )


def _refuse(path: str, expected: str, value: Json) -> NoReturn:
    raise EncodeError("", path=path, expected=expected, found=_shown(value))
