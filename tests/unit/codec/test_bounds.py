"""Refusing is cheap and exact: the line that failed knows the place, and no few bytes stand for millions of values."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for, explain_decode
from avroad.codec.runtime import MAX_ITEMS
from avroad.errors import DecodeError, EncodeError, IncompatibleSchema
from avroad.schema import parse
from tests.unit.codec.support import OPEN, decode, encode, not_written, record, refused

INTS: Any = {"type": "array", "items": "int"}
DOUBLES: Any = {"type": "array", "items": "double"}


def test_refusing_the_end_of_a_large_payload_reads_nothing_before_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    whole = explain_decode._Value.read

    def counted(value: Any, node: Any) -> None:
        read.append(node)
        whole(value, node)

    monkeypatch.setattr(explain_decode._Value, "read", counted)
    entry = record(("k", "string"), ("v", ["null", INTS]), name="t.E")
    node = record(("m", {"type": "array", "items": entry}), ("last", "boolean"))
    datum = {"m": [{"k": "x", "v": [1, 2, 3]}] * 20_000, "last": True}
    body = encode(node, datum)
    error = refused(node, body[:-1] + b"\2")
    assert (error.path, error.offset) == ("$.last", len(body) - 1)
    assert len(read) == 1
    assert "after the datum" in refused(node, body + b"\0").reason
    assert len(read) == 1


@pytest.mark.parametrize("wire", ["0402040406ff", "04020403020aff"], ids=["second-block", "second-block-with-size"])
def test_the_index_counts_across_blocks(wire: str) -> None:
    error = refused(INTS, wire)
    assert error.path.startswith("$[")
    assert int(error.path[2:-1]) >= 2


def test_the_path_goes_through_functions_of_their_own() -> None:
    shared = record(*[(f"x{i}", "int") for i in range(30)], name="t.S")
    node = record(("a", {"type": "array", "items": shared}), ("b", {"type": "map", "values": "t.S"}))
    one = {f"x{i}": i for i in range(30)}
    body = encode(node, {"a": [one, one], "b": {"k": one}})
    assert decode(node, body) == {"a": [one, one], "b": {"k": one}}
    second = len(encode(shared, one)) + 1
    assert refused(node, body[: second + 5]).path == "$.a[1].x5"
    assert refused(node, body[:-2]).path == "$.b{0}.x29"
    tree = record(("v", "int"), ("c", {"type": "array", "items": "t.T"}), name="t.T")
    leaf: dict[str, Any] = {"v": 0, "c": []}
    wire = encode(tree, {"v": 1, "c": [leaf, {"v": 2, "c": [leaf]}]})
    assert refused(tree, wire[:6]).path == "$.c[1].c[0].v"


@pytest.mark.parametrize("name", ["{", "}", "{0}", "{x}", "{{a}}", "%s"])
def test_hostile_names_stand_in_paths_as_they_are(name: str) -> None:
    fields = [{"name": name, "type": INTS}, {"name": f"{name}d", "type": "double"}]
    node: Any = {"type": "record", "name": "R", "fields": fields}
    decoder = decoder_for(parse(node, strict=False))
    for body, path in ((b"\2\x80", f"$.{name}[0]"), (b"\0\0", f"$.{name}d")):
        with pytest.raises(DecodeError) as caught:
            decoder.decode(body)
        assert caught.value.path == path


def test_neighbours_read_in_one_call_are_told_apart() -> None:
    node = record(("a", "double"), ("b", "boolean"), ("c", "float"), ("d", {"type": "fixed", "name": "t.F", "size": 2}))
    good = encode(node, {"a": 1.0, "b": True, "c": 2.0, "d": b"xy"})
    for cut, path, offset in ((4, "$.a", 0), (8, "$.b", 8), (10, "$.c", 9), (14, "$.d", 13)):
        for reader in (None, record()):
            error = refused(node, good[:cut], reader)
            assert (error.path, error.offset) == (path, offset)
    assert refused(node, good[:8] + b"\2" + good[9:]).path == "$.b"


WIDE = record(("b", "boolean"), *[(f"n{i}", "null") for i in range(200)], name="t.W")


def nested(levels: int) -> Any:
    node = record(("b", "boolean"), name="t.D0")
    for i in range(1, levels):
        node = record(("a", node), name=f"t.D{i}")
    return node


@pytest.mark.parametrize("item", [WIDE, nested(20)], ids=["nulls", "records"])
def test_values_that_take_no_bytes_count(item: Any) -> None:
    """A payload of 100 kB stood for 20 million values: seconds and gigabytes."""
    node = record(("xs", {"type": "array", "items": item}))
    body = encode(INTS, [1] * 90_000)
    body = body[:3] + b"\1" * 90_000 + b"\0"
    for reader in (None, record()):
        error = refused(node, body, reader)
        assert "items in one datum" in error.reason
        assert (error.path, error.offset) == ("$.xs", 0)
    few = b"\x14" + b"\1" * 10 + b"\0"
    assert len(decode(node, few)["xs"]) == 10


def test_defaults_of_the_reader_count() -> None:
    writer = record(("b", "boolean"), name="t.W")
    filled = [(f"n{i}", {"type": "array", "items": "int"}, [1, 2, 3]) for i in range(50)]
    reader = record(("b", "boolean"), *filled, name="t.W")
    body = encode(INTS, [1] * 90_000)[:3] + b"\1" * 90_000 + b"\0"
    assert len(decode({"type": "array", "items": writer}, body)) == 90_000
    error = refused({"type": "array", "items": writer}, body, {"type": "array", "items": reader})
    assert "items in one datum" in error.reason


def test_what_takes_bytes_counts_once_however_wide() -> None:
    item = record(*[(f"x{i}", "int") for i in range(100)], name="t.W")
    node = {"type": "array", "items": item}
    datum = [{f"x{i}": i for i in range(100)}] * 2_000
    assert decode(node, encode(node, datum)) == datum


ROW = record(*[(f"f{i}", ["null", "int"]) for i in range(40)], name="t.Row")
PARTS = record(*[(f"p{i}", record(("x", "int"), name=f"t.P{i}")) for i in range(20)], name="t.Parts")


@pytest.mark.parametrize(("item", "size"), [(ROW, 40), (PARTS, 20)], ids=["nullable", "records"])
def test_values_that_take_bytes_are_bounded_by_them(item: Any, size: int) -> None:
    """Forty nulls take forty bytes, twenty records of one number twenty: neither counts more than once."""
    body = encode("long", 30_000) + bytes(size) * 30_000 + b"\0"
    for reader in (None, record(name=item["name"])):
        wanted = None if reader is None else {"type": "array", "items": reader}
        assert len(decode({"type": "array", "items": item}, body, wanted)) == 30_000


def _expressions(names: list[str]) -> Any:
    """A language in which every operation may hold every operation."""
    known: set[str] = set()

    def operand() -> Any:
        return ["long", *(name if name in known else operation(name) for name in names)]

    def operation(name: str) -> Any:
        known.add(name)
        return record(("a", operand()), ("b", operand()), name=name)

    return record(("body", operand()), name="t.Program")


def test_types_inside_each_other_count_alike() -> None:
    """The type declared last counted 128 times: 1,023 operations in 3,071 bytes were too many items."""
    names = [f"t.Op{i}" for i in range(8)]
    node = _expressions(names)
    for name in names:
        tree: Any = 1
        for _ in range(10):
            tree = (name, {"a": tree, "b": tree})
        body = encode(node, {"body": tree})
        assert decode(node, body) == {"body": tree}
        assert len(body) == 3_071


def test_records_inside_themselves_count_as_items() -> None:
    tree = record(("l", ["null", "t.T"]), ("r", ["null", "t.T"]), name="t.T")
    whole = b"\0\0"
    for _ in range(16):
        whole = b"\2" + whole + b"\2" + whole
    assert "items in one datum" in refused(tree, whole).reason
    datum: Any = {"l": None, "r": None}
    for _ in range(16):
        datum = {"l": datum, "r": datum}
    assert "items in one datum" in not_written(tree, datum).expected


def test_what_is_written_can_be_read_at_the_bound() -> None:
    node: Any = {"type": "array", "items": WIDE}
    one = {"b": True, **{f"n{i}": None for i in range(200)}}
    weight = -(-(4 + 200 - 4) // 8)  # a record, nulls, and a boolean whose byte pays for four values more
    full = [one] * (MAX_ITEMS // weight)
    assert decode(node, encode(node, full)) == full
    assert "items" in not_written(node, [*full, one]).expected


ENDLESS = [
    record(("next", "t.R", {})),
    record(("next", ["t.R", "null"], {})),
    record(("l", "t.R", {}), ("r", "t.R", {})),
]


@pytest.mark.parametrize("node", ENDLESS, ids=["plain", "nullable", "doubling"])
def test_a_default_without_end_is_refused_when_the_decoder_is_built(node: Any) -> None:
    reader = record(("d", node, {}), name="t.O")
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(record(name="t.O")), parse(reader, strict=False), limits=OPEN)


def test_a_default_holds_no_more_levels_than_a_datum() -> None:
    chain = record(("next", ["t.R", "null"]))

    def reader(levels: int) -> Any:
        default: Any = None
        for _ in range(levels):
            default = {"next": default}
        return record(("d", chain, default), name="t.O")

    read = decode(record(name="t.O"), "", reader(64))
    assert decode(reader(64), encode(reader(64), read)) == read
    with pytest.raises(IncompatibleSchema, match="levels"):
        decode(record(name="t.O"), "", reader(65))


def test_unions_of_hundreds_of_branches_are_exact() -> None:
    union: Any = [record(("x", "int"), name=f"t.R{i}") for i in range(200)]
    for i in (*range(0, 200, 7), 199):
        datum = (f"t.R{i}", {"x": i})
        assert decode(union, encode(union, datum)) == datum
    for number in (200, -1, 2**40):
        assert "branches" in refused(union, encode("long", number) + b"\2").reason


@pytest.mark.parametrize("kind", ["double", "float"])
def test_floats_are_read_and_written_a_block_at_a_time(kind: str) -> None:
    node: Any = {"type": "array", "items": kind}
    size = struct.calcsize(kind[0])
    values = [0.5, -1.25, float("inf"), 3.0]
    body = encode(node, values)
    assert body == b"\x08" + struct.pack(f"<4{kind[0]}", *values) + b"\0"
    assert decode(node, body) == values
    assert encode(node, tuple(values)) == body
    blocks = b"\2" + body[1 : 1 + size] + b"\5" + bytes([6 * size]) + body[1 + size : 1 + 4 * size] + b"\0"
    assert decode(node, blocks) == values
    for at in range(1, 1 + 4 * size):
        for reader in (None, record()):
            error = refused(record(("xs", node)), body[:at], reader)
            index, rest = divmod(at - 1, size)
            assert error.path == f"$.xs[{index}]"
            assert f"but {rest} {'is' if rest == 1 else 'are'} left" in error.reason
            assert error.offset == 1 + index * size
    wrong = blocks[: size + 2] + bytes([6 * size + 2]) + blocks[size + 3 :]
    assert "another size" in refused(node, wrong).reason


@pytest.mark.parametrize("value", [1, True, None, "1.0", 1e300])
def test_an_item_that_is_no_float_is_named(value: Any) -> None:
    node = record(("xs", {"type": "array", "items": "float"}))
    assert not_written(node, {"xs": [1.0, 2.0, value, 3.0]}).path == "$.xs[2]"


@pytest.mark.parametrize(("nulls", "weight"), [(0, 1), (8, 1), (9, 2), (16, 2), (17, 3)])
def test_a_record_counts_four_values_a_byte_pays_for_five_and_eight_are_one_item(nulls: int, weight: int) -> None:
    row = record(("x", "boolean"), *((f"n{i}", "null") for i in range(nulls)), name="t.Row")
    most = MAX_ITEMS // weight
    node, datum = {"type": "array", "items": row}, {"x": True, **{f"n{i}": None for i in range(nulls)}}
    body = encode("long", most) + b"\1" * most + b"\0"
    assert encode(node, [datum] * most) == body
    assert len(decode(node, body)) == most
    more = encode("long", most + 1) + b"\1" * (most + 1) + b"\0"
    assert "items in one datum" in refused(node, more).reason
    assert "items in one datum" in not_written(node, [datum] * (most + 1)).expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Hungry:
    x: int

    def __post_init__(self) -> None:
        raise MemoryError


def test_a_lack_of_memory_is_not_a_fault_of_the_bytes() -> None:
    decoder = decoder_for(parse(record(("x", "int"))), types={"t.R": Hungry})
    with pytest.raises(MemoryError):
        decoder.decode(b"\2")


class Greedy(dict[str, Any]):
    def items(self) -> Any:
        raise MemoryError


def test_a_lack_of_memory_is_not_a_fault_of_the_datum() -> None:
    encoder = encoder_for(parse(record(("m", {"type": "map", "values": "int"}))))
    with pytest.raises(MemoryError):
        encoder.encode({"m": Greedy(x=1)})
    with pytest.raises(EncodeError):
        encoder.encode({})


def test_explaining_a_large_refused_datum_compiles_each_union_once() -> None:
    node: Any = {"type": "array", "items": ["null", "int", "string"]}
    assert not_written(node, [1, "x", None] * 30_000 + [1.5]).path == "$[90000]"
