"""One rehearsal from the command line: what runs before have left, and the run itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from avroad.cli.accepted import accepted_findings
from avroad.cli.context import Context
from avroad.cli.in_play import Request, find_plays
from avroad.cli.leases import Leases
from avroad.cli.output import say
from avroad.cli.words import counted
from avroad.config.state import state_dir
from avroad.contracts.compat import Severity
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

__all__ = ["Run"]

Libraries = Callable[
    [dict[str, str]], AbstractContextManager[tuple[Sequence[Implementation], Sequence[tuple[str, str]]]]
]
_CLOSE_S: Final = 5.0


class Run:
    """One run; opens a registry client, which `close` closes. left: scratch that could not be taken away."""

    def __init__(self, context: Context, request: Request, progress: Callable[[str], None]) -> None:
        """Raises ContractError, ConfigError, GitError, RegistryError and their kin for what cannot be rehearsed."""
        self._request, self._progress = request, progress
        self._project = context.project()
        self._root = context.folder()
        self._registry = self._project.scratch_registry()
        self._leases = Leases(state_dir(self._root) / self._project.environment.name / "rehearsals")
        self.left: tuple[str, ...] = ()
        try:
            progress("reading the versions in play")
            self._exemptions = accepted_findings(self._root)
            found = find_plays(context, self._project, self._registry, request)
            self.against, self.plays, self.notes = found.against, found.plays, [*found.notes]
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

    def play(self, libraries: Libraries) -> Rehearsal:
        """Take away what runs before have left, then run; the result has no subjects when nothing changed.

        Raises BrokerError, RegistryError and their kin. What cannot be taken away is said, and left to the next run.
        """
        self._sweep()
        if not self.plays:
            return Rehearsal(
                against=self.against, subjects=(), libraries=(), unplayed=(), seed=self._request.seed, seconds=0.0,
                notes=tuple(self.notes),
            )  # fmt: skip
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
        except KeyboardInterrupt:
            if not scratch.left:
                say("The scratch is taken away.")
            raise
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
