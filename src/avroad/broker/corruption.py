"""Damaged bytes on the way from a broker: read again from where the next record is expected, a bounded number of times.

After a checksum error librdkafka fetches from a garbage offset; assigning the partition again at the expected offset
recovered every measured case without a wrong value or a gap.
"""

# ruff: noqa: SLF001  # librdkafka's own error codes start with an underscore; they are public
from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError

from avroad.ports.broker import TopicPartition

__all__ = ["Corruption"]

_CODES: Final = frozenset({
    KafkaError._BAD_MSG, KafkaError._NOT_IMPLEMENTED, KafkaError._BAD_COMPRESSION,
})  # fmt: skip
_ATTEMPTS: Final = 3


class Corruption:
    """Counts damage per position."""

    def __init__(self) -> None:
        self._seen: dict[TopicPartition, tuple[int, int]] = {}

    @staticmethod
    def is_corruption(error: KafkaError) -> bool:
        """Whether an error means damaged bytes rather than a refusal."""
        return error.code() in _CODES

    def give_up(self, partition: TopicPartition, offset: int) -> bool:
        """Count one more damage at `offset`; True at the third in a row at the same place."""
        last, count = self._seen.get(partition, (offset, 0))
        count = count + 1 if last == offset else 1
        self._seen[partition] = (offset, count)
        return count >= _ATTEMPTS
