"""What a refusal costs: counted in calls, so that no clock and no busy machine decides."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from avroad.codec import Decoder, decoder_for
from avroad.errors import DecodeError
from avroad.schema import parse
from tests.unit.codec.support import OPEN, record


def calls_of(work: Callable[[], object]) -> int:
    """Return how many Python functions `work` calls, generators' steps included."""
    count = 0

    def hear(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    gc.disable()  # its callbacks, such as hypothesis', would be counted too
    sys.setprofile(hear)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def refuse(decoder: Decoder, body: bytes) -> None:
    with pytest.raises(DecodeError):
        decoder.decode(body)


def test_a_refusal_at_the_first_byte_does_not_walk_the_whole_schema() -> None:
    decoder = decoder_for(parse(record(*((f"f{i}", "int") for i in range(1_500)), name="t.Wide")))
    refuse(decoder, b"")
    assert calls_of(lambda: refuse(decoder, b"")) < 100


@pytest.mark.parametrize(
    "items", ["null", record(name="t.E"), {"type": "fixed", "name": "t.Z", "size": 0}], ids=["null", "empty", "fixed-0"]
)
def test_items_without_bytes_are_read_once_when_a_payload_is_refused(items: Any) -> None:
    """100,000 items and a byte too many, in five bytes."""
    decoder = decoder_for(parse({"type": "array", "items": items}), limits=OPEN)
    body = bytes.fromhex("c09a0c0001")
    refuse(decoder, body)
    assert calls_of(lambda: refuse(decoder, body)) < 200
