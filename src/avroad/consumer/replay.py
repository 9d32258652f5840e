"""Dead letters read back: what lies in a dead-letter topic, and how a record returns to where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from avroad.codec.dead_letter import DeadLetter, parse_dead_letter
from avroad.errors import BrokerError
from avroad.model import Delivery, Headers, OutgoingRecord, Record
from avroad.ports.broker import RecordSink

__all__ = ["MAX_REPLAYS", "Letter", "read_letters", "replay", "returned"]

MAX_REPLAYS: Final = 3
"""A record that came back this often is not sent again: something other than the record is wrong."""

_COUNT: Final = "dlq.replay.count"
_COUNTS: Final[Mapping[bytes | None, int]] = {str(n).encode(): n for n in range(1, MAX_REPLAYS + 1)}
_FLUSH_ROUNDS, _FLUSH_S = 60, 0.5
_CLOSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A record of a dead-letter topic; `why` is None when its headers are not ours."""

    record: Record
    why: DeadLetter | None

    @property
    def replays(self) -> int:
        """How often we sent it back before.

        Our count is the last of the original headers, because `returned` puts it there, and one of the few values
        it writes. Any other header of that name is the record's own: it is kept, and counts nothing.
        """
        if self.why is None or not self.why.original:
            return 0
        name, value = self.why.original[-1]
        return _COUNTS.get(value, 0) if name == _COUNT else 0

    @property
    def foreign_count(self) -> bool:
        """Whether the record has a header of that name which we did not write."""
        return any(name == _COUNT for name, _ in self.original)

    @property
    def original(self) -> Headers:
        """The headers the record had before it was ever sent back, in their order; none when the letter is not ours."""
        if self.why is None:
            return ()
        return self.why.original[:-1] if self.replays else self.why.original


def read_letters(records: Iterable[Record]) -> Iterator[Letter]:
    """Yield each record with what its headers say."""
    for record in records:
        yield Letter(record=record, why=parse_dead_letter(record.headers))


def returned(letter: Letter, topic: str) -> OutgoingRecord | None:
    """Return the record as it goes back to `topic`, None when it must not: foreign headers, or too often before.

    Key, value, time and headers are those it had there, with the count of its returns behind them.
    """
    if letter.why is None or letter.replays >= MAX_REPLAYS:
        return None
    return OutgoingRecord(
        topic=topic,
        key=letter.record.key,
        value=letter.record.value,
        headers=(*letter.original, (_COUNT, str(letter.replays + 1).encode())),
        timestamp_ms=letter.record.timestamp_ms,
    )


def replay(records: Iterable[OutgoingRecord], sink: RecordSink) -> list[Delivery]:
    """Send records and return one delivery each, in any order. Raises BrokerError when some stay without answer.

    sink: owned from here on and closed on return. However it ends, nothing is left in it that could still be sent
    behind the caller's back.
    """
    deliveries: list[Delivery] = []
    sent = 0
    try:
        for record in records:
            while not sink.produce(record, deliveries.append):
                sink.poll(0.1)
            sent += 1
        for _ in range(_FLUSH_ROUNDS):  # many short waits, so that Ctrl-C is heard
            if not sink.flush(_FLUSH_S):
                break
    finally:
        sink.close(_CLOSE_S)
    if len(deliveries) != sent:
        raise BrokerError("some records got no answer", expected=f"{sent} answers", found=str(len(deliveries)))
    return deliveries
