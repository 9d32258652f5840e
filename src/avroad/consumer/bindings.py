"""From a schema id or GUID in a record to a decoder: fetched once, checked, kept.

An outage is not the record's fault: it asks for patience, one attempt per back-off whatever the number of records. An
id that is refused is remembered; where the registry may learn better, it is asked again once a minute, and no record
waits for that. Bytes that are no ids of ours can name any number of them: the last 1,000 without a decoder are
remembered, one that was forgotten costs a request, and all that the registry does not know share one grace.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from avroad.codec import decoder_for, resolve
from avroad.codec.dead_letter import Poison
from avroad.consumer.backoff import Backoff
from avroad.consumer.grace import SharedGrace
from avroad.consumer.judgement import Judge, parked_reason, unusable
from avroad.consumer.signals import PoisonRecord, SchemaPending
from avroad.contracts import Catalog
from avroad.contracts.lock import SchemaLock
from avroad.errors import (
    AvroadError,
    CodecError,
    ContractError,
    RegistryError,
    RegistryUnavailable,
    SchemaNotFound,
    SchemaSyntaxError,
)
from avroad.model import SchemaText, TopicSpec
from avroad.ports.clock import Clock
from avroad.ports.registry import Registry
from avroad.registry.resolve import schema_of
from avroad.schema import Schema, fingerprint

__all__ = ["Binding", "Bindings", "check_meaning", "type_on_topic"]

_LOG = logging.getLogger("avroad.consumer")
_ASK_AGAIN_S: Final = 60.0
_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One writer schema of one topic. decode: payload and start offset to the datum in the reader schema.

    check: the same without resolution, to tell damaged bytes from data our schema has no place for.
    """

    schema_id: int
    type_name: str
    subject: str
    version: int | None
    decode: Callable[[bytes, int], object]
    check: Callable[[bytes, int], object]


@dataclass(slots=True)
class _Trouble:
    """An id without an answer that helps. missing_until: the end of its grace, set when it is said not to exist."""

    attempts: int = 0
    retry_at: float = 0.0
    reason: str = ""
    missing_until: float | None = None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What records of an id are told until it is asked about again."""

    verdict: PoisonRecord
    ask_again_at: float


class Bindings:
    """Decoders by (topic, schema id or GUID). One thread."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        registry: Registry,
        judge: Judge,
        clock: Clock,
        backoff: Backoff,
        grace_s: float,
        lock: SchemaLock | None = None,
        types: Mapping[str, type] | None = None,
    ) -> None:
        self._catalog = catalog
        self._registry = registry
        self._judge = judge
        self._clock = clock
        self._backoff = backoff
        self._grace = SharedGrace(grace_s)
        self._lock = lock
        self._types = types
        self._known: dict[tuple[str, int | UUID], Binding] = {}
        self._refused: OrderedDict[tuple[str, int | UUID], _Refusal] = OrderedDict()
        self._troubles: OrderedDict[int | UUID, _Trouble] = OrderedDict()

    def bind(self, topic: str, schema: int | UUID) -> Binding:
        """Return the decoder for an id, or a GUID, on a topic.

        Raises SchemaPending during an outage or while an unknown id has its grace, PoisonRecord when the id can
        not be read here or is to be parked, IncompatibleSchema when a policy refuses its version, RegistryError when
        somebody has to act (denied, an id that changed its meaning, a registry without GUIDs).
        """
        key = (topic, schema)
        known = self._known.get(key)
        if known is not None:
            return known
        refusal = self._refused.get(key)
        if refusal is not None and self._clock.monotonic() < refusal.ask_again_at:
            self._refused.move_to_end(key)
            raise refusal.verdict.again()
        try:
            binding = self._make(topic, schema)
        except (PoisonRecord, SchemaPending, SchemaNotFound, RegistryUnavailable) as error:
            raise self._answer(key, error) from None
        trouble = self._troubles.pop(schema, None)
        if trouble is not None and trouble.missing_until is not None:
            self._grace.appeared()
        self._refused.pop(key, None)
        self._known[key] = binding
        return binding

    def _make(self, topic: str, schema: int | UUID) -> Binding:
        spec = self._catalog.topics[topic]
        schema_id = self._id_of(spec, schema) if isinstance(schema, UUID) else schema
        locked = self._from_lock(spec, schema_id)
        if locked is not None:
            return locked
        self._wait_for(schema_id)
        try:
            writer = schema_of(self._registry, schema_id)
            check_meaning(self._lock, self._registry, schema_id, writer)
            type_name = type_on_topic(self._catalog, spec, writer)
        except SchemaSyntaxError as error:
            reason = f"schema id {schema_id} is not a schema avroad accepts: {error}"
            self._unusable(spec, schema_id, "a schema avroad accepts", str(error))
            # Passing: registries answered with what is no schema before, and were right a while later.
            raise PoisonRecord(Poison.SCHEMA_REJECTED, reason, _name(error), passing=True) from None
        except PoisonRecord as error:
            self._unusable(spec, schema_id, "a type this topic carries", error.message)
            raise
        subject = spec.subject(type_name)
        versions = dict(self._registry.subjects_of(schema_id))
        if subject not in versions:
            reason = f"schema id {schema_id} is not registered under {subject}"
            raise PoisonRecord(Poison.CONTRACT, reason, "avroad.errors.ContractError", passing=True)
        reader = self._catalog.type(type_name).schema
        doubts = self._judge.doubts(subject, versions[subject], schema_id, writer=writer, reader=reader)
        parked = self._judge.meet(doubts)
        if parked is not None:
            raise PoisonRecord(Poison.CONTRACT, parked_reason(parked), "avroad.errors.IncompatibleSchema")
        return self._binding(schema_id, type_name, subject, versions[subject], writer)

    def _id_of(self, spec: TopicSpec, guid: UUID) -> int:
        """Return the id of the version of this topic that has the content of a GUID; ids alone have subjects."""
        self._wait_for(guid)
        content = self._registry.by_guid(guid)
        for subject in dict.fromkeys(map(spec.subject, spec.values)):
            for number in reversed(self._registry.versions(subject)):
                version = self._registry.version(subject, number)
                if SchemaText(text=version.text, references=version.references) == content:
                    return version.id
        reason = f"schema GUID {guid} is not registered under a subject of {spec.name}"
        raise PoisonRecord(Poison.CONTRACT, reason, "avroad.errors.ContractError", passing=True)

    def _unusable(self, spec: TopicSpec, schema_id: int, expected: str, found: str) -> None:
        """Let the policies judge a schema we have no use for, where it is a version of this topic.

        Elsewhere it is no matter of versions: somebody put a record on the wrong topic.
        """
        subjects = {spec.subject(name) for name in spec.values}
        self._judge.meet(
            [
                unusable(subject, version, schema_id, expected=expected, found=found)
                for subject, version in self._registry.subjects_of(schema_id)
                if subject in subjects
            ]
        )

    def _from_lock(self, spec: TopicSpec, schema_id: int) -> Binding | None:
        """Bind an id that the lock gives to this topic and to our own schema: no registry is needed for it."""
        for type_name in spec.values if self._lock is not None else ():
            subject = spec.subject(type_name)
            locked = self._lock.subjects.get(subject) if self._lock is not None else None
            kind = self._catalog.type(type_name)
            if locked is not None and locked.id == schema_id and locked.fingerprint == kind.fingerprint:
                return self._binding(schema_id, type_name, subject, locked.version, kind.schema)
        return None

    def _binding(self, schema_id: int, type_name: str, subject: str, version: int, writer: Schema) -> Binding:
        reader = self._catalog.type(type_name).schema
        conflicts = resolve(writer, reader).conflicts
        whole = [conflict for conflict in conflicts if not conflict.partial]
        if whole:
            first = whole[0]
            reason = (
                f"version {version} of {subject} (id {schema_id}) cannot be read with our {type_name}: "
                f"expected {first.expected}, found {first.found} - at {first.path}"
            )
            raise PoisonRecord(Poison.CONTRACT, reason, "avroad.errors.IncompatibleSchema")
        try:
            decoder = decoder_for(writer, reader, types=self._types)
            check = decoder_for(writer)
        except (ContractError, CodecError) as error:
            reason = f"schema id {schema_id} cannot be compiled: {error}"
            raise PoisonRecord(Poison.SCHEMA_REJECTED, reason, _name(error)) from None
        return Binding(
            schema_id=schema_id,
            type_name=type_name,
            subject=subject,
            version=version,
            decode=decoder.decode,
            check=check.decode,
        )

    def _wait_for(self, schema: int | UUID) -> None:
        trouble = self._troubles.get(schema)
        if trouble is not None and self._clock.monotonic() < trouble.retry_at:
            raise SchemaPending(trouble.retry_at, trouble.reason)

    def _answer(self, key: tuple[str, int | UUID], error: AvroadError) -> SchemaPending | PoisonRecord:
        """Return what a record is told whose id gave this error, and remember it when it is a verdict."""
        refusal = self._refused.get(key)
        if isinstance(error, SchemaNotFound):
            error = self._unknown(key[1])
        if isinstance(error, PoisonRecord):
            verdict = error
        elif refusal is not None:
            verdict = refusal.verdict  # asked again in vain: nobody waits a second time for one id
        elif isinstance(error, SchemaPending):
            return error
        else:
            return self._pending(key[1], str(error))
        ask_again_at = self._clock.monotonic() + _ASK_AGAIN_S if verdict.passing else math.inf
        self._refused[key] = _Refusal(verdict.again(), ask_again_at)
        if len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)
        return verdict.again()

    def _trouble(self, schema: int | UUID) -> _Trouble:
        trouble = self._troubles.setdefault(schema, _Trouble())
        self._troubles.move_to_end(schema)
        if len(self._troubles) > _REMEMBERED:
            self._troubles.popitem(last=False)
        return trouble

    def _pending(self, schema: int | UUID, reason: str, latest: float = math.inf) -> SchemaPending:
        now = self._clock.monotonic()
        trouble = self._trouble(schema)
        trouble.attempts += 1
        trouble.retry_at = min(latest, now + self._backoff.delay(trouble.attempts))
        trouble.reason = f"waiting for {_shown(schema)}: {reason}"
        _LOG.warning("%s; next attempt in %.1f s", trouble.reason, trouble.retry_at - now)
        return SchemaPending(trouble.retry_at, trouble.reason)

    def _unknown(self, schema: int | UUID) -> SchemaPending | PoisonRecord:
        """Give an id the registry does not know its grace, once: replica lag, a restore, or the wrong registry."""
        now = self._clock.monotonic()
        trouble = self._trouble(schema)
        if trouble.missing_until is None:
            # Not from the first outage on: that says nothing about the id.
            trouble.missing_until = self._grace.until(now)
        if now < trouble.missing_until:
            reason = f"the registry at {self._registry.name} does not know it"
            return self._pending(schema, reason, trouble.missing_until)
        reason = f"{_shown(schema)} is not known to the registry at {self._registry.name}"
        return PoisonRecord(Poison.SCHEMA_UNKNOWN, reason, "avroad.errors.SchemaNotFound", passing=True)


def check_meaning(lock: SchemaLock | None, registry: Registry, schema_id: int, writer: Schema) -> None:
    """Raise RegistryError when the lock knows this id with another meaning: ids were reused somewhere."""
    for subject, locked in lock.subjects.items() if lock is not None else ():
        if locked.id == schema_id and locked.fingerprint != fingerprint(writer):
            raise RegistryError(
                f"schema id {schema_id} means something else in the registry at {registry.name} "
                f"than in the schema lock ({subject} version {locked.version})",
                hint="Is it the registry of this environment, or was it restored? Nothing was decoded with it. "
                "Run: avroad check",
            )


def type_on_topic(catalog: Catalog, spec: TopicSpec, writer: Schema) -> str:
    """Return the declared type of a topic that reads a writer schema: by its name, or by an alias for a renamed type.

    Raises PoisonRecord (contract) when the topic does not carry the type.
    """
    name = str(getattr(writer, "name", ""))
    if name in spec.values:
        return name
    for declared in spec.values:
        if name and name in getattr(catalog.type(declared).schema, "aliases", ()):
            return declared
    found = f"type {name}" if name else "a schema without a name"
    reason = f"topic {spec.name} is not declared to carry {found}"
    raise PoisonRecord(Poison.CONTRACT, reason, "avroad.errors.UnknownEventType")


def _name(error: Exception) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _shown(schema: int | UUID) -> str:
    return f"schema GUID {schema}" if isinstance(schema, UUID) else f"schema id {schema}"
