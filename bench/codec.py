"""The codec rows: encode, decode and evolved decode of every shape, ours against every peer.

All results are shown to be equal before anything is timed: bytes to what Confluent's serializer writes, data to what
fastavro reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bench.ours import Avroad
from bench.peers import FRAME_SIZE, PEERS, Confluent, FastAvro, Many
from bench.rounds import Candidate, Sample, Table, measure, stopwatch
from bench.shapes import Shape

__all__ = ["Effort", "codec_tables"]

_BATCH: Final = 500
_ENCODE: Final = ("AvroSerializer", "fastavro")
_SAME: Final = ("AvroDeserializer", "fastavro")
_EVOLVED: Final = ("AvroDeserializer, evolved", "fastavro, evolved")
_REASON: Final = 90
_SLOW: Final = {"apache avro": 0.2}
"""The share of the events that is enough for those that take longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured. events: per shape; slice_s: how long one timing takes at least."""

    rounds: int
    events: int
    slice_s: float


class _Subject:
    """One shape with its data, its payloads and what the oracle reads from them."""

    def __init__(self, shape: Shape, effort: Effort) -> None:
        self.shape = shape
        self.slice_s = effort.slice_s
        self.plain = shape.events(max(2, int(effort.events * shape.share)))
        self.confluent = Confluent(shape)
        self.payloads = self.confluent.encode()(self.plain)
        self.frame = self.payloads[0][:FRAME_SIZE]
        self.fast = FastAvro(shape, self.frame)
        self.ours = Avroad(shape, self.frame)
        self.read = {evolved: self.fast.decode(evolved=evolved)(self.payloads) for evolved in (True, False)}
        self.skipped: dict[str, str] = {}

    def candidate(
        self, name: str, bases: tuple[str, ...], make: Callable[[], Many], given: Sequence[Any], wanted: object
    ) -> Candidate:
        """Return a candidate whose results are as wanted. Raises AssertionError."""
        many = make()
        if many(given) != wanted:
            raise AssertionError("its results differ")
        return _candidate(name, bases, many, given, self.slice_s)

    def peers(
        self, bases: tuple[str, ...], make: Callable[[Any], Many], *, encode: bool, evolved: bool
    ) -> list[Candidate]:
        """Return the optional peers that can do it; the others are noted with their reason."""
        found = []
        for name, peer_of in PEERS.items():
            row = f"{name}{', evolved' if evolved else ''}"
            try:
                peer = peer_of(self.shape, self.frame)
                plain, read = self.plain, self.read[evolved]
                if not peer.names_branches:
                    plain, read = _bare(plain), _bare(read)
                given, wanted = (plain, self.payloads) if encode else (self.payloads, read)
                enough = max(2, int(len(given) * _SLOW.get(name, 1)))
                given, wanted = given[:enough], wanted[:enough]
                found.append(self.candidate(row, bases, partial(make, peer), given, wanted))
            except Exception as error:  # noqa: BLE001  # whatever a peer raises is why it takes no part
                self.skipped[f"{row}, {'encode' if encode else 'decode'}"] = _reason(error)
        return found

    def encoders(self) -> list[Candidate]:
        """Return the encoders; the first is the base."""
        objects = self.ours.objects(self.payloads)
        rows: list[tuple[str, Callable[[], Many], Sequence[Any]]] = [
            (_ENCODE[0], self.confluent.encode, self.plain),
            ("fastavro", self.fast.encode, self.plain),
            ("avroad, dict", lambda: self.ours.encode(typed=False), self.plain),
            ("avroad, class", lambda: self.ours.encode(typed=True), objects),
            ("avroad, class, encode_many", self.ours.encode_many, objects),
        ]
        known = [self.candidate(name, _ENCODE, make, given, self.payloads) for name, make, given in rows]
        return [*known, *self.peers(_ENCODE, lambda peer: peer.encode(), encode=True, evolved=False)]

    def decoders(self, *, evolved: bool) -> list[Candidate]:
        """Return the decoders; the first is the base."""
        after, bases, read = (", evolved", _EVOLVED, self.read[True]) if evolved else ("", _SAME, self.read[False])
        objects = self.ours.objects(self.payloads, evolved=evolved)
        rows: list[tuple[str, Callable[[], Many], object]] = [
            (bases[0], lambda: self.confluent.decode(evolved=evolved), read),
            (f"fastavro{after}", lambda: self.fast.decode(evolved=evolved), read),
            (f"avroad, dict{after}", lambda: self.ours.decode(typed=False, evolved=evolved), read),
            (f"avroad, class{after}", lambda: self.ours.decode(typed=True, evolved=evolved), objects),
            (f"avroad, class, decode_many{after}", lambda: self.ours.decode_many(evolved=evolved), objects),
        ]
        known = [self.candidate(name, bases, make, self.payloads, wanted) for name, make, wanted in rows]
        make: Callable[[Any], Many] = lambda peer: peer.decode(evolved=evolved)  # noqa: E731
        return [*known, *self.peers(bases, make, encode=False, evolved=evolved)]


def codec_tables(shape: Shape, effort: Effort) -> tuple[Table, Table]:
    """Return what encoding and what decoding a shape takes. Raises AssertionError when results are not equal."""
    subject = _Subject(shape, effort)
    size = round(sum(map(len, subject.payloads)) / len(subject.payloads))
    title = f"{shape.title}, {size} bytes framed"
    encoders = subject.encoders()
    encoded = measure(
        f"encode {shape.name}", title, encoders, clock="cpu", rounds=effort.rounds, skipped=dict(subject.skipped)
    )
    subject.skipped.clear()
    # Both kinds of decoding in the same rounds: what evolution costs is a ratio between them.
    decoders = [*subject.decoders(evolved=True), *subject.decoders(evolved=False)]
    decoded = measure(
        f"decode {shape.name}", title, decoders, clock="cpu", rounds=effort.rounds, skipped=subject.skipped
    )
    return encoded, decoded


def _candidate(name: str, bases: tuple[str, ...], many: Many, given: Sequence[Any], slice_s: float) -> Candidate:
    """Return a candidate that works through all items in batches, often enough that a timing lasts."""
    batches = [given[i : i + _BATCH] for i in range(0, len(given), _BATCH)]

    def once() -> None:
        # Results live as long as their batch, as in a consumer.
        for batch in batches:
            many(batch)

    once()
    loops = max(1, math.ceil(slice_s / max(stopwatch(1, once).cpu_s, 1e-6)))

    def run() -> Sample:
        def work() -> None:
            for _ in range(loops):
                once()

        return stopwatch(loops * len(given), work)

    return Candidate(name=name, bases=bases, run=run)


def _bare(value: Any) -> Any:
    """Return data whose union records do not carry their names."""
    if isinstance(value, tuple):
        return _bare(value[1])
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    short = text if len(text) <= _REASON else f"{text[:_REASON]}..."
    return "not installed" if isinstance(error, ImportError) else f"{type(error).__name__}: {short}"
