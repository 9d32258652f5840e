"""Dead letters read back: what lies in a dead-letter topic, and how a record returns to where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from avroad.codec.dead_letter import DeadLetter, parse_dead_letter
from avroad.errors import BrokerError
from avroad.model import Delivery, OutgoingRecord, Record
from avroad.ports.broker import RecordSink

__all__ = ["MAX_REPLAYS", "Letter", "read_letters", "replay", "returned"]

MAX_REPLAYS: Final = 3
"""A record that came back this often is not sent again: something other than the record is wrong."""

_FLUSH_S: Final = 30.0
_CLOSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A record of a dead-letter topic; `why` is None when its headers are not ours."""

    record: Record
    why: DeadLetter | None


def read_letters(records: Iterable[Record]) -> Iterator[Letter]:
    """Yield each record with what its headers say."""
    for record in records:
        yield Letter(record=record, why=parse_dead_letter(record.headers))


def returned(letter: Letter, topic: str) -> OutgoingRecord | None:
    """Return the record as it goes back to `topic`, None when it must not: foreign headers, or too often before.

    Key, value, time and headers are those it had there, with the count of its returns behind them.
    """
    if letter.why is None or letter.why.replays >= MAX_REPLAYS:
        return None
    original = tuple(header for header in letter.why.original if header[0] != "dlq.replay.count")
    return OutgoingRecord(
        topic=topic,
        key=letter.record.key,
        value=letter.record.value,
        headers=(*original, ("dlq.replay.count", str(letter.why.replays + 1).encode())),
        timestamp_ms=letter.record.timestamp_ms,
    )


def replay(records: Iterable[OutgoingRecord], sink: RecordSink) -> list[Delivery]:
    """Send records and return one delivery each, in any order. Raises BrokerError when some stay without answer.

    sink: owned from here on and closed on return.
    """
    deliveries: list[Delivery] = []
    sent = 0
    for record in records:
        while not sink.produce(record, deliveries.append):
            sink.poll(0.1)
        sent += 1
    sink.flush(_FLUSH_S)
    sink.close(_CLOSE_S)
    if len(deliveries) != sent:
        raise BrokerError("some records got no answer", expected=f"{sent} answers", found=str(len(deliveries)))
    return deliveries
