"""Before the first record: can our schemas read every version that was ever registered for these topics?

Each version gets the three answers of the compatibility engine, with our schema as the reader. One comparison for each
pair of a registered schema and a type of ours, however many topics carry it.
"""

from __future__ import annotations

from avroad.consumer.bindings import check_meaning, type_on_topic
from avroad.consumer.judgement import Judge, unusable
from avroad.consumer.report import DoubtfulVersion, StartupReport
from avroad.consumer.signals import PoisonRecord
from avroad.contracts import Catalog
from avroad.contracts.lock import SchemaLock
from avroad.errors import RegistryUnavailable, SchemaNotFound, SchemaSyntaxError
from avroad.model import RegisteredSchema, TopicSpec
from avroad.ports.registry import Registry
from avroad.registry.resolve import schema_of

__all__ = ["check_versions"]


def check_versions(
    catalog: Catalog, registry: Registry, topics: tuple[str, ...], judge: Judge, lock: SchemaLock | None = None
) -> StartupReport:
    """Compare every version of every subject of these topics with our reader schemas, and the lock with the registry.

    An outage of the registry is no failure: the subjects concerned are reported as unchecked.
    Raises RegistryError when the registry gives an id of the lock to another schema, RegistryDenied.
    """
    check = _Check(catalog, registry, judge, lock)
    unchecked: list[str] = []
    reason = ""
    for spec in (catalog.topics[name] for name in topics):
        for subject in dict.fromkeys(spec.subject(name) for name in spec.values):
            try:
                for version in registry.versions(subject):
                    check.version(spec, registry.version(subject, version))
                check.locked(subject)
            except RegistryUnavailable as error:
                unchecked.append(subject)
                reason = reason or error.message

    def those(question: str) -> tuple[DoubtfulVersion, ...]:
        return tuple(doubt for doubt in check.doubts if doubt.question == question)

    return StartupReport(
        checked=check.checked,
        unreadable=those("unreadable"),
        unsafe=those("unsafe"),
        changed_meaning=those("changed_meaning"),
        unchecked=tuple(unchecked),
        reason=reason,
        lost=tuple(check.lost),
    )


class _Check:
    def __init__(self, catalog: Catalog, registry: Registry, judge: Judge, lock: SchemaLock | None) -> None:
        self.checked = 0
        self.doubts: list[DoubtfulVersion] = []
        self.lost: list[str] = []
        self._catalog = catalog
        self._registry = registry
        self._judge = judge
        self._lock = lock

    def version(self, spec: TopicSpec, registered: RegisteredSchema) -> None:
        """Compare one version."""
        self.checked += 1
        subject, version, schema_id = registered.subject, registered.version, registered.id
        try:
            writer = schema_of(self._registry, schema_id)
            check_meaning(self._lock, self._registry, schema_id, writer)
            reader = self._catalog.type(type_on_topic(self._catalog, spec, writer)).schema
        except PoisonRecord as error:
            expected, found = "a type this topic carries", error.message
        except SchemaSyntaxError as error:
            expected, found = "a schema avroad accepts", str(error)
        else:
            self.doubts += self._judge.doubts(subject, version, schema_id, writer=writer, reader=reader)
            return
        self.doubts.append(unusable(subject, version, schema_id, expected=expected, found=found))

    def locked(self, subject: str) -> None:
        """Ask for the id that the lock gives a subject: a registry restored from an older state gives it away again."""
        known = self._lock.subjects.get(subject) if self._lock is not None else None
        if known is None:
            return
        try:
            check_meaning(self._lock, self._registry, known.id, schema_of(self._registry, known.id))
        except SchemaNotFound:
            self.lost.append(f"{subject} version {known.version} (id {known.id})")
        except SchemaSyntaxError:
            pass  # told as a version of its subject, or of no interest to this topic
