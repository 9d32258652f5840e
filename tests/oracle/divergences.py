"""The one list of where other Avro libraries are known to differ from the strict reading, each with its reason.

A difference that is not listed fails the differential runs. Each entry carries an example, which a test runs: an
entry that no longer holds fails too, and is taken out.

library: java (Apache Avro Java 1.12.2), fastavro (1.13), avro (Apache avro for Python 1.12).
kind: "accepts" what breaks the oracle's rule `rule`; "refuses" what the oracle reads, with a message that matches
`rule`; "value": reads another value, in parts that the excuse of `EXCUSES[library, rule]` allows.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from tests.oracle.compare import Excuse, agree


@dataclass(frozen=True, slots=True)
class Divergence:
    """One known difference. example: writer, reader and body in hex.

    told: the rules by one of which our compatibility engine says so of a pair that Java's checker is content with; none
    where it is no business of the pair.
    """

    library: str
    kind: str
    rule: str
    why: str
    example: tuple[Any, Any, str]
    told: tuple[str, ...] = ()


def _record(*fields: Any, name: str = "a.R", **more: Any) -> dict[str, Any]:
    listed = [
        f if isinstance(f, dict) else {"name": f[0], "type": f[1], **({"default": f[2]} if len(f) > 2 else {})}
        for f in fields
    ]
    return {"type": "record", "name": name, "fields": listed, **more}


_INTS = {"type": "array", "items": "int"}
_E = {"type": "enum", "name": "a.E", "symbols": ["A", "B"]}
_FIXED = {"type": "fixed", "name": "a.F", "size": 2}


def _alone(node: Any, body: str) -> tuple[Any, Any, str]:
    return node, node, body


def _skipped(node: Any, body: str) -> tuple[Any, Any, str]:
    return _record(("f", node)), _record(), body


_TRAILING = "reads one datum from a stream; what follows is the caller's business"
_BOOLEAN = "tests the byte for 1 (Java, avro) or for truth (fastavro) instead of refusing the others"
_OVERLONG = "reads a varint with bytes that add nothing: one number, several spellings"
_WIDE = "reads an int as a long and cuts it to 32 bits (Java) or keeps what does not fit (fastavro, avro)"
_BLOCK = "ignores the byte size of a block where it reads, and trusts it where it skips"
_KEYS = "lets the last of several entries with one key win"
_SKIP = "moves over skipped bytes without looking at them"
_GUESS = "settles by name what name and alias leave open; the libraries do not agree on which"
_FULL = "compares full names, where the specification compares the unqualified ones"

JAVA: tuple[Divergence, ...] = (
    Divergence("java", "accepts", "trailing", _TRAILING, _alone("int", "0202")),
    Divergence("java", "accepts", "varint", _OVERLONG, _alone("int", "8000")),
    Divergence("java", "accepts", "int", _WIDE, _alone("int", "8080808010")),
    Divergence("java", "accepts", "boolean", _BOOLEAN, _alone("boolean", "02")),
    Divergence("java", "accepts", "block", _BLOCK, _alone(_INTS, "0302020400")),
    Divergence("java", "accepts", "key", _KEYS, _alone({"type": "map", "values": "int"}, "0402610202610400")),
    Divergence("java", "accepts", "utf8", "keeps text as bytes until somebody asks for it", _alone("string", "0480ff")),
    Divergence("java", "accepts", "enum", "skips an enum without comparing it with the symbols", _skipped(_E, "08")),
    Divergence("java", "accepts", "length", "skips a negative length by not moving", _skipped("string", "01")),
    Divergence("java", "accepts", "branch", _WIDE, _alone(["null", "int"], "808080801000")),
    Divergence("java", "accepts", "truncated", _BLOCK, _skipped({"type": "array", "items": "string"}, "01040a6100")),
    Divergence("java", "accepts", "items", _BLOCK, _skipped(_INTS, "c19a0c020400")),
    Divergence(
        "java",
        "accepts",
        "ambiguous",
        _GUESS,
        (
            _record(("f", "int"), ("g", "int")),
            _record(("f", "int"), {"name": "g", "type": "int", "aliases": ["f"]}),
            "0204",
        ),
    ),
    Divergence(
        "java",
        "accepts",
        "union",
        "takes the branch of a record by its fields, whatever its name",
        (_record(("f", "int")), ["null", _record(("f", "int"), name="a.Q")], "02"),
    ),
    Divergence(
        "java",
        "accepts",
        "default",
        "takes a default of another type for one: 0.5 for an int is 0",
        (_record(), _record(("f", "int", 0.5)), ""),
    ),
    Divergence(
        "java",
        "accepts",
        "name",
        "reads records by their fields: its checker compares names, its reader does not",
        (_record(("f", "int")), _record(("f", "int"), name="a.Q"), "02"),
    ),
)
JAVA_REFUSES: tuple[Divergence, ...] = (
    Divergence(
        "java", "value", "float32", "a float has 32 bits: a promoted number is rounded", ("int", "float", "feffffff0f")
    ),
    Divergence(
        "java",
        "refuses",
        r"EOFException: Collection claims \d+ elements with at least",
        "compares a collection's bytes with the size of the reader's items, where the writer's are what is there",
        ({"type": "array", "items": "int"}, {"type": "array", "items": "double"}, "020200"),
        told=("ARRAY_ITEMS_GREW",),
    ),
    Divergence(
        "java",
        "refuses",
        "AvroRuntimeException: Duplicate field",
        "builds the writer's schema under the reader's aliases first, also where no datum comes",
        (
            {"type": "array", "items": _record(("f", "int"), ("g", "int"))},
            {"type": "array", "items": _record({"name": "g", "type": "int", "aliases": ["f"]})},
            "00",
        ),
        told=("ALIAS_COLLISION",),
    ),
    Divergence(
        "java",
        "refuses",
        r"AvroTypeException: (No default value for|enum value)|StackOverflowError",
        "takes a union's default for one of the first branch of its sort, and at a record it looks no closer",
        (_record(), _record(("up", ["a.R", "null"], None)), ""),
        told=("UNION_DEFAULT_NOT_FIRST", "READER_DEFAULT_INVALID"),
    ),
    Divergence(
        "java",
        "value",
        "union default",
        "takes a union's default for one of the first branch of its sort: null for an array without items",
        (_record(), _record(("f", [_INTS, "null"], None)), ""),
        told=("UNION_DEFAULT_NOT_FIRST",),
    ),
    Divergence(
        "java",
        "refuses",
        r"AvroTypeException: Found (.*)\.(\w+), expecting (.*)\.\2, missing required field",
        _FULL + ", when it applies the aliases of a record's fields",
        (_record(("f", "int")), _record({"name": "g", "type": "int", "aliases": ["f"]}, name="z.R"), "02"),
        told=("NAMESPACE_MOVED",),
    ),
    Divergence(
        "java",
        "refuses",
        r"AvroTypeException: Found [\w.]+, expecting union\[",
        _FULL + " when it looks for the branch of an enum or fixed",
        (_E, ["null", {**_E, "name": "z.E"}], "00"),
        told=("NAMESPACE_MOVED",),
    ),
)
FASTAVRO: tuple[Divergence, ...] = (
    Divergence("fastavro", "accepts", "trailing", _TRAILING, _alone("int", "0202")),
    Divergence("fastavro", "accepts", "varint", _OVERLONG, _alone("int", "8000")),
    Divergence("fastavro", "accepts", "int", _WIDE, _alone("int", "8080808010")),
    Divergence("fastavro", "accepts", "boolean", _BOOLEAN, _alone("boolean", "02")),
    Divergence("fastavro", "accepts", "block", _BLOCK, _alone(_INTS, "0302020400")),
    Divergence("fastavro", "accepts", "key", _KEYS, _alone({"type": "map", "values": "int"}, "0402610202610400")),
    Divergence("fastavro", "accepts", "utf8", _SKIP, _skipped("string", "0480ff")),
    Divergence("fastavro", "accepts", "truncated", _SKIP, _skipped("string", "0661")),
    Divergence("fastavro", "accepts", "length", _SKIP, _skipped("string", "01")),
    Divergence("fastavro", "accepts", "enum", "counts a negative position from the end", _alone(_E, "01")),
    Divergence(
        "fastavro", "accepts", "branch", "counts a negative position from the end", _alone(["int", "null"], "01")
    ),
    Divergence(
        "fastavro",
        "accepts",
        "ambiguous",
        _GUESS,
        (
            _record(("f", "int"), ("g", "int")),
            _record(("f", "int"), {"name": "g", "type": "int", "aliases": ["f"]}),
            "0204",
        ),
    ),
    Divergence(
        "fastavro",
        "accepts",
        "default",
        "fills in a default that needs itself without end, once",
        (_record(), _record(("f", "a.R", {})), ""),
    ),
    Divergence(
        "fastavro",
        "refuses",
        "SchemaResolutionError: [Ss]chema mismatch",
        "refuses an empty array or map whose items it could not read",
        ({"type": "map", "values": "int"}, {"type": "map", "values": "string"}, "00"),
    ),
    Divergence(
        "fastavro",
        "refuses",
        "UnicodeDecodeError",
        "takes the first branch bytes can be promoted to",
        ("bytes", ["string", "bytes"], "02ff"),
        told=("UNION_AMBIGUOUS",),
    ),
    Divergence(
        "fastavro",
        "refuses",
        "SchemaParseException: Default value",
        "refuses a default of another type while it parses",
        (_record(("f", "double")), _record(("f", "double", None)), "00" * 8),
    ),
    Divergence(
        "fastavro",
        "refuses",
        "TypeError: (string indices must be|unhashable type)",
        "fails where the reader's union refers to a type by its name, and the writer's type stands alone",
        (_record(("f", _E), ("g", ["null", "a.E"])), _record(("g", ["null", _E]), ("f", ["a.E", "null"])), "000200"),
    ),
    Divergence(
        "fastavro",
        "value",
        "number",
        "takes the first branch a number or text can be promoted to; gives an int default of a float as int",
        ("int", ["float", "int"], "02"),
    ),
    Divergence(
        "fastavro",
        "value",
        "inner default",
        "leaves out the inner defaults of a record's default",
        (_record(), _record(("f", _record(("n", "int", 3), name="a.In"), {})), ""),
    ),
    Divergence(
        "fastavro",
        "value",
        "default",
        "gives a default of bytes or fixed as text",
        (_record(), _record(("f", "bytes", "\u00ff")), ""),
    ),
)
AVRO: tuple[Divergence, ...] = (
    Divergence("avro", "accepts", "trailing", _TRAILING, _alone("int", "0202")),
    Divergence("avro", "accepts", "varint", _OVERLONG, _alone("int", "8000")),
    Divergence("avro", "accepts", "int", _WIDE, _alone("int", "8080808010")),
    Divergence("avro", "accepts", "boolean", _BOOLEAN, _alone("boolean", "02")),
    Divergence("avro", "accepts", "block", _BLOCK, _alone(_INTS, "0302020400")),
    Divergence("avro", "accepts", "key", _KEYS, _alone({"type": "map", "values": "int"}, "0402610202610400")),
    Divergence("avro", "accepts", "utf8", _SKIP, _skipped("string", "0480ff")),
    Divergence("avro", "accepts", "truncated", _SKIP, _skipped("string", "0661")),
    Divergence("avro", "accepts", "enum", _SKIP, _skipped(_E, "08")),
    Divergence(
        "avro",
        "accepts",
        "default",
        "takes a default of a fixed whatever its length",
        (_record(), _record(("f", _FIXED, "\u0000")), ""),
    ),
    Divergence(
        "avro",
        "refuses",
        "SchemaResolutionException",
        _FULL + ", and wants every branch of a union to fit",
        (_record(), _record(name="z.R"), ""),
    ),
    Divergence(
        "avro",
        "refuses",
        "no aliases",
        "knows no aliases: it is not asked",
        (_record(), {**_record(), "aliases": ["a.Q"]}, ""),
    ),
    Divergence(
        "avro",
        "refuses",
        "InvalidDefaultException",
        "takes no whole number as the default of a float or double",
        (_record(), _record(("f", "double", 3)), ""),
    ),
    Divergence("avro", "value", "number", "gives a promoted number in the writer's type", ("int", "double", "02")),
    Divergence(
        "avro",
        "value",
        "union default",
        "takes the default of a later branch as a value of the first: null, or for a boolean whatever it is",
        (_record(), _record(("f", ["boolean", "null"], None)), ""),
    ),
    Divergence(
        "avro",
        "value",
        "default",
        "encodes a default of bytes or fixed as UTF-8",
        (_record(), _record(("f", "bytes", "\u00ff")), ""),
    ),
)
ALL: tuple[Divergence, ...] = (*JAVA, *JAVA_REFUSES, *FASTAVRO, *AVRO)


def float32(theirs: Any, spec: Any) -> bool:
    """Say whether a number is the other one rounded to 32 bits; Python's float holds a promoted int exactly."""
    return type(theirs) is type(spec) is float and theirs == struct.unpack("<f", struct.pack("<f", spec))[0]


def _number(theirs: Any, spec: Any) -> bool:
    return {type(theirs), type(spec)} == {int, float} and float(theirs) == float(spec)


def _same_text(theirs: Any, spec: Any) -> bool:
    text, data = (theirs, spec) if isinstance(theirs, str) else (spec, theirs)
    return isinstance(text, str) and isinstance(data, bytes) and text.encode() == data


def _text_default(theirs: Any, spec: Any) -> bool:
    return isinstance(theirs, str) and isinstance(spec, bytes) and theirs == spec.decode("latin-1")


def _utf8_default(theirs: Any, spec: Any) -> bool:
    return isinstance(theirs, bytes) and isinstance(spec, bytes) and theirs == spec.decode("latin-1").encode()


def _lost_inner_default(theirs: Any, spec: Any) -> bool:
    inside = type(theirs) is type(spec) is dict and theirs.keys() < spec.keys()
    return inside and all(agree(theirs[key], spec[key], ordered=False, excuses=excuses("fastavro")) for key in theirs)


EXCUSES: dict[tuple[str, str], Excuse] = {
    ("java", "float32"): float32,
    ("java", "union default"): lambda theirs, spec: False,  # told by the engine, of a whole pair
    ("fastavro", "number"): lambda theirs, spec: _number(theirs, spec) or _same_text(theirs, spec),
    ("fastavro", "default"): _text_default,
    ("fastavro", "inner default"): _lost_inner_default,
    ("avro", "number"): _number,
    ("avro", "default"): _utf8_default,
    ("avro", "union default"): lambda theirs, spec: (
        (theirs is not None and spec is None) or (isinstance(theirs, bool) and not isinstance(spec, bool))
    ),
}


def accepted(library: str, rule: str) -> Divergence | None:
    """Return why the library may accept what breaks `rule`, None when it may not."""
    return next((d for d in ALL if (d.library, d.kind, d.rule) == (library, "accepts", rule)), None)


def refused(library: str, message: str, told: Container[str]) -> Divergence | None:
    """Return why the library may refuse what the oracle reads, None when it may not.

    told: the rules that our engine found broken; what it should tell and does not is no known difference.
    """
    found = (d for d in ALL if (d.library, d.kind) == (library, "refuses") and re.search(d.rule, message, re.DOTALL))
    return next((entry for entry in found if not entry.told or any(rule in told for rule in entry.told)), None)


def misread(library: str, told: Container[str]) -> bool:
    """Say whether the library may read other values, because our engine tells so of the pair."""
    listed = (entry for entry in ALL if (entry.library, entry.kind) == (library, "value"))
    return any(rule in told for entry in listed for rule in entry.told)


def excuses(library: str) -> list[Excuse]:
    """Return which parts of a value may differ."""
    return [excuse for (name, _), excuse in EXCUSES.items() if name == library]
