"""Unions: which branch is written, which is read, and when plain data must name its branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from tests.unit.codec.support import decode, encode, logical, not_written, record, refused

A = record(("x", "int"), name="t.A")
B = record(("x", "int"), name="t.B")
E = {"type": "enum", "name": "t.E", "symbols": ["P", "Q"]}
F = {"type": "fixed", "name": "t.F", "size": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassA:
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassB:
    x: int


class ClassE(StrEnum):
    P = "P"
    Q = "Q"


TYPES: dict[str, type] = {"t.A": ClassA, "t.B": ClassB, "t.E": ClassE}
WIDE = ["null", "boolean", "long", "double", "string", "bytes", {"type": "array", "items": "int"}, A]


@pytest.mark.parametrize(
    ("datum", "branch"),
    [(None, 0), (True, 1), (5, 2), (2.5, 3), ("s", 4), (b"b", 5), ([1], 6), ((1,), 6), ({"x": 1}, 7)],
)
def test_the_branch_follows_the_exact_type(datum: Any, branch: int) -> None:
    body = encode(WIDE, datum)
    assert body[0] == 2 * branch
    read = decode(WIDE, body)
    assert read == (list(datum) if isinstance(datum, tuple) else datum)
    assert type(read) is (list if isinstance(datum, tuple) else type(datum))


@pytest.mark.parametrize("datum", [{"y": 1}, object(), 1j, bytearray(b"b"), {1}])
def test_a_value_of_no_branch_is_refused(datum: Any) -> None:
    assert not_written(WIDE, datum).path.startswith("$")


@pytest.mark.parametrize(
    ("union", "datum", "wire"),
    [
        (["int", "long"], 5, "000a"),
        (["int", "long"], 2**40, "02808080808040"),
        (["int", "long"], -(2**31), "00ffffffff0f"),
        (["int", "long"], -(2**31) - 1, "028180808010"),
        (["int", "long"], 2**31 - 1, "00feffffff0f"),
        (["int", "long"], 2**31, "028080808010"),
        (["long", "int"], 5, "000a"),
        (["float", "double"], 0.1, "029a9999999999b93f"),
        (["int", "float", "string"], 2**31 - 1, "00feffffff0f"),
        ([logical("int", "date"), logical("long", "timestamp-micros")], date(1970, 1, 2), "0002"),
        ([logical("int", "date"), logical("long", "timestamp-micros")], datetime(1970, 1, 1, tzinfo=UTC), "0200"),
        ([logical("int", "time-millis"), logical("long", "time-micros")], time(0, 0, 0, 1000), "0002"),
        ([logical("int", "time-millis"), logical("long", "time-micros")], time(0, 0, 0, 1), "0202"),
        (["string", logical("bytes", "decimal", precision=4, scale=0)], Decimal(1), "020201"),
        (["bytes", logical("string", "uuid")], UUID(int=0), "0248" + str(UUID(int=0)).encode().hex()),
    ],
)
def test_among_branches_of_one_python_type_the_first_exact_one_is_written(union: Any, datum: Any, wire: str) -> None:
    assert encode(union, datum).hex() == wire
    assert decode(union, wire) == datum


def test_an_integer_too_large_for_every_branch_does_not_become_a_float() -> None:
    assert not_written(["int", "float", "string"], 2**40).path == "$"
    assert not_written(["null", "double"], 5).found == "int"


@pytest.mark.parametrize("union", [[A, B], [B, A], ["null", A, B], [A, {"type": "map", "values": "int"}]])
def test_records_that_look_alike_carry_their_name(union: Any) -> None:
    for branch in union:
        if isinstance(branch, dict) and branch["type"] == "record":
            body = encode(union, (branch["name"], {"x": 1}))
            assert body[0] == 2 * union.index(branch)
            assert decode(union, body) == (branch["name"], {"x": 1})
    if {"type": "map", "values": "int"} in union:
        assert decode(union, encode(union, {"x": 1})) == {"x": 1}
    else:
        error = not_written(union, {"x": 1})
        assert "(full name, value)" in error.hint


def test_enums_and_fixed_beside_text_and_bytes_carry_their_name() -> None:
    union = ["string", "bytes", E, F]
    for datum, first in ((("t.E", "Q"), 4), (("t.F", b"ab"), 6), ("Q", 0), (b"ab", 2)):
        body = encode(union, datum)
        assert body[0] == first
        assert decode(union, body) == datum


def test_a_single_named_branch_takes_both_spellings_and_gives_plain_data() -> None:
    union = ["null", A]
    assert encode(union, ("t.A", {"x": 1})) == encode(union, {"x": 1})
    assert decode(union, "0202") == {"x": 1}
    assert not_written(union, ("t.B", {"x": 1})).path == "$"


def test_classes_name_their_own_branch() -> None:
    union = ["null", A, B, "string", E]
    for datum, first in ((ClassA(x=1), 2), (ClassB(x=1), 4), (ClassE.Q, 8), ("Q", 6), (None, 0)):
        body = encode(union, datum, types=TYPES)
        assert body[0] == first
        read = decode(union, body, types=TYPES)
        assert read == datum
        assert type(read) is type(datum)
    assert encode(union, ("t.B", {"x": 1}), types=TYPES) == encode(union, ClassB(x=1), types=TYPES)
    assert not_written(union, {"x": 1}, types=TYPES).path == "$"


def test_a_subclass_is_not_its_parent() -> None:
    class Child(ClassA):
        pass

    assert not_written(["null", A], Child(x=1), types=TYPES).found == "Child"
    assert not_written(A, Child(x=1), types=TYPES).found == "Child"


@pytest.mark.parametrize("wire", ["10", "01", "05", "ffffffffffffffffff01", "8000"])
def test_branch_numbers_are_exact(wire: str) -> None:
    assert "union" in refused(WIDE, wire + "00").reason


@pytest.mark.parametrize("count", [63, 64, 65, 66, 100])
def test_branch_numbers_around_the_first_of_two_bytes(count: int) -> None:
    union = [record(("x", "int"), name=f"t.R{i}") for i in range(count)]
    for i in (0, 62, 63, 64, count - 1):
        datum = (f"t.R{i}", {"x": i})
        if i < count:
            assert decode(union, encode(union, datum)) == datum
    assert "branches" in refused(union, encode("int", count) + b"\0").reason


def test_the_reader_takes_the_same_type_before_a_promotion() -> None:
    read = decode("int", "02", ["double", "long", "int"])
    assert (read, type(read)) == (1, int)
    read = decode("int", "02", ["string", "double", "long"])
    assert (read, type(read)) == (1.0, float)
    read = decode("bytes", "0261", ["string", "null"])
    assert read == "a"


def test_the_reader_takes_the_branch_of_the_full_name_before_the_short_one() -> None:
    writer = record(("x", "int"), name="a.R")
    other, same = record(("x", "int"), name="b.R"), record(("x", "int"), name="a.R")
    assert decode(writer, "02", [other, same]) == ("a.R", {"x": 1})
    assert decode(writer, "02", [other, A]) == ("b.R", {"x": 1})
    unlike = record(("y", "int"), name="c.R")
    assert decode(writer, "02", [unlike, other]) == ("b.R", {"x": 1})  # of equal names the one that can be read
    alias = record(("x", "int"), name="c.S", aliases=["a.R"])
    assert decode(writer, "02", [other, alias]) == ("c.S", {"x": 1})


def test_a_branch_only_the_writer_has_fails_when_it_comes() -> None:
    writer, reader = ["null", "int", "string"], ["null", "int"]
    assert decode(writer, "0202", reader) == 1
    assert decode(writer, "00", "null") is None
    error = refused(writer, "040261", reader)
    assert "branches null, int" in error.reason
    assert error.offset == 1
    assert decode(["int", "long"], "0204", "double") == 2.0


def test_unions_read_as_unions_keep_the_branch() -> None:
    writer = [A, B]
    reader = [
        record(("x", "long"), ("y", "int", 1), name="t.B2", aliases=["t.B"]),
        record(("x", "long"), name="t.A2", aliases=["t.A"]),
    ]
    assert decode(writer, "0002", reader) == ("t.A2", {"x": 1})
    assert decode(writer, "0202", reader) == ("t.B2", {"x": 1, "y": 1})
