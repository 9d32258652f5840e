"""What a rehearsal needs of cluster and registry beside the usual: to take away what it made for itself."""

# A protocol's method is its docstring; there is no body to check.
# pyright: reportReturnType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from avroad.ports.broker import ClusterAdmin
from avroad.ports.registry import Registry

__all__ = ["ScratchAdmin", "ScratchRegistry"]


class ScratchAdmin(ClusterAdmin, Protocol):
    """An administrator that also takes away: only what a rehearsal made for itself is ever deleted."""

    def delete_topics(self, topics: Sequence[str]) -> None:
        """Delete topics with their records; one that does not exist is no error. Raises BrokerError."""

    def groups(self) -> tuple[str, ...]:
        """Return the names of all consumer groups, sorted. Raises BrokerError."""

    def delete_groups(self, groups: Sequence[str]) -> None:
        """Delete groups with their offsets, once their members are gone; one that does not exist is no error.

        Members that were killed are waited for as long as their session lasts. Raises BrokerError.
        """


class ScratchRegistry(Registry, Protocol):
    """A registry that also takes away: only what a rehearsal made for itself is ever deleted."""

    def every_subject(self) -> tuple[str, ...]:
        """Return all subjects, sorted, those among them that are deleted and can still be restored."""

    def delete(self, subject: str) -> object:
        """Delete a subject with its level for good. Raises RegistryError; one that does not exist may be no error."""
