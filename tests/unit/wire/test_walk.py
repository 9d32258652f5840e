"""The second reading refuses by itself what the decoder refuses, since container files are cut into records by it."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.codec.runtime import MAX_ITEMS
from avroad.schema import parse
from avroad.wire.walk import Stopped, end_of
from tests.unit.codec.support import encode

INTS: Any = {"type": "array", "items": "int"}


@pytest.mark.parametrize(
    ("node", "wire"),
    [
        ("boolean", "02"),
        ("int", "8080808010"),
        ("int", "8180808010"),
        (INTS, "03020202020200"),  # two items said to take one byte
        (INTS, "0306020200"),  # and three
    ],
)
def test_what_is_wrong_ends_the_reading(node: Any, wire: str) -> None:
    with pytest.raises(Stopped):
        end_of(parse(node), bytes.fromhex(wire), 0)


def test_items_are_counted_to_the_last_one() -> None:
    schema = parse(INTS)
    body = encode("long", MAX_ITEMS) + b"\2" * MAX_ITEMS + b"\0"
    assert end_of(schema, body, 0) == (len(body), MAX_ITEMS)
    with pytest.raises(Stopped):
        end_of(schema, encode("long", MAX_ITEMS + 1) + b"\2" * (MAX_ITEMS + 1) + b"\0", 0)
