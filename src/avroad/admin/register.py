"""The registry's half of apply: levels first, referenced schemas first, and proof that each means what was planned.

A registration that was allowed to break is refused by the subject's level. The level is then NONE for this one
request and put back at once, also when a request fails or nobody knows whether it was carried out. When the process
dies in between, the level stays NONE, and the next plan sees that as a difference and sets it again; what was allowed
stands beside the lock (`records`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from avroad.admin.meaning import Meanings
from avroad.admin.plan import Change, PlannedSubject
from avroad.admin.records import MAX_BREAKS
from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.contracts.lock import AllowedBreak, LockedSubject
from avroad.errors import (
    AvroadError,
    IncompatibleSchema,
    PlanError,
    Problem,
    RegistryError,
    RegistryUnavailable,
    SchemaNotFound,
)
from avroad.model import Level, Reference, RegisteredSchema
from avroad.ports import Registry

__all__ = ["Registrar", "refuses"]

_CONFLICT: Final = 409


class Registrar:
    """Registers what a plan says and remembers which version every subject of the lock ended up with."""

    def __init__(
        self,
        registry: Registry,
        subjects: Sequence[PlannedSubject],
        *,
        at: str,
        finish: Callable[[Sequence[Change]], None],
    ) -> None:
        """at: the time of the plan, for the record of what it allows. finish: told what is done, also before an error.

        lowered: a subject whose level may still be NONE, "" when there is none.
        """
        self.lowered = ""
        self._finish = finish
        self._registry = registry
        self._at = at
        self._breaking = {item.subject: item.breaking for item in subjects}
        self._broken: dict[str, AllowedBreak] = {}
        self._locked = {
            item.subject: LockedSubject(
                version=item.version, id=item.id, fingerprint=item.fingerprint, breaking=item.breaking
            )
            for item in subjects
            if item.version is not None and item.id is not None
        }
        self._late: dict[str, SetLevel] = {}
        self._meanings = Meanings(registry.version)

    def set_level(self, change: SetLevel) -> None:
        """Set a level; not yet where the registry knows existing subjects only."""
        try:
            self._registry.set_level(change.subject, change.new)
        except SchemaNotFound:
            self._late[change.subject] = change
            return
        self._finish((change,))

    def register(self, change: RegisterSchema) -> None:
        """Register one schema with its references bound to the versions that are there now.

        Raises IncompatibleSchema with the registry's reason when it refuses, RegistryError when what it then holds
        means something else than was planned.
        """
        references = tuple(
            Reference(name=item.name, subject=item.subject, version=item.version or self._version(item.subject))
            for item in change.references
        )
        if change.allowance is not None and change.allowance.lowers:
            registered = self._unchecked(change, references)
        else:
            registered = self._register(change, references)
        self._prove(change, registered)
        breaking = self._breaking.get(change.subject, ())
        broken = self._broken.get(change.subject)
        self._locked[change.subject] = LockedSubject(
            version=registered.version,
            id=registered.id,
            fingerprint=change.fingerprint,
            breaking=(*breaking, broken) if broken else breaking,
        )
        late = self._late.pop(change.subject, None)
        if late is None:
            self._finish((change,))
            return
        self._registry.set_level(late.subject, late.new)
        self._finish((change, late))

    def locked(self) -> dict[str, LockedSubject]:
        """Return version, id and fingerprint of every subject of the plan."""
        return dict(self._locked)

    def broken(self) -> dict[str, AllowedBreak]:
        """Return what was allowed and done, by subject."""
        return dict(self._broken)

    def _register(self, change: RegisterSchema, references: tuple[Reference, ...]) -> RegisteredSchema:
        try:
            registered = self._registry.register(change.subject, change.text, references)
        except RegistryError as error:
            if error.status == _CONFLICT:
                raise _refused(change, error) from error
            raise
        if change.allowance is not None:
            self._broken[change.subject] = AllowedBreak(
                version=registered.version,
                reason=change.allowance.reason,
                by=change.allowance.by,
                at=self._at,
                breaks=change.breaks[:MAX_BREAKS],
            )
        return registered

    def _unchecked(self, change: RegisterSchema, references: tuple[Reference, ...]) -> RegisteredSchema:
        """Register while the subject has level NONE, and put the declared level back whatever happens."""
        state = "was not registered"
        try:
            self._registry.set_level(change.subject, Level.NONE)
            state = "may be registered"
            registered = self._register(change, references)
        except BaseException as error:
            if not refuses(error):
                self._put_back(change, state)
            elif state != "was not registered":  # the level was lowered, and only then the schema refused
                self._put_back(change, "was not registered")
            raise
        try:
            self._put_back(change, "is registered")
        except RegistryError:
            self._finish((change,))
            raise
        return registered

    def _put_back(self, change: RegisterSchema, state: str) -> None:
        self.lowered = change.subject
        try:
            self._registry.set_level(change.subject, change.level)
        except AvroadError as error:
            level = "may still be" if state == "was not registered" else "is still"
            raise RegistryError(
                f"the new version of {change.subject} {state}, but the level of the subject {level} NONE: {error}",
                hint=f"Until then it takes any schema. Run avroad apply: it sets {change.level} again.",
            ) from error
        self.lowered = ""

    def _version(self, subject: str) -> int:
        if subject not in self._locked:
            raise PlanError(f"the plan refers to {subject}, which it neither registers nor knows a version of")
        return self._locked[subject].version

    def _prove(self, change: RegisterSchema, registered: RegisteredSchema) -> None:
        """Read the version back: a registry may answer a schema it takes for the same with an older version."""
        held = self._registry.version(change.subject, registered.version)
        meaning = self._meanings.of(held)
        if meaning.fingerprint != change.fingerprint:
            raise RegistryError(
                f"the registry answered the new schema of {change.subject} with version {held.version}, "
                f"which {meaning.problem or 'means something else'}",
                hint="It takes the two for the same. Change a field instead of only a property, or report this.",
            )


def refuses(error: BaseException) -> bool:
    """Return whether a registry said no, so that it is known that the request was not carried out."""
    refused = isinstance(error, RegistryError) and 400 <= error.status < 500  # noqa: PLR2004
    return isinstance(error, IncompatibleSchema) or (refused and not isinstance(error, RegistryUnavailable))


def _refused(change: RegisterSchema, error: RegistryError) -> IncompatibleSchema:
    reason = error.found or error.message
    return IncompatibleSchema(
        f"the registry refuses {change.type_name} as a new version of {change.subject}",
        problems=(
            Problem(
                expected="a schema its level allows",
                found=reason,
                file=change.subject,
                fix="make the change compatible (a default, an alias), or use a new topic for the new shape",
            ),
        ),
    )
