"""One rehearsal from the command line: what is in play, what runs before have left, and the run itself."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from avroad.cli.accepted import accepted_findings
from avroad.cli.against import baseline_of
from avroad.cli.baselines import revision
from avroad.cli.context import Context
from avroad.cli.leases import Leases
from avroad.cli.output import say
from avroad.cli.words import counted
from avroad.config.state import state_dir
from avroad.contracts.compat import Severity
from avroad.contracts.declared import SubjectSpec
from avroad.contracts.lock import read_lock
from avroad.contracts.subject_check import Baseline
from avroad.errors import ConfigError, LockError, SchemaNotFound
from avroad.evolve.implementations import Implementation
from avroad.evolve.insist import insist
from avroad.evolve.judge import Datum
from avroad.evolve.matrix import Rehearsal
from avroad.evolve.members import Clients
from avroad.evolve.real import newest, real_data
from avroad.evolve.rehearse import Edges, framing_of
from avroad.evolve.rehearse import rehearse as play_all
from avroad.evolve.rolling import roll, unplayed
from avroad.evolve.samples import samples
from avroad.evolve.scratch import PREFIX, Lease, Leftovers, Scratch, leftovers, sweep
from avroad.evolve.versions import InPlay, Programs, versions_in_play
from avroad.model import SchemaText
from avroad.registry.resolve import Resolver
from avroad.schema import Named, Schema

__all__ = ["Request", "Run"]

Libraries = Callable[
    [dict[str, str]], AbstractContextManager[tuple[Sequence[Implementation], Sequence[tuple[str, str]]]]
]
_CLOSE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for; see the command's options."""

    names: tuple[str, ...]
    against: str
    candidate: str
    every: bool
    sample: int
    seed: int
    rolling: bool = True


class Run:
    """One run; opens a registry client, which `close` closes. left: scratch that could not be taken away."""

    def __init__(self, context: Context, request: Request, progress: Callable[[str], None]) -> None:
        """Raises ContractError, ConfigError, GitError, RegistryError and their kin for what cannot be rehearsed."""
        self._request, self._progress = request, progress
        self._project = context.project()
        self._root = context.folder()
        self._registry = self._project.scratch_registry()
        self._leases = Leases(state_dir(self._root) / self._project.environment.name / "rehearsals")
        self._pinned: dict[str, Mapping[str, Named]] = {}
        self.notes: list[str] = []
        self.left: tuple[str, ...] = ()
        try:
            progress("reading the versions in play")
            self._exemptions = accepted_findings(self._root)
            self.against, self.plays = self._in_play(context)
        except BaseException:
            self._registry.close()
            raise

    def close(self) -> None:
        """Release the registry client."""
        self._registry.close()

    def plan_text(self) -> Iterator[str]:
        """Yield what a run would make and play, as lines."""
        yield f"against {self.against}"
        upgrades = self._upgrades()
        if self.plays:
            yield f"would make {counted(len(self.plays), 'topic')} and {counted(len(self.plays), 'subject')}:"
        else:
            yield "no subject changed: would make nothing"
        for number, play in enumerate(self.plays):
            yield f"  {PREFIX}<until>-<run>.{number}, for"
            yield f"    {play.spec.subject} ({play.spec.level})"
            for version in play.versions:
                count = counted(len(samples(version.schema, self._request.seed)), "record")
                yield f"      {version.label}: {count} ({', '.join(dict.fromkeys(version.origins))})"
        if upgrades:
            yield f"would play {counted(upgrades, 'rolling upgrade')}, each with two topics, a subject and a group"
        if self._request.sample:
            yield f"would read the newest {counted(self._request.sample, 'record')} of each topic, and commit nothing"
        found = self._leftovers()
        if found.any:
            yield "would take away what runs that are over have left:"
            yield from (f"  {name}" for name in dict.fromkeys((*found.topics, *found.subjects, *found.groups)))
        yield from (f"note: {note}" for note in self.notes)
        yield "nothing was made"

    def plan_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        found = self._leftovers()
        return {
            "dry_run": True,
            "rolling_upgrades": self._upgrades(),
            "against": self.against,
            "seed": self._request.seed,
            "subjects": [
                {
                    "subject": play.spec.subject,
                    "mode": play.spec.level.value,
                    "versions": [
                        {
                            "label": version.label,
                            "origins": list(dict.fromkeys(version.origins)),
                            "records": len(samples(version.schema, self._request.seed)),
                        }
                        for version in play.versions
                    ],
                }
                for play in self.plays
            ],
            "notes": self.notes,
            "leftovers": {
                "topics": list(found.topics),
                "subjects": list(found.subjects),
                "groups": list(found.groups),
            },
        }

    def play(self, libraries: Libraries) -> Rehearsal | None:
        """Take away what runs before have left, then run; None when nothing changed.

        Raises BrokerError, RegistryError and their kin. What cannot be taken away is said, and left to the next run.
        """
        self._sweep()
        if not self.plays:
            return None
        begun = time.monotonic()
        lease = Lease.begin(datetime.now(UTC))
        environment = self._project.environment
        edges = Edges(registry=self._registry, sink=self._project.sink, source=self._project.source)
        admin = self._project.scratch_admin()
        scratch = Scratch(lease, admin, self._registry, replication=environment.replication_factor)
        try:
            with (
                libraries(environment.registry_config()) as (readers, missing),
                self._leases.hold(lease.run),
                scratch,
            ):
                found = play_all(
                    self.plays, edges, scratch, readers, catalog=self._project.catalog, exemptions=self._exemptions,
                    seed=self._request.seed, real=self._real(), say=self._progress,
                )  # fmt: skip
                if self._request.rolling:
                    found = roll(
                        found, self._clients(), scratch, catalog=self._project.catalog, seed=self._request.seed,
                        say=self._progress,
                    )  # fmt: skip
                self._progress("taking the scratch away")
        finally:
            self.left = scratch.left
            if scratch.left:
                number = counted(len(scratch.left), "name")
                say(f"left behind: {lease.names}, {number}. The next run of this command takes them away.")
            else:
                self._leases.forget(lease.run)
        return Rehearsal(
            against=self.against, subjects=found, libraries=tuple((reader.name, reader.detail) for reader in readers),
            unplayed=tuple(missing), seed=self._request.seed, seconds=time.monotonic() - begun,
            notes=(*self.notes, *self._expired()),
        )  # fmt: skip

    def _expired(self) -> list[str]:
        """Return what is accepted no more in what is played."""
        names = {name for play in self.plays for name in (play.spec.subject, play.spec.type_name)}
        return [
            left.message for left in self._exemptions.leftovers()
            if left.severity is Severity.ERROR and names & {left.exemption.subject, left.exemption.type}
        ]  # fmt: skip

    def _upgrades(self) -> int:
        """Return how many rolling upgrades a run plays: two orders of each subject that has them."""
        return 2 * sum(not unplayed(play) for play in self.plays) if self._request.rolling else 0

    def _clients(self) -> Clients:
        project = self._project
        return Clients(registry=project.registry, sink=project.sink, source=project.source, member=project.member)

    def _in_play(self, context: Context) -> tuple[str, tuple[InPlay, ...]]:
        catalog, request = self._project.catalog, self._request
        baseline = baseline_of(context, self._root, catalog, request.against)
        self.notes += baseline.notes
        candidates: Mapping[str, Named] = {name: found.schema for name, found in catalog.types.items()}
        if request.candidate:
            if request.candidate.partition(":")[0] not in {"git", "dir"}:
                raise ConfigError(
                    "--candidate cannot be used", expected="git:REV or dir:PATH", found=request.candidate[:80]
                )
            candidates = baseline_of(context, self._root, catalog, request.candidate, "--candidate").types
        plays: list[InPlay] = []
        for spec in self._specs():
            if spec.type_name not in candidates:
                self.notes.append(f"{spec.subject} has no candidate: {request.candidate} has no {spec.type_name}")
                continue
            older = baseline.versions.get(spec.type_name if baseline.by_type else spec.subject, ())
            play = versions_in_play(
                spec, candidates[spec.type_name], older, Programs.of(catalog, spec),
                partial(self._pinned_by, spec),
                origins=("before" if baseline.by_type else "registered", request.candidate or "schemas/"),
            )  # fmt: skip
            if play.changed or request.every or request.names:
                plays.append(play)
        if not request.names:
            self.notes += [
                f"{name} is not played: it is no longer declared. It stays registered, and its data on the topic"
                for name in self._removed(baseline)
            ]
        return baseline.name, tuple(plays)

    def _removed(self, baseline: Baseline) -> list[str]:
        """Return the types that were there before, or the subjects that the lock knows, and nobody declares."""
        catalog, lock = self._project.catalog, self._project.environment.lock
        if baseline.by_type:
            return sorted(baseline.types.keys() - catalog.types.keys())
        try:
            locked = read_lock(lock).subjects if lock.exists() else {}
        except LockError:
            return []  # what is wrong with it is not for a rehearsal to say
        return sorted(locked.keys() - {spec.subject for spec in catalog.subjects})

    def _specs(self) -> list[SubjectSpec]:
        """Return the subjects that were named, or all. Raises ConfigError for a name that is none."""
        specs, names = self._project.catalog.subjects, self._request.names
        known = {spec.subject for spec in specs} | {spec.type_name for spec in specs}
        for name in names:
            if name not in known:
                close = difflib.get_close_matches(name, sorted(known), n=1)
                hint = f"Did you mean {close[0]}?" if close else "See: avroad subjects list"
                raise ConfigError(f'no subject or type "{name[:80]}" is declared', hint=hint)
        return [spec for spec in specs if not names or spec.subject in names or spec.type_name in names]

    def _pinned_by(self, spec: SubjectSpec, pin: str) -> Schema:
        """Return the same; a pin that names nothing is a mistake in the file of the program that has it."""
        try:
            return self._pin(spec, pin)
        except (ConfigError, SchemaNotFound) as error:
            catalog = self._project.catalog
            name = Programs.of(catalog, spec).pins[pin][0]
            what = pin if pin.startswith("git:") else f"version {pin}"
            raise ConfigError(
                f"{what} of {spec.subject}, which {name} is pinned to, cannot be rehearsed: {error.message or error}",
                file=catalog.applications[name].file,
                hint="Correct the pin: without that version a rehearsal would prove nothing about the program.",
            ) from error

    def _pin(self, spec: SubjectSpec, pin: str) -> Schema:
        """Return the schema a program is pinned to. Raises ConfigError, GitError, SchemaNotFound."""
        if pin.startswith("git:"):
            if pin not in self._pinned:
                self._pinned[pin] = revision(self._root, pin.removeprefix("git:")).types
            found = self._pinned[pin].get(spec.type_name)
            if found is None:
                raise ConfigError("a pinned version cannot be used", expected=spec.type_name, found=f"none in {pin}")
            return found
        registered = self._registry.version(spec.subject, int(pin))
        content = SchemaText(text=registered.text, references=registered.references)
        return Resolver(self._registry).parsed(content, f"{spec.subject} version {pin}")

    def _leftovers(self) -> Leftovers:
        topics = self._project.observe(()).topics  # of the environment's own cluster, or an error
        subjects = self._registry.every_subject()
        admin = self._project.scratch_admin()
        groups = insist(admin.groups, admin)
        return leftovers(topics, subjects, groups=groups, now=datetime.now(UTC), died=self._leases.died)

    def _sweep(self) -> None:
        found = self._leftovers()
        if found.any:
            sweep(self._project.scratch_admin(), self._registry, found)
            say(f"taken away: {counted(len(found.topics), 'topic')}, {counted(len(found.subjects), 'subject')} and "
                f"{counted(len(found.groups), 'group')} that runs before have left")  # fmt: skip
        for run in found.runs | self._leases.dead():
            self._leases.forget(run)

    def _real(self) -> dict[str, dict[str, list[Datum]]]:
        """Return real records by subject and version, as far as they were asked for."""
        if not self._request.sample:
            return {}
        found: dict[str, dict[str, list[Datum]]] = {}
        for topic in dict.fromkeys(play.spec.topic for play in self.plays if play.spec.topic):
            self._progress(f"reading the newest records of {topic}")
            source = self._project.source()
            try:
                records = newest(source, topic, self._request.sample)
            finally:
                source.close(_CLOSE_S)
            used = 0
            damaged: list[str] = []
            for play in self.plays:
                if play.spec.topic == topic:
                    framing = framing_of(self._project.catalog, play)
                    data, bad = real_data(records, play, self._registry, framing)
                    damaged += bad
                    found[play.spec.subject] = data
                    used += sum(map(len, data.values()))
            note = f"{used} of {counted(len(records), 'record')} read from {topic} are of versions in play"
            if damaged:
                note += f"; damaged, and passed over: {len(damaged):,}, the first is {damaged[0]}"
            self.notes.append(note)
        return found
