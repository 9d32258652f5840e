"""The codec benchmarks run, agree with the oracle, and take peers that fail as notes. No time is asserted."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import pytest

from bench import codec
from bench.codec import Effort, codec_tables
from bench.ours import Avroad
from bench.peers import FastAvro, Many
from bench.rounds import Candidate, Sample, measure
from bench.shapes import LIGHT, SHAPES, Shape, digest

SMALLEST = Effort(rounds=1, events=4, slice_s=0.0)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_shape_is_encoded_and_decoded_by_all_that_must(shape: Shape) -> None:
    encoded, decoded = codec_tables(shape, SMALLEST)
    assert (encoded.name, decoded.name) == (f"encode {shape.name}", f"decode {shape.name}")
    assert {"AvroSerializer", "fastavro", "avroad, dict", "avroad, class"} <= {row.name for row in encoded.rows}
    for after in ("", ", evolved"):
        wanted = {f"{name}{after}" for name in ("AvroDeserializer", "fastavro", "avroad, dict", "avroad, class")}
        assert wanted <= {row.name for row in decoded.rows}
    for table in (encoded, decoded):
        for row in table.rows:
            assert all(base in table for base in row.bases), row.name
            assert all(us >= 0 for us in row.cpu_us)


def test_the_events_are_the_same_in_every_run_and_more_than_any_memo_keeps() -> None:
    assert LIGHT.events(5) == LIGHT.events(5)
    assert len({event["id"] for event in LIGHT.events(5000)}) == 5000


def test_a_digest_knows_no_order_and_no_difference_between_classes_and_plain_data() -> None:
    plain = LIGHT.events(6)
    payloads = FastAvro(LIGHT, b"\0\0\0\0\1").encode()(plain)
    objects = Avroad(LIGHT, b"\0\0\0\0\1").objects(payloads)
    assert digest(reversed(objects)) == digest(plain)
    assert digest(objects[1:]) != digest(plain)
    assert digest([{**plain[0], "road": "A0"}]) != digest(plain[:1])


class Peer:
    """Wrong in one way, unable in another."""

    names_branches = True

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self.fast = FastAvro(shape, frame)

    def encode(self) -> Many:
        return lambda batch: [b"wrong" for _ in batch]

    def decode(self, *, evolved: bool) -> Many:
        if evolved:
            raise ModuleNotFoundError("No module named 'peer'")
        return self.fast.decode(evolved=False)


def test_a_peer_that_is_wrong_or_missing_is_a_note_and_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "PEERS", {"odd": Peer})
    encoded, decoded = codec_tables(LIGHT, SMALLEST)
    assert encoded.skipped == {"odd, encode": "AssertionError: its results differ"}
    assert decoded.skipped == {"odd, evolved, decode": "not installed"}
    assert "odd" in decoded


def test_our_own_codec_being_wrong_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Avroad, *, typed: bool) -> Many:
        return lambda batch: [b""] * len(batch)

    monkeypatch.setattr(Avroad, "encode", wrong)
    with pytest.raises(AssertionError, match="differ"):
        codec_tables(LIGHT, SMALLEST)


def candidate(name: str, calls: list[str], times: Sequence[float]) -> Candidate:
    left = iter(times)

    def run() -> Sample:
        calls.append(name)
        return Sample(events=2, wall_s=next(left) * 2e-6, cpu_s=1e-6)

    return Candidate(name=name, bases=("a",), run=run)


def test_rounds_are_interleaved_shuffled_and_compared_within_themselves() -> None:
    calls: list[str] = []
    times: dict[str, Any] = {"a": [99.0, 2, 30, 4], "b": [99.0, 1, 10, 8], "c": [9.0] * 4}
    table = measure(
        "t", "title", [candidate(name, calls, own) for name, own in times.items()], clock="wall", rounds=3
    )  # fmt: skip
    rounds = [calls[i : i + 3] for i in range(0, 12, 3)]
    assert all(sorted(names) == ["a", "b", "c"] for names in rounds)
    assert len({tuple(names) for names in rounds}) > 1
    assert table.times("a") == pytest.approx((2, 30, 4)), "the round that warms up must not count"
    ratio = table.ratio("b", "a")
    assert (ratio.low, ratio.median, ratio.high, ratio.best) == pytest.approx((0.5, 2, 3, 2))
    assert table.ratio("b", "a", "cpu").median == pytest.approx(1)
    assert gc.get_freeze_count() == 0, "what was frozen must be collected again"
    with pytest.raises(KeyError, match="no 'x' in t"):
        table.ratio("x", "a")
