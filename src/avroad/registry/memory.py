"""A registry in this process: same calls, same errors, ids, versions, references and levels as a real one."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from avroad.contracts.compat.modes import Version, check_history
from avroad.errors import RegistryCode, RegistryError, SchemaNotFound, SchemaSyntaxError
from avroad.model import Dialect, Level, Reference, RegisteredSchema, SchemaText, Verdict
from avroad.registry.resolve import Resolver
from avroad.schema import Schema, read_json

__all__ = ["MemoryRegistry"]

_CONFLICT: Final = 409
_INVALID: Final = 422
_MAX_REASONS: Final = 10


@dataclass(slots=True)
class _Subject:
    """One subject: its versions by number (never given twice), deleted ones apart, and its own level."""

    versions: dict[int, int] = field(default_factory=dict)
    deleted: dict[int, int] = field(default_factory=dict)
    next_version: int = 1
    level: Level | None = None


class MemoryRegistry:
    """Implements ports.Registry without a network, with Confluent's behaviour. Thread-safe.

    Equal content (formatting aside) with equal references has one id in all subjects; a deleted version's number is
    not given again, and its id stays readable. Whether a schema may follow is decided by avroad's engine with the
    verdict of Java's checker, as in a real one: changed units and other silent shifts pass.
    """

    def __init__(self, *, level: Level = Level.BACKWARD, name: str = "memory:") -> None:
        self._name = name
        self._lock = threading.RLock()
        self._level = level
        self._contents: dict[int, SchemaText] = {}
        self._ids: dict[tuple[str, tuple[Reference, ...]], int] = {}
        self._subjects: dict[str, _Subject] = {}

    @property
    def name(self) -> str:
        """What this registry is called in messages."""
        return self._name

    def dialect(self) -> Dialect:
        """Return Confluent's: that is what this one behaves like."""
        return Dialect.CONFLUENT

    def subjects(self) -> tuple[str, ...]:
        """Return all subjects with a version, sorted."""
        with self._lock:
            return tuple(sorted(name for name, subject in self._subjects.items() if subject.versions))

    def versions(self, subject: str) -> tuple[int, ...]:
        """Return the versions, ascending; empty when the subject does not exist."""
        with self._lock:
            known = self._subjects.get(subject)
            return tuple(sorted(known.versions)) if known else ()

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        """Return one version, the latest when None. Raises SchemaNotFound."""
        with self._lock:
            known = self._existing(subject)
            number = max(known.versions) if version is None else version
            if number not in known.versions:
                raise SchemaNotFound(f"Version {number} not found.", code=RegistryCode.VERSION_NOT_FOUND, status=404)
            return self._registered(subject, number, known.versions[number])

    def latest_versions(self, subjects: tuple[str, ...]) -> dict[str, RegisteredSchema]:
        """Return the latest version per existing subject."""
        with self._lock:
            return {subject: self.version(subject) for subject in subjects if self.versions(subject)}

    def by_id(self, schema_id: int) -> SchemaText:
        """Return text and references of an id. Raises SchemaNotFound."""
        with self._lock:
            if schema_id not in self._contents:
                raise SchemaNotFound(f"Schema {schema_id} not found", code=RegistryCode.SCHEMA_NOT_FOUND, status=404)
            return self._contents[schema_id]

    def by_guid(self, guid: UUID) -> SchemaText:
        """Return text and references of a GUID. Raises SchemaNotFound."""
        with self._lock:
            for content in self._contents.values():
                if _guid(content) == guid:
                    return content
        raise SchemaNotFound(f"Schema {guid} not found", code=RegistryCode.SCHEMA_NOT_FOUND, status=404)

    def guid_of(self, schema_id: int) -> UUID:
        """Return the GUID of an id's content. Raises SchemaNotFound."""
        return _guid(self.by_id(schema_id))

    def subjects_of(self, schema_id: int) -> tuple[tuple[str, int], ...]:
        """Return the (subject, version) pairs of an id, deleted ones too, sorted. Raises SchemaNotFound."""
        with self._lock:
            self.by_id(schema_id)
            return tuple(
                (name, number)
                for name in sorted(self._subjects)
                for number, known in sorted((self._subjects[name].deleted | self._subjects[name].versions).items())
                if known == schema_id
            )

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        """Register and return the resulting version; the same schema again returns the same version.

        Raises RegistryError: 422 for a text that is no schema or a reference to nothing, 409 when the level forbids it.
        """
        with self._lock:
            schema = self._parsed(text, references)
            key = _key(text, references)
            known = self._subjects.setdefault(subject, _Subject())
            found = self.lookup(subject, text, references)
            if found is not None:
                return found
            reasons = self._conflicts(subject, schema)
            if reasons:
                raise RegistryError(
                    f"Schema being registered is incompatible with an earlier schema for subject {subject}",
                    code=RegistryCode.INCOMPATIBLE, status=_CONFLICT, found="; ".join(reasons),
                    expected=f"a schema that level {self.level(subject)} allows",
                )  # fmt: skip
            schema_id = self._ids.setdefault(key, len(self._contents) + 1)
            self._contents.setdefault(schema_id, SchemaText(text=text, references=references))
            number = known.next_version
            known.versions[number] = schema_id
            known.next_version += 1
            return self._registered(subject, number, schema_id)

    def lookup(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema | None:
        """Return the version of a subject that has this content, None when there is none."""
        with self._lock:
            schema_id = self._ids.get(_key(text, references))
            known = self._subjects.get(subject)
            for number, registered_id in sorted(known.versions.items()) if known else ():
                if registered_id == schema_id:
                    return self._registered(subject, number, registered_id)
            return None

    def check(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> Verdict:
        """Return whether registering would be accepted, with a reason per conflict."""
        with self._lock:
            schema = self._parsed(text, references)
            if self.lookup(subject, text, references) is not None:
                return Verdict(compatible=True)
            reasons = self._conflicts(subject, schema)
            return Verdict(compatible=not reasons, reasons=reasons)

    def level(self, subject: str | None = None) -> Level:
        """Return the level in force for a subject, or the global one."""
        with self._lock:
            own = self.own_level(subject) if subject is not None else None
            return own or self._level

    def own_level(self, subject: str) -> Level | None:
        """Return the level set on the subject itself, None when it has none."""
        with self._lock:
            known = self._subjects.get(subject)
            return known.level if known else None

    def set_level(self, subject: str | None, level: Level | None) -> None:
        """Set the level of a subject, or the global one when None; a subject's level None removes it."""
        with self._lock:
            if subject is not None:
                self._subjects.setdefault(subject, _Subject()).level = level
            elif level is not None:
                self._level = level

    def delete(self, subject: str) -> tuple[int, ...]:
        """Delete all versions of a subject and return their numbers; refused (42206) while something refers to one."""
        with self._lock:
            known = self._existing(subject)
            used = {
                reference.subject
                for name, other in self._subjects.items()
                if name != subject
                for schema_id in other.versions.values()
                for reference in self._contents[schema_id].references
                if reference.version in known.versions
            }
            if subject in used:
                raise RegistryError(
                    f"One or more references exist to the schema of {subject}",
                    code=RegistryCode.REFERENCE_EXISTS, status=_INVALID,
                )  # fmt: skip
            gone = tuple(sorted(known.versions))
            known.deleted |= known.versions
            known.versions.clear()
            known.level = None
            return gone

    def every_subject(self) -> tuple[str, ...]:
        """Return what `subjects` does: nothing that was deleted here can be restored."""
        return self.subjects()

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _existing(self, subject: str) -> _Subject:
        known = self._subjects.get(subject)
        if known is None or not known.versions:
            raise SchemaNotFound(f"Subject '{subject}' not found.", code=RegistryCode.SUBJECT_NOT_FOUND, status=404)
        return known

    def _registered(self, subject: str, number: int, schema_id: int) -> RegisteredSchema:
        content = self._contents[schema_id]
        return RegisteredSchema(
            subject=subject,
            version=number,
            id=schema_id,
            text=content.text,
            references=content.references,
            guid=_guid(content),
        )

    def _parsed(self, text: str, references: tuple[Reference, ...]) -> Schema:
        try:
            return Resolver(self).parsed(SchemaText(text=text, references=references), "the schema")
        except SchemaNotFound as error:
            reason = f"a reference that does not exist: {error.message}"
        except SchemaSyntaxError as error:
            reason = str(error)
        raise RegistryError(
            "Invalid schema", code=RegistryCode.INVALID_SCHEMA, status=_INVALID,
            expected="an Avro schema whose references exist", found=reason,
        )  # fmt: skip

    def _conflicts(self, subject: str, schema: Schema) -> tuple[str, ...]:
        """Return why the level in force forbids the schema as the next version, newest version first."""
        level = self.level(subject)
        if level is Level.NONE:
            return ()
        numbers = sorted(self._subjects[subject].versions if subject in self._subjects else ())
        chosen = numbers if level.value.endswith("_TRANSITIVE") else numbers[-1:]
        versions = [Version(name=str(number), schema=self._parsed_version(subject, number)) for number in chosen]
        reasons: list[str] = []
        for comparison in check_history(schema, versions, level).comparisons:
            words = "cannot read data of" if comparison.backward else "writes data that cannot be read with"
            where = f"the new schema {words} version {comparison.version}"
            if comparison.report.compatible is None:
                reasons.append(f"{where}: Unexpected exception during compatibility check")
            reasons.extend(
                f"{where}: {finding.type.value} {finding.message} at {finding.pointer}"
                for finding in comparison.report.findings
                if finding.type is not None
            )
        return tuple(reasons[:_MAX_REASONS])

    def _parsed_version(self, subject: str, number: int) -> Schema:
        found = self.version(subject, number)
        return Resolver(self).parsed(SchemaText(text=found.text, references=found.references), f"{subject} v{number}")


def _guid(content: SchemaText) -> UUID:
    """GUIDs are digests of the content, as Confluent's are, though not the same ones."""
    return UUID(bytes=hashlib.md5(repr(content).encode(), usedforsecurity=False).digest())


def _key(text: str, references: tuple[Reference, ...]) -> tuple[str, tuple[Reference, ...]]:
    """Return what makes content the same: the text without its formatting, and the references in any order."""
    try:
        plain = json.dumps(read_json(text), sort_keys=True)
    except SchemaSyntaxError:
        plain = text
    ordered = sorted(references, key=lambda item: (item.name, item.subject, item.version))
    return plain, tuple(ordered)
