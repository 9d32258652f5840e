"""One release from the command line: what it rests on, and the changelog that is written once it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from avroad.admin import Plan
from avroad.admin.meaning import Meanings
from avroad.cli.context import Context
from avroad.cli.in_play import Request
from avroad.cli.plan import Target
from avroad.cli.rehearsal import Run
from avroad.cli.release_files import ReleaseFiles, read_changelog
from avroad.cli.schema_check import check_project
from avroad.cli.schema_lint import lint_project_files
from avroad.cli.schema_types import stale_modules
from avroad.cli.who import user_name
from avroad.config.filelock import LockBusy
from avroad.config.replace import replace_text
from avroad.contracts.check_report import CheckReport
from avroad.contracts.subject_check import Policy
from avroad.errors import PlanError
from avroad.evolve.certificate import Certificate
from avroad.evolve.changelog import Entry, changelog_path, entries_of, has_entry, with_entries
from avroad.evolve.release import Review, Step, new_versions, steps_of
from avroad.evolve.versions import InPlay
from avroad.ports import Registry

__all__ = ["Release", "Written", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry of the changelog with the version and the id that the registry gave."""

    entry: Entry
    version: int
    id: int

    @property
    def text(self) -> str:
        """Return it as Markdown."""
        return self.entry.text(self.version, self.id)


class Release:
    """One release. steps: how far each is; entries: what it adds to the changelog; due: what a run before left."""

    def __init__(
        self, context: Context, target: Target, made: Plan, rehearsed: Mapping[str, Certificate] | None
    ) -> None:
        """Look at everything and change nothing. rehearsed: None takes the results that were kept here.

        Raises ContractError, ConfigError, GitError, RegistryError and their kin for what cannot be looked at.
        """
        self._target, self._made = target, made
        self._files = ReleaseFiles(target.root, made.environment)
        self.changelog = changelog_path(target.lock_path)
        certificates = dict(self._files.certificates() if rehearsed is None else rehearsed)
        self.due = self._unwritten(self._files.pending())
        check = check_project(context, "registry", Policy())
        put_back = _put_back(target, made, check)
        plays = _plays(context, (*(change.subject for change in new_versions(made)), *put_back))
        valid = {name: each for name, each in certificates.items() if name in plays and not each.stale(plays[name])}
        self.entries = entries_of(made, valid, by=user_name())
        files, findings = lint_project_files(target.root, ignores=True)
        self.steps: tuple[Step, ...] = steps_of(
            Review(
                plan=made, check=check, files=files, findings=findings,
                plays=plays, certificates=certificates, pending=len(self.due), put_back=put_back,
                lock=shown(target.lock_path), changelog=shown(self.changelog),
                stale_modules=stale_modules(target.root, target.catalog),
            )
        )  # fmt: skip

    @property
    def empty(self) -> bool:
        """Whether there is nothing to release and nothing to write down."""
        return self._made.empty and not self.due

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Hold the right to release during the block, with the entries kept for a run after this one is killed.

        Raises PlanError while another release runs here, OSError.
        """
        try:
            with self._files.alone():
                known = {(entry.subject, entry.fingerprint): entry for entry in self._files.pending()}
                known |= {(entry.subject, entry.fingerprint): entry for entry in self.entries}
                self._files.set_pending(tuple(known.values()))
                yield
        except LockBusy:
            raise PlanError(
                f"another release to environment {self._made.environment} runs on this machine",
                hint="Wait for its end and run the command again.",
            ) from None

    def write_down(self) -> tuple[Written, ...]:
        """Write the entries of all versions that the registry has by now, and return them; the others are forgotten.

        Raises ConfigError, RegistryError, RegistryUnavailable, OSError; the next run then writes them.
        """
        found = self._unwritten(self._files.pending())
        if found:
            text = read_changelog(self.changelog)
            texts = [each.text for each in found]
            self.changelog.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self.changelog, with_entries(text, texts, environment=self._made.environment))
        self._files.set_pending(())
        return found

    def tidy(self) -> None:
        """Forget entries that a killed run had written, or will never write, unless another release needs them now."""
        with suppress(LockBusy), self._files.alone():
            if not self._unwritten(self._files.pending()):
                self._files.set_pending(())

    def _unwritten(self, pending: Sequence[Entry]) -> tuple[Written, ...]:
        """Return the entries whose version is registered and not in the changelog yet, each once."""
        text = read_changelog(self.changelog)
        found: dict[tuple[str, int], Written] = {}
        for entry in pending:
            written = _registered(self._target.registry, entry)
            if written is not None and not has_entry(text, entry, written.version):
                found.setdefault((entry.subject, written.version), written)
        return tuple(found.values())


def shown(path: Path) -> str:
    """Return a path as a person types it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _put_back(target: Target, made: Plan, check: CheckReport) -> tuple[str, ...]:
    """Return the subjects whose lock goes to a version that is not the newest: readers built here then meet newer data.

    Nothing is registered for them; one whose lock stays there is left alone.
    """
    older = {result.subject for result in check.results if result.state == "changed"}
    lock = target.lock()
    locked = {} if lock is None else lock.subjects
    return tuple(
        each.subject for each in made.subjects
        if each.subject in older and each.version is not None
        and (each.subject not in locked or locked[each.subject].version != each.version)
    )  # fmt: skip


def _plays(context: Context, names: tuple[str, ...]) -> dict[str, InPlay]:
    """Return what a rehearsal would play now of these subjects."""
    if not names:
        return {}
    request = Request(names=names, against="registry", candidate="", every=False, sample=0, seed=0)
    run = Run(context, request, lambda _: None)
    try:
        return {play.spec.subject: play for play in run.plays}
    finally:
        run.close()


def _registered(registry: Registry, entry: Entry) -> Written | None:
    """Return the newest version with the meaning of an entry, None while there is none."""
    meanings = Meanings(registry.version)
    for number in reversed(registry.versions(entry.subject)):
        registered = registry.version(entry.subject, number)
        if meanings.of(registered).fingerprint == entry.fingerprint:
            return Written(entry=entry, version=registered.version, id=registered.id)
    return None
