"""Who goes first with one change of one subject, and which declared programs cannot read what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from avroad.contracts.catalog import Catalog
from avroad.contracts.compat import Finding, PairReport
from avroad.contracts.compat.modes import Version
from avroad.contracts.compat.order import UpgradeAdvice, cures, holds, upgrade_order
from avroad.contracts.declared import REPOSITORY, Application, SubjectSpec, Use
from avroad.contracts.topic_settings import Retention, retention
from avroad.model import Level
from avroad.schema import Schema, fingerprint

__all__ = ["Advisor", "Rollout", "Trouble", "Users"]

_DAY: Final = timedelta(days=1)
_Compare = Callable[[Schema, Schema], PairReport]
_Pin = Callable[[SubjectSpec, str], Version | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """The declared programs that use one type of one topic with one version; stateful: some keep what they read."""

    version: str
    applications: tuple[Application, ...]
    stateful: bool = False

    @property
    def label(self) -> str:
        """The version as people read it."""
        return f"version {self.version}" if self.version.isdigit() else self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Declared readers that cannot read something, or take it for something else.

    backward: whether they fail on old data once they have the new schema, else on new data as they are; data_of: the
    old versions whose data it is; findings: what the data look like; error: why Java gives no verdict at all.
    """

    users: Users
    backward: bool
    data_of: tuple[str, ...]
    findings: tuple[Finding, ...]
    error: str = ""

    @property
    def pinned(self) -> bool:
        """Whether no order helps: the readers keep the version they are pinned to, and fail on new data."""
        return not self.backward and self.users.version != REPOSITORY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The order of one change. data_of: the old versions whose data count; unknown: what nobody here knows.

    not_counted: those whose data the topic no longer holds, or the mode does not ask for where nobody knows.
    """

    advice: UpgradeAdvice
    retention: Retention
    data_of: tuple[str, ...]
    not_counted: tuple[str, ...]
    readers: tuple[Users, ...]
    writers: tuple[Users, ...]
    troubles: tuple[Trouble, ...]
    unknown: tuple[str, ...]


class Advisor:
    """Knows who is declared; asked once for each changed subject that has a topic."""

    def __init__(self, catalog: Catalog, pin: _Pin, today: date) -> None:
        """pin: what a subject's version number or `git:REV` stands for, or why nobody can tell."""
        self._topics = catalog.topics
        self._pin = pin
        self._today = today
        self._readers = _by_use((app, app.reads) for app in catalog.applications.values())
        self._writers = _by_use((app, app.writes) for app in catalog.applications.values())

    def advise(
        self, spec: SubjectSpec, mode: Level, new: Schema, past: Sequence[Version], compare: _Compare
    ) -> Rollout | None:
        """Return the order for a new schema after these versions, oldest first; None for a subject without a topic.

        New readers must read what the topic may still hold and what pinned writers go on writing; old ones, those
        that are pinned included, must read what is new. compare: (reader, writer) to a report.
        """
        if not spec.topic or not past:
            return None
        use = (spec.topic, spec.type_name)
        readers, writers = self._readers.get(use, ()), self._writers.get(use, ())
        unknown = [f"who {verb}: nobody is declared" for verb, users in (("reads", readers), ("writes", writers))
                   if not users]  # fmt: skip
        kept = retention(self._topics[spec.topic].config)
        stateful = any(users.stateful and users.version == REPOSITORY for users in readers)
        old = [*past] if stateful else self._still_there(past, kept, transitive=mode.endswith("_TRANSITIVE"))
        pinned_writers: list[tuple[Users, Schema]] = []
        for users in writers:
            written = self._pinned(spec, users, unknown)
            if written is None:
                continue
            pinned_writers.append((users, written.schema))
            if fingerprint(written.schema) not in map(fingerprint, (v.schema for v in old)):
                old.append(_renamed(written, f"{users.version}, still written by {_names(users)}"))
        counted = {fingerprint(version.schema) for version in old}
        unread = [version for version in old if not holds(compare(new, version.schema))]
        troubles, forward = [], self._forward(mode, new, past, compare)
        for users in readers:
            if users.version == REPOSITORY:
                troubles += list(_of_new(users, compare(past[-1].schema, new)))
                troubles += list(_of_old(users, unread, new, compare))
                continue
            pinned = self._pinned(spec, users, unknown)
            if pinned is not None:
                found = list(_of_new(users, compare(pinned.schema, new)))
                forward = forward and not found
                troubles += found
        fixes = cures(compare(new, version.schema) for version in unread)
        return Rollout(
            advice=upgrade_order(
                backward=not unread, forward=forward, retention=kept, fixes=fixes,
                pinned=[_names(users) for users, wrote in pinned_writers if not holds(compare(new, wrote))],
                stateful=[_names(users) for users in readers if users.stateful and users.version == REPOSITORY],
            ),
            retention=kept, data_of=tuple(version.name for version in old),
            not_counted=tuple(version.name for version in past if fingerprint(version.schema) not in counted),
            readers=tuple(readers), writers=tuple(writers),
            troubles=tuple(troubles), unknown=tuple(unknown),
        )  # fmt: skip

    def _forward(self, mode: Level, new: Schema, past: Sequence[Version], compare: _Compare) -> bool:
        """Say whether readers nobody declared read new data: with the latest schema, or any where the mode promises."""
        every = mode in {Level.FORWARD_TRANSITIVE, Level.FULL_TRANSITIVE}
        return all(holds(compare(version.schema, new)) for version in (past if every else past[-1:]))

    def _still_there(self, past: Sequence[Version], kept: Retention, *, transitive: bool) -> list[Version]:
        """Return the versions whose data the topic may hold; a version was written until the next one came.

        Where that is not known, the mode decides. The latest is among them always.
        """
        if kept.longest_ms is None:
            return [*past]
        oldest = self._today - timedelta(milliseconds=min(kept.longest_ms, 10**13)) - _DAY
        there = []
        for version, successor in pairwise(past):
            if transitive if not successor.day else date.fromisoformat(successor.day) >= oldest:
                there.append(version)
        return [*there, past[-1]]

    def _pinned(self, spec: SubjectSpec, users: Users, unknown: list[str]) -> Version | None:
        if users.version == REPOSITORY:
            return None
        found = self._pin(spec, users.version)
        if isinstance(found, str):
            unknown.append(f"{users.label}, pinned by {_names(users)}: {found}")
            return None
        return found


def _by_use(given: Iterable[tuple[Application, tuple[Use, ...]]]) -> dict[tuple[str, str], list[Users]]:
    """Return who uses each type of each topic, those with the same version together, REPOSITORY first."""
    found: dict[tuple[str, str], dict[str, list[Application]]] = {}
    stateful: set[tuple[str, str, str]] = set()
    for application, uses in given:
        for use in uses:
            for version in use.versions:
                found.setdefault((use.topic, use.type_name), {}).setdefault(version, []).append(application)
                if use.stateful:
                    stateful.add((use.topic, use.type_name, version))
    return {
        key: [
            Users(version=version, applications=tuple(applications), stateful=(*key, version) in stateful)
            for version, applications in sorted(versions.items(), key=lambda item: (item[0] != REPOSITORY, item[0]))
        ]
        for key, versions in found.items()
    }


def _of_new(users: Users, report: PairReport) -> Iterator[Trouble]:
    if not holds(report):
        yield Trouble(users=users, backward=False, data_of=(), findings=report.told, error=report.error)


def _of_old(users: Users, unread: Sequence[Version], new: Schema, compare: _Compare) -> Iterator[Trouble]:
    """Yield one trouble for all old versions that break in the same way."""
    groups: dict[tuple[object, ...], tuple[PairReport, list[str]]] = {}
    for version in unread:
        report = compare(new, version.schema)
        key = (report.error, *((finding.rule, finding.field_path, finding.data) for finding in report.told))
        groups.setdefault(key, (report, []))[1].append(version.name)
    for report, names in groups.values():
        yield Trouble(
            users=users, backward=True, data_of=tuple(names), findings=report.told, error=report.error
        )  # fmt: skip


def _renamed(version: Version, name: str) -> Version:
    return Version(name=name, schema=version.schema, day=version.day)


def _names(users: Users) -> str:
    first, more = [app.name for app in users.applications[:3]], len(users.applications) - 3
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
