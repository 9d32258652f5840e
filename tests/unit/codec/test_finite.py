"""`"avroad.finite": true`: NaN and infinities are neither written nor read, wherever the type stands."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from avroad.codec import Conflict, resolve
from avroad.schema import parse
from tests.unit.codec.support import decode, encode, not_written, record, refused

KINDS = ("float", "double")
NO_NUMBERS = (math.nan, math.inf, -math.inf)
WIDTHS = {"float": "<f", "double": "<d"}


def finite(kind: str, policy: object = True) -> dict[str, Any]:
    return {"type": kind, "avroad.finite": policy}


def around(node: Any, value: Any) -> list[tuple[Any, Any, str]]:
    """The type in every position, a datum with the value there, and its path for a writer and for a reader."""
    return [
        (node, value, "$"),
        (record(("a", "double"), ("f", node), ("b", "boolean")), {"a": 1.0, "f": value, "b": True}, "$.f"),
        ({"type": "array", "items": node}, [0.5, value], "$[1]"),
        ({"type": "map", "values": node}, {"k": value}, "$['k']"),
        (["null", "string", node], value, "$"),
        (record(("u", ["null", {"type": "array", "items": node}])), {"u": [value]}, "$.u[0]"),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", NO_NUMBERS)
def test_what_is_no_number_is_not_written_and_not_read(kind: str, value: float) -> None:
    for (node, datum, path), (plain, _, _) in zip(around(finite(kind), value), around(kind, value), strict=True):
        error = not_written(node, datum)
        assert (error.path, error.expected, error.found) == (path, f"a finite {kind}", "NaN or an infinity")
        body = encode(plain, datum)
        told = refused(node, body)
        assert told.path == path.replace("['k']", "{0}")
        assert told.reason == f"a {kind} is NaN or infinite, and the reader's type is finite"
        assert body[told.offset :].startswith(struct.pack(WIDTHS[kind], value))
        assert refused(record(("x", node), name="t.O"), body, record(name="t.O")).path.startswith("$.x")


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_written_and_read_as_without_the_policy(kind: str) -> None:
    last = ("y", "int")
    (largest,) = struct.unpack("<f", b"\xff\xff\x7f\x7f")
    for number in (0.0, -0.0, 1.5, largest, -largest, 2.0**-149):
        for (node, datum, _), (plain, _, _) in zip(around(finite(kind), number), around(kind, number), strict=True):
            body = encode(plain, datum)
            assert encode(node, datum) == body
            assert decode(node, body) == datum
            assert decode(record(("x", node), last, name="t.O"), body + b"\2", record(last, name="t.O")) == {"y": 1}
    assert not_written(finite(kind), 1).found == "int"
    assert "are left" in refused(finite(kind), b"\0\0\0").reason


def test_the_policy_is_the_readers_and_promoted_integers_have_it() -> None:
    nan = struct.pack("<f", math.nan)
    assert "finite" in refused("float", nan, finite("double")).reason
    assert math.isnan(decode(finite("float"), nan, "float"))
    assert decode("long", "02", finite("double")) == 1.0
    assert resolve(parse("long"), parse(finite("double"))).conflicts == ()
    assert resolve(parse(finite("float")), parse(finite("double"))).conflicts == ()
    (conflict,) = resolve(parse("float"), parse(finite("double"))).conflicts
    assert conflict == Conflict(path="$", expected="finite numbers", found="any float", partial=True)


@pytest.mark.parametrize("policy", [False, None, 1, "true"])
def test_only_true_is_a_policy(policy: object) -> None:
    assert math.isnan(decode(finite("double", policy), encode(finite("double", policy), math.nan)))
