"""A client does not survive `fork`: its threads stay in the parent, the child's calls would do nothing, silently."""

from __future__ import annotations

import os
from typing import ClassVar

from avroad.errors import BrokerError

__all__ = ["ForkGuard"]


class ForkGuard:
    """Remembers in which process a client was made."""

    _forks: ClassVar[int] = 0

    def __init__(self) -> None:
        self._made = ForkGuard._forks

    def check(self) -> None:
        """Raise BrokerError in a process forked after the client was made."""
        if self._made != ForkGuard._forks:
            raise BrokerError(
                "this Kafka client was made before the process forked and cannot be used in the child",
                hint="Create it after the fork.",
            )

    @classmethod
    def forked(cls) -> None:
        """Mark every client made so far as dead; runs in the child."""
        cls._forks += 1


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=ForkGuard.forked)
