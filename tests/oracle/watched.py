"""Pairs of schemas with one body each, and which libraries fail on it or read another value than was meant.

The engine's unit tests ask what it says of them; `test_safety.py` watches the libraries do what is written here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import nan
from typing import Any

from tests.oracle.bodies import varint


@dataclass(frozen=True, slots=True)
class Watched:
    """One pair. value: what was meant, plain; broken: the libraries that do not read it, of java, fastavro, avroad.

    rule: what the engine says of it, "" for nothing that makes it unsafe; moves_meaning: whether a value that is read
    means something else to a library.
    """

    name: str
    writer: Any
    reader: Any
    body: bytes
    value: Any
    broken: frozenset[str] = frozenset()
    rule: str = ""
    moves_meaning: bool = False


def record(name: str, *fields: Any, **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def enum(name: str, *symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols) or ["A", "B"], **more}


def fixed(name: str, size: int = 1) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def watched() -> Iterator[Watched]:
    """Yield every pair."""
    yield from _moved_records()
    yield from _moved_in_unions()
    yield from _moved_with_parts()
    yield from _aliases()
    yield from _aliases_elsewhere()
    yield from _first_matches()
    yield from _arrays()
    yield from _defaults()


@dataclass(frozen=True, slots=True)
class _Around:
    """Where a type stands: its schema, body and value in something else."""

    name: str
    schema: Callable[[Any], Any]
    body: Callable[[bytes], bytes]
    value: Callable[[Any], Any]


_PLACES = (
    _Around("plain", lambda s: s, lambda b: b, lambda v: v),
    _Around("nullable", lambda s: ["null", s], lambda b: b"\2" + b, lambda v: v),
    _Around("array", array, lambda b: b"\2" + b + b"\0", lambda v: [v]),
    _Around("map", lambda s: {"type": "map", "values": s}, lambda b: b"\2\2k" + b + b"\0", lambda v: {"k": v}),
)
_JAVA = frozenset({"java"})
_FASTAVRO = frozenset({"fastavro"})
_OURS = frozenset({"avroad"})


def _moved_records() -> Iterator[Watched]:
    """A record in another namespace, with a field under a new name that has the old one as its alias."""
    old = record("a.R", field("x", "int"))
    for around in _PLACES:
        for default in (False, True):
            new = field("y", "int", aliases=["x"], **({"default": 7} if default else {}))
            where = f"{around.name}, {'a default' if default else 'no default'}"
            pair = around.schema(old), around.schema(record("b.R", new))
            body, value = around.body(varint(1)), around.value({"y": 1})
            yield Watched(f"moved: {where}", *pair, body, value, _JAVA, "NAMESPACE_MOVED", moves_meaning=default)
            cured = around.schema(record("b.R", new, aliases=["a.R"]))
            yield Watched(f"moved with an alias: {where}", pair[0], cured, body, value)
    yield Watched("moved: no field renamed", old, record("b.R", field("x", "int")), varint(1), {"x": 1})


def _moved_in_unions() -> Iterator[Watched]:
    """An enum and a fixed in another namespace, with and without unions on both sides."""
    for kind, old, new, body, value in (
        ("enum", enum("a.T"), enum("b.T"), varint(1), "B"),
        ("fixed", fixed("a.T"), fixed("b.T"), b"k", b"k"),
    ):
        for around in (*_PLACES[:1], *_PLACES[2:]):
            for how, writer, reader, broken in (
                ("as it was", old, new, False),
                ("into a union", old, ["null", new], True),
                ("union of the same shape", ["null", old], ["null", new], False),
                ("union in another order", ["null", old], [new, "null"], True),
                ("union with one more", ["null", old], ["null", new, "int"], True),
                ("out of a union", [old], new, False),
            ):
                inner = body if writer is old else (b"\0" if writer == [old] else b"\2") + body
                yield Watched(
                    f"moved {kind}, {how}, {around.name}",
                    around.schema(writer), around.schema(reader), around.body(inner), around.value(value),
                    _JAVA if broken else frozenset(), "NAMESPACE_MOVED" if broken else "",
                )  # fmt: skip
    first, then = field("first", enum("a.T")), field("then", "a.T")
    moved = field("first", enum("b.T")), field("then", ["null", "b.T"])
    yield Watched(
        "moved enum, met before where it is read", record("R", first, then), record("R", *moved), varint(1) * 2,
        {"first": "B", "then": "B"}, _JAVA, "NAMESPACE_MOVED",
    )  # fmt: skip


def _moved_with_parts() -> Iterator[Watched]:
    """A record of all sorts of fields that moves in a union: Java knows it by them, or by the shape of the union."""

    def parts(space: str, number: str, *more: Any) -> dict[str, Any]:
        fields = (
            field("e", enum("k.E")), field("f", fixed("k.F")), field("l", array("k.E")),
            field("m", {"type": "map", "values": "k.F"}), field("r", record("k.I", field("n", "int"))),
            field("u", ["null", "k.E"]), field("d", number),
        )  # fmt: skip
        return record(f"{space}.R", *fields, *more)

    body = varint(1) + b"k" + b"\2\0\0" + b"\2\0k\0" + varint(3) + b"\2\0" + varint(4)
    value = {"e": "B", "f": b"k", "l": ["A"], "m": {"": b"k"}, "r": {"n": 3}, "u": "A", "d": 4}
    moved, extra = parts("b", "long"), field("x", "int", default=0)
    yield Watched("moved with parts, into a union", parts("a", "int"), ["null", moved], body, value)
    yield Watched("moved with parts, as the only branch", parts("a", "int"), [moved], body, value)
    yield Watched(
        "moved with parts, unions alike", ["null", parts("a", "int")], ["null", parts("b", "int")], b"\2" + body, value
    )
    yield Watched(
        "moved with parts, a field more", ["null", parts("a", "int")], ["null", parts("b", "int", extra)], b"\2" + body,
        {**value, "x": 0},
    )  # fmt: skip
    before, after = field("e", enum("a.E")), field("e", ["null", enum("b.E")])
    yield Watched(
        "moved with a part that Java does not find", record("a.R", before), ["null", record("b.R", after)], varint(1),
        {"e": "B"}, _JAVA, "NAMESPACE_MOVED",
    )  # fmt: skip


def _aliases() -> Iterator[Watched]:
    """Types that have another type's name as an alias."""
    old, body = record("a.W", field("x", "int")), varint(1)
    for default in (False, True):
        new = record("a.X", field("y", "int", **({"default": 5} if default else {})), aliases=["a.W"])
        for first in (True, False):
            broken = _JAVA  # it takes the alias wherever it stands
            if first:  # fastavro takes what comes first, avroad the first that fits
                broken |= _FASTAVRO | (_OURS if default else frozenset())
            where = f"{'before' if first else 'after'} the type, {'a default' if default else 'no default'}"
            reader = [new, old] if first else [old, new]
            yield Watched(
                f"alias {where}", old, reader, body, {"x": 1}, broken, "UNION_AMBIGUOUS", moves_meaning=default
            )
    claim = field("c", record("a.C", field("n", enum("b.N", aliases=["a.E"]))), default={"n": "A"})
    yield Watched(
        "alias of a type that is still read elsewhere", record("R", field("e", enum("a.E"))),
        record("R", field("e", enum("a.E")), claim), varint(1), {"e": "B", "c": {"n": "A"}}, _JAVA, "ALIAS_COLLISION",
        moves_meaning=True,
    )  # fmt: skip
    chain = field("y", "int", aliases=["x"]), field("z", "int", aliases=["y"], default=0)
    yield Watched(
        "alias of an alias", record("R", field("x", "int")), record("R", *chain), varint(1), {"y": 1, "z": 0},
        _JAVA, "ALIAS_COLLISION", moves_meaning=True,
    )  # fmt: skip


def _aliases_elsewhere() -> Iterator[Watched]:
    """Aliases that Java applies where nobody asked, and those that it leaves alone because nothing else changed."""
    n, one = field("n", "int"), varint(1)
    pair = record("a.X", field("f", "int"), field("g", "int"))
    other = record("a.X", field("g", "int", aliases=["f"]))
    yield Watched(
        "two fields of one name in a record that is not read", record("R", field("s", pair), n),
        record("R", n, field("x", other, default={"g": 5})), one * 3, {"n": 1, "x": {"g": 5}},
        _JAVA, "ALIAS_COLLISION", moves_meaning=True,
    )  # fmt: skip
    union = [record("a.Old"), record("a.New")]
    yield Watched(
        "two branches of one name in a union that is not read", record("R", field("s", union), n),
        record("R", n, field("x", record("a.New", aliases=["a.Old"]), default={})), b"\0" + one, {"n": 1, "x": {}},
        _JAVA, "ALIAS_COLLISION", moves_meaning=True,
    )  # fmt: skip
    claimed = record("a.X", field("g", "int", aliases=["f"], default=5))
    claims = record("a.Y", field("x", "int"), aliases=["a.X"])
    yield Watched(
        "fields of a record whose name another type claims", record("R", field("s", record("a.X", field("f", "int")))),
        record("R", field("s", claimed), field("y", claims, default={"x": 1})), one, {"s": {"g": 1}, "y": {"x": 1}},
        _JAVA, "ALIAS_COLLISION", moves_meaning=True,
    )  # fmt: skip
    inner = array(record("Y", field("f", "int")))
    outer = field("g", array(record("b.Y", field("f", "int"))), aliases=["f"])
    yield Watched(
        "fields of a record whose name the record around it claims", record("a.T", field("f", inner)),
        record("a.T", outer, aliases=["Y"]), b"\2" + one + b"\0", {"g": [{"f": 1}]}, _JAVA, "NAMESPACE_MOVED",
    )  # fmt: skip
    x, y = record("a.X", field("f", "int")), record("a.Y", field("f", "int"))
    old, new = field("u", ["null", x, y]), field("u", ["null", x, {**y, "aliases": ["a.X"]}])
    body = b"\2" + one
    yield Watched(
        "an alias of a live type, and nothing else", record("R", old), record("R", new), body, {"u": {"f": 1}}
    )
    chain = field("r", "int", aliases=["f"]), field("g", "int", aliases=["r"])
    yield Watched(
        "an alias of an alias that is done after one", record("R", field("f", "int"), field("g", "int")),
        record("R", *chain), varint(1) + varint(2), {"r": 1, "g": 2},
    )  # fmt: skip
    alone = record("R", field("u", ["null", record("a.X", field("old", "int"))]))
    one_of = record("a.X", field("f", "int", aliases=["old"])), record("a.Y", field("f", "int"), aliases=["a.X"])
    yield Watched(
        "an alias of a live type beside another change", alone, record("R", field("u", ["null", *one_of])), body,
        {"u": {"f": 1}}, _JAVA, "UNION_AMBIGUOUS", moves_meaning=True,
    )  # fmt: skip


def _first_matches() -> Iterator[Watched]:
    """Branches that a library takes because they come first."""
    text = varint(1) + b"a"
    for union in (False, True):
        index = b"\2" if union else b""
        where = " in unions" if union else ""
        for kind, reader, body, value in (
            ("string", ["bytes", "string"], text, "a"),
            ("bytes", ["string", "bytes"], varint(1) + b"\xff", b"\xff"),
            ("long", ["double", "long"], varint(2**60 + 1), 2**60 + 1),
        ):
            writer: Any = ["null", kind] if union else kind
            wide = ["null", *reader] if union else reader
            yield Watched(
                f"{kind} after {reader[0]}{where}", writer, wide, index + body, value, _FASTAVRO, "UNION_AMBIGUOUS"
            )
    yield Watched("string before bytes", "string", ["string", "bytes"], text, "a")
    yield Watched("string as bytes", ["null", "string"], ["null", "bytes"], b"\2" + text, b"a")
    yield Watched("int after double", "int", ["double", "int"], varint(5), 5)
    yield Watched("long before double", "long", ["long", "double"], varint(2**60 + 1), 2**60 + 1)
    kept = field("u", ["bytes", "string"])
    yield Watched(
        "a union that did not change, beside a new field",
        record("R", kept), record("R", kept, field("n", "int", default=0)),
        b"\2" + text, {"u": "a", "n": 0}, _FASTAVRO, "UNION_AMBIGUOUS",
    )  # fmt: skip
    yield Watched("schemas that did not change at all", record("R", kept), record("R", kept), b"\2" + text, {"u": "a"})
    one, two = record("a.R", field("y", "int", default=3)), record("b.R", field("x", "int"))
    yield Watched(
        "two records of one simple name",
        two,
        [one, two],
        varint(1),
        {"x": 1},
        _FASTAVRO,
        "UNION_AMBIGUOUS",
        moves_meaning=True,
    )
    yield Watched(
        "two records of one simple name in unions", ["null", one, two], ["null", one, two, "int"], b"\4" + varint(1),
        {"x": 1}, _FASTAVRO, "UNION_AMBIGUOUS", moves_meaning=True,
    )  # fmt: skip
    yield Watched("two enums of one simple name", enum("b.E"), [enum("a.E"), enum("b.E")], varint(1), "B")
    yield Watched(
        "two enums of one simple name and other symbols", enum("b.E"), [enum("a.E", "B"), enum("b.E")], varint(0), "A",
        _FASTAVRO, "UNION_AMBIGUOUS",
    )  # fmt: skip
    yield Watched("a fixed and an enum of one simple name", fixed("b.T"), [enum("a.T"), fixed("b.T")], b"k", b"k")
    yield Watched("two fixed of one simple name", fixed("b.T"), [fixed("a.T"), fixed("b.T")], b"k", b"k")
    yield Watched(
        "an enum and a record of one simple name", enum("b.R"), [one, enum("b.R")], varint(1), "B",
        _FASTAVRO, "UNION_AMBIGUOUS",
    )  # fmt: skip


def _arrays() -> Iterator[Watched]:
    """Arrays whose items are larger for the reader, by Java's count, than they are as written."""
    one, half = varint(1), struct.pack("<f", 0.5)
    old = record("R", field("a", "int"))
    nullable = field("b", ["null", "double"], default=None)
    for name, writer, reader, item, value, broken in (
        ("int as long", "int", "long", one, 1, False),
        ("int as float", "int", "float", one, 1, True),
        ("int as double", "int", "double", one, 1, True),
        ("long as float", "long", "float", one, 1, True),
        ("long as double", "long", "double", one, 1, True),
        ("float as double", "float", "double", half, 0.5, True),
        ("string as bytes", "string", "bytes", one + b"a", b"a", False),
        ("a union", ["null", "int"], ["null", "double"], b"\2" + one, 1, False),
        ("a union of larger branches", ["float", "double"], "double", b"\0" + half, 0.5, True),
        ("int as a union", "int", ["null", "double"], one, 1, False),
        ("null as a union", "null", ["null", "double"], b"", None, True),
        ("a record with one field more", old, record("R", field("a", "int"), nullable), one, {"a": 1, "b": None}, True),
        (
            "a record with one field less",
            record("R", field("a", "int"), field("b", "int")),
            old,
            one * 2,
            {"a": 1},
            False,
        ),
        ("a record with a wider field", old, record("R", field("a", "double")), one, {"a": 1}, True),
        ("an array", array("int"), array("double"), b"\2" + one + b"\0", [1], True),
        (
            "a map",
            {"type": "map", "values": "int"},
            {"type": "map", "values": "double"},
            b"\2\0" + one + b"\0",
            {"": 1},
            False,
        ),
    ):
        body, items = b"\6" + item * 3 + b"\0", [value] * 3
        said = (_JAVA, "ARRAY_ITEMS_GREW") if broken else (frozenset[str](), "")
        yield Watched(f"items: {name}", array(writer), array(reader), body, items, *said)
        if name == "a record with one field more":
            nested = (
                record("T", field("list", ["null", array(writer)])),
                record("T", field("list", ["null", array(reader)])),
            )
            yield Watched(f"items: {name}, in a record", *nested, b"\2" + body, {"list": items}, *said)
    tree = record("Tree", field("below", array("Tree")), field("n", "int"))
    wide = record("Tree", field("below", array("Tree")), field("n", "double"))
    leaf, datum = b"\0" + one, {"below": [], "n": 1}
    yield Watched(
        "items: a record in itself", tree, wide, b"\6" + leaf * 3 + b"\0" + one, {"below": [datum] * 3, "n": 1},
        _JAVA, "ARRAY_ITEMS_GREW",
    )  # fmt: skip
    yield Watched("items of a map", {"type": "map", "values": "int"}, {"type": "map", "values": "double"},
                  b"\2\0" + one + b"\0", {"": 1})  # fmt: skip


def _defaults() -> Iterator[Watched]:
    """Defaults of fields that were not written."""
    inner = record("In", field("n", "int", default=1))
    misread, raw = (_JAVA, "UNION_DEFAULT_NOT_FIRST", True), (_FASTAVRO, "DEFAULT_NOT_DECODED", False)
    fine = (frozenset[str](), "", False)
    for name, kind, default, value, said in (
        ("a number of a later branch", ["int", "double"], 0.5, 0.5, misread),
        ("a long of a later branch", ["int", "long"], 2**40, 2**40, misread),
        ("null after an array", [array("int"), "null"], None, None, misread),
        ("null after a map", [{"type": "map", "values": "int"}, "null"], None, None, misread),
        ("null after a record", [inner, "null"], None, None, misread),
        ("null after an enum", [enum("E"), "null"], None, None, misread),
        ("text after an enum", [enum("E"), "string"], "x", "x", misread),
        ("null after a fixed", [fixed("F"), "null"], None, None, fine),
        ("null after a boolean", ["boolean", "null"], None, None, fine),
        ("text after a number", ["int", "string"], "x", "x", fine),
        ("a symbol after text", ["string", enum("E")], "A", "A", fine),
        ("in items", array(["int", "double"]), [0.5], [0.5], misread),
        ("bytes", "bytes", "\u00ff", b"\xff", raw),
        ("fixed", fixed("F"), "\u00ff", b"\xff", raw),
        ("bytes in a map", {"type": "map", "values": "bytes"}, {"k": "\u00ff"}, {"k": b"\xff"}, raw),
        ("a record without its fields", inner, {}, {"n": 1}, raw),
        ("a record with its fields", inner, {"n": 1}, {"n": 1}, fine),
        ("text for a number that JSON does not have", "double", "NaN", nan, raw),
        ("null of a union with bytes", ["null", "bytes"], None, None, fine),
    ):
        reader = record("R", field("f", kind, default=default))
        broken, rule, moves = said
        yield Watched(f"default: {name}", record("R"), reader, b"", {"f": value}, broken, rule, moves_meaning=moves)
