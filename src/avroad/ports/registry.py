"""What the behaviour floor needs of a schema registry."""

# A protocol's method is its docstring; there is no body to check.
# pyright: reportReturnType=false

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from avroad.model import Dialect, Level, Reference, RegisteredSchema, SchemaText, Verdict

__all__ = ["Registry"]


class Registry(Protocol):
    """A schema registry. Every request ends inside the client's total deadline or raises RegistryUnavailable."""

    @property
    def name(self) -> str:
        """The registry's address as the user gave it, without credentials."""

    def dialect(self) -> Dialect:
        """Return the product that answers, detected once."""

    def subjects(self) -> tuple[str, ...]:
        """Return all subjects that are not deleted, sorted."""

    def versions(self, subject: str) -> tuple[int, ...]:
        """Return the versions that are not deleted, ascending; empty when the subject does not exist."""

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        """Return one version, the latest when None. Raises SchemaNotFound."""

    def latest_versions(self, subjects: tuple[str, ...]) -> dict[str, RegisteredSchema]:
        """Return the latest version per existing subject, in as few requests as the dialect allows."""

    def by_id(self, schema_id: int) -> SchemaText:
        """Return the text and references of an id, from cache when known. Raises SchemaNotFound."""

    def by_guid(self, guid: UUID) -> SchemaText:
        """Return the text and references of a GUID. Raises SchemaNotFound, RegistryError where there are no GUIDs."""

    def subjects_of(self, schema_id: int) -> tuple[tuple[str, int], ...]:
        """Return the (subject, version) pairs under which an id is registered, deleted versions included.

        Records outlive the version they were written with: until it is deleted for good, it says whose they are.
        """

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        """Register and return the resulting version; the same schema again returns the same version."""

    def check(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> Verdict:
        """Ask whether registering would be accepted; compatible is None where the registry cannot say."""

    def level(self, subject: str | None = None) -> Level:
        """Return the level in force for a subject, or the global one."""

    def own_level(self, subject: str) -> Level | None:
        """Return the level set on the subject itself, None when it has none."""

    def set_level(self, subject: str | None, level: Level) -> None:
        """Set the level of a subject, or the global one when None."""

    def close(self) -> None:
        """Release connections; the object is not used afterwards."""
