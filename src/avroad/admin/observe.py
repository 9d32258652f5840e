"""Reads cluster and registry in few requests: what a plan needs, and no more.

One observation of the cluster, one reading of the newest versions, one level per declared subject; older versions
and the registry's verdict only for subjects that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from avroad.admin.actual import Actual, ActualSubject, BegunBreak
from avroad.admin.desired import Desired, DesiredSubject
from avroad.admin.local import local_answer, schema_changes
from avroad.admin.meaning import Meanings, matches
from avroad.contracts.exceptions import Exemptions
from avroad.contracts.lock import SchemaLock
from avroad.contracts.pending import PendingBreak
from avroad.model import Level, Reference, RegisteredSchema, Verdict
from avroad.ports import ClusterAdmin, Registry

__all__ = ["observe", "observe_state"]

_WORKERS: Final = 8


def observe(
    admin: ClusterAdmin,
    registry: Registry,
    desired: Desired,
    lock: SchemaLock | None = None,
    *,
    exemptions: Exemptions | None = None,
    pending: Sequence[PendingBreak] = (),
) -> Actual:
    """Return what cluster and registry hold of what is declared; where it differs, both verdicts on it.

    exemptions: what our engine finds and somebody has accepted. pending: what an apply had begun when it was ended.
    Nothing is written. Raises BrokerError or RegistryError when either does not answer.
    """
    state = observe_state(admin, registry, [t.name for t in desired.topics], [s.subject for s in desired.subjects])
    reading = _Reading(registry, desired, state.subjects, exemptions)
    return Actual(
        cluster_id=state.cluster_id,
        brokers=state.brokers,
        registry=state.registry,
        dialect=registry.dialect(),
        topics=state.topics,
        subjects={subject.subject: reading.subject(subject) for subject in desired.subjects},
        lock=lock,
        begun=tuple(BegunBreak(pending=item, version=reading.registered(item)) for item in pending),
        observed_at=state.observed_at,
    )


def observe_state(admin: ClusterAdmin, registry: Registry, topics: Sequence[str], subjects: Sequence[str]) -> Actual:
    """Return the part of an observation that cluster and registry know and state marks cover: no schema is read."""
    cluster = admin.observe(topics)
    latest = registry.latest_versions(tuple(subjects)) if subjects else {}
    levels = _own_levels(registry, subjects)
    return Actual(
        cluster_id=cluster.cluster_id,
        brokers=cluster.brokers,
        registry=registry.name,
        topics=cluster.topics,
        subjects={
            name: ActualSubject(subject=name, latest=latest.get(name), own_level=levels.get(name)) for name in subjects
        },
        observed_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _own_levels(registry: Registry, subjects: Iterable[str]) -> dict[str, Level | None]:
    """One request per subject: no registry answers for several at once."""
    names = list(subjects)
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="levels") as pool:
        return dict(zip(names, pool.map(registry.own_level, names), strict=True))


class _Reading:
    """Compares declared subjects, referenced ones first, with what is registered."""

    def __init__(
        self,
        registry: Registry,
        desired: Desired,
        state: Mapping[str, ActualSubject],
        exemptions: Exemptions | None,
    ) -> None:
        self._registry = registry
        self._exemptions = exemptions
        self._state = state
        known = [item.latest for item in state.values() if item.latest is not None]
        self._meanings = Meanings(registry.version, known)
        self._fingerprints = {item.type_name: item.fingerprint for item in desired.subjects}
        self._matches: dict[str, RegisteredSchema | None] = {}

    def subject(self, wanted: DesiredSubject) -> ActualSubject:
        state = self._state[wanted.subject]
        if state.latest is None:
            self._matches[wanted.subject] = None
            return state
        meaning = self._meanings.of(state.latest)
        same = matches(meaning, wanted.fingerprint, self._fingerprints)
        older = [] if same else self._older(state.latest)
        match = state.latest if same else self._match(older, wanted)
        self._matches[wanted.subject] = match
        if match is not None:
            return ActualSubject(subject=wanted.subject, latest=state.latest, match=match, own_level=state.own_level)
        verdict, unasked = self._verdict(wanted, [state.latest, *older])
        versions = [(state.latest.version, meaning), *((item.version, self._meanings.of(item)) for item in older)]
        return ActualSubject(
            subject=wanted.subject,
            latest=state.latest,
            own_level=state.own_level,
            verdict=verdict,
            unasked=unasked,
            problem=meaning.problem,
            local=local_answer(wanted, versions, self._exemptions),
            changes=schema_changes(meaning.schema, wanted.schema),
        )

    def registered(self, pending: PendingBreak) -> int | None:
        """Return the version that a break was registered as, None when it was not."""
        newer = [item for item in self._registry.versions(pending.subject) if item > pending.old_version]
        for number in newer:
            meaning = self._meanings.of(self._registry.version(pending.subject, number))
            if meaning.fingerprint == pending.fingerprint:
                return number
        return None

    def _older(self, latest: RegisteredSchema) -> list[RegisteredSchema]:
        """Return all versions but the latest, newest first: a registry answers an old text with its old version."""
        versions = self._registry.versions(latest.subject)
        return [
            self._registry.version(latest.subject, version)
            for version in sorted(versions, reverse=True)
            if version != latest.version
        ]

    def _match(self, older: list[RegisteredSchema], wanted: DesiredSubject) -> RegisteredSchema | None:
        for item in older:
            if matches(self._meanings.of(item), wanted.fingerprint, self._fingerprints):
                return item
        return None

    def _verdict(self, wanted: DesiredSubject, stored: Sequence[RegisteredSchema]) -> tuple[Verdict | None, str]:
        """Ask the registry where everything the schema refers to is registered already."""
        references: list[Reference] = []
        for name, subject in wanted.references:
            match = self._matches.get(subject)
            if match is None:
                return None, f"cannot be asked before {subject} is registered"
            references.append(Reference(name=name, subject=subject, version=match.version))
        verdict = self._registry.check(wanted.subject, wanted.text, tuple(references))
        if verdict.compatible is not None:
            return verdict, ""
        if references or any(item.references for item in stored):
            return verdict, "this registry cannot check schemas with references"
        return verdict, "; ".join(verdict.reasons) or "the registry gives no answer"
