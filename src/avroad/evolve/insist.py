"""Requests of administrators made again when a broker is lost while others answer. A cluster recovers in seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from avroad.errors import BrokerError, BrokerUnavailable
from avroad.ports import ScratchAdmin

__all__ = ["answers", "insist"]

_BUDGET_S: Final = 40.0
_PAUSE_S: Final = 0.5
_T = TypeVar("_T")


def insist(call: Callable[[], _T], admin: ScratchAdmin, *, budget_s: float = _BUDGET_S) -> _T:
    """Return what `call` gives; tried again for `budget_s` while the cluster answers and a broker it needs does not.

    The look at the cluster in between also tells the client who is the controller now.
    call: may be made again after it was carried out in part. Raises what it raised last.
    """
    deadline = time.monotonic() + budget_s
    while True:
        try:
            return call()
        except BrokerUnavailable as error:
            if time.monotonic() > deadline or not answers(admin):
                raise error from None
        threading.Event().wait(_PAUSE_S)


def answers(admin: ScratchAdmin) -> bool:
    """Say whether some broker answers, within seconds."""
    try:
        admin.observe(())
    except BrokerError:
        return False
    return True
