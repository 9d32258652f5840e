"""Publishing events: typed, keyed, with an outcome per send."""

from __future__ import annotations

from avroad.producer.lockcheck import check_lock
from avroad.producer.publisher import Publisher
from avroad.producer.settings import CloseReport, ProducerSettings

__all__ = ["CloseReport", "ProducerSettings", "Publisher", "check_lock"]
