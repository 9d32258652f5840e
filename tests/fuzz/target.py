"""What must hold for any bytes: a value or a DecodeError, and what the slow oracle says of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import thread_time_ns
from typing import Any

from avroad.codec import Decoder, decoder_for, encoder_for
from avroad.errors import DecodeError, EncodeError
from avroad.schema import Limits, parse
from tests.fuzz.mutate import mutant
from tests.fuzz.seeds import SEEDS, Seed
from tests.oracle.bodies import Bodies
from tests.oracle.compare import agree, plain
from tests.oracle.spec import MAX_ITEMS, Reading, Spec
from tests.oracle.spec_resolution import Refused
from tests.oracle.spec_schema import Type

OPEN = Limits(recursion=True, empty_items=True)
SAMPLE = 16
"""One refused mutant in so many is put to the slow oracle too; each is put to the codec's own second reading."""
FRESH = 64
"""So many mutants are made of one body before the next is drawn."""
_NOTHING: Any = object()


class Finding(Exception):
    """A broken promise. kind: which one."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class Way:
    """One way to read a seed: with its own schema, a projection or an evolved one."""

    def __init__(self, seed: Seed, reader: Any, *, projection: bool) -> None:
        self.reader = reader
        self.projection = projection
        types = seed.types
        self.decoder: Decoder = decoder_for(parse(seed.writer), parse(reader), types=types, limits=OPEN)
        self.spec = Spec(seed.writer, reader)
        self.encode: Callable[[Any], bytes] = encoder_for(parse(reader), types=types, limits=OPEN).encode


class Target:
    """One seed with all its ways."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.ways = [Way(seed, seed.writer, projection=False)]
        self.ways += [Way(seed, reader, projection=True) for reader in seed.projections]
        self.ways += [Way(seed, reader, projection=False) for reader in seed.evolved]

    @property
    def type(self) -> Type:
        return self.ways[0].spec.writer

    def run(self, way: int, body: bytes, *, doubt: bool) -> tuple[bool, int]:
        """Return (accepted, CPU time of the decoder in ns). Raises Finding.

        doubt: put refused bytes to the slow oracle too.
        """
        chosen = self.ways[way]
        value, spent = decoded(chosen.decoder, body)
        if value is _NOTHING:
            if doubt:
                _refusal(chosen, body)
        else:
            self._acceptance(chosen, body, value)
        if chosen.projection:
            full, more = decoded(self.ways[0].decoder, body)
            spent = max(spent, more)
            if (full is _NOTHING) != (value is _NOTHING):
                raise Finding("projection", "a reader that drops fields has another verdict than the full one")
            differ = value is not _NOTHING and value != {key: full[key] for key in value}
            if differ and not _has_nan(value):
                raise Finding("projection", "a reader that drops fields reads another value than the full one")
        return value is not _NOTHING, spent

    def _acceptance(self, way: Way, body: bytes, value: Any) -> None:
        try:
            reading = way.spec.read(body)
        except Refused as refused:
            raise Finding("wrong accept", f"the slow oracle refuses by its rule {refused.rule}") from None
        if not agree(plain(value), reading.value):
            raise Finding("wrong accept", "the slow oracle reads another value")
        if way.reader is self.seed.writer:
            self._canonical(way, body, value, reading)

    def _canonical(self, way: Way, body: bytes, value: Any, reading: Reading) -> None:
        try:
            again = way.encode(value)
        except EncodeError as error:
            raise Finding("not canonical", f"the encoder refuses what the decoder gave: {error.reason}") from None
        if again == body:
            return
        if not reading.spellings:
            raise Finding("not canonical", "encoding again gives other bytes")
        back, _ = decoded(way.decoder, again)
        if not agree(plain(back), reading.value):
            raise Finding("not canonical", "encoding and decoding again gives another value")


def _refusal(way: Way, body: bytes) -> None:
    try:
        reading = way.spec.read(body)
    except Refused:
        return
    if reading.charge <= MAX_ITEMS:
        raise Finding("wrong refusal", "the slow oracle reads what the decoder refuses")


def decoded(decoder: Decoder, body: bytes) -> tuple[Any, int]:
    """Return (value or nothing, CPU time in ns). Raises Finding for anything but a value or a proper DecodeError."""
    started = thread_time_ns()
    try:
        value = decoder.decode(body)
    except DecodeError as error:
        spent = thread_time_ns() - started
        _proper(error, body)
        return _NOTHING, spent
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Finding("untyped exception", type(error).__name__) from error
    return value, thread_time_ns() - started


def _proper(error: DecodeError, body: bytes) -> None:
    if error.reason.startswith("refused"):
        raise Finding("second reading", "the careful reading finds nothing wrong with what the decoder refused")
    if not 0 <= error.offset <= len(body) or not error.path.startswith("$"):
        raise Finding("improper error", f"offset {error.offset} or path {error.path}")


def _has_nan(value: Any) -> bool:
    return "nan" in repr(value)


class Stream:
    """The mutants of one shard: the same for the same seed and shard, on every machine."""

    def __init__(self, seed: int, shard: int, seeds: Sequence[Seed] = SEEDS) -> None:
        self.targets = [Target(seed) for seed in seeds]
        self._rng = random.Random(f"avroad/{seed}/{shard}")
        self._bodies = Bodies(self._rng)
        self._left = 0
        self._target = 0
        self._body = self._other = b""

    def next(self) -> tuple[int, int, bytes, bool]:
        """Return (target, way, body, doubt)."""
        rng = self._rng
        if not self._left:
            self._left = FRESH
            self._target = int(rng.random() * len(self.targets))
            target = self.targets[self._target]
            self._body, self._other = self.body_of(target), self.body_of(target)
        self._left -= 1
        ways = len(self.targets[self._target].ways)
        way = 0 if rng.random() < 0.5 else int(rng.random() * ways)
        body = self._body if self._left == 0 else mutant(self._body, self._other, rng)
        return self._target, way, body, rng.random() * SAMPLE < 1

    def body_of(self, target: Target) -> bytes:
        """Return a valid body of the target's own schema."""
        return self._bodies.body(target.type)
