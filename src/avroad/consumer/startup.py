"""Before the first record: can our schemas read every version that was ever registered for these topics?

Each version gets the three answers of the compatibility engine, with our schema as the reader. One comparison and one
plan for each pair of a registered schema and a type of ours, however many topics carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from avroad.codec import resolve
from avroad.consumer.bindings import type_on_topic
from avroad.consumer.report import DoubtfulVersion, StartupReport
from avroad.consumer.settings import RunnerSettings, StartupPolicy
from avroad.consumer.signals import PoisonRecord
from avroad.contracts import Catalog
from avroad.contracts.compat import Finding, Severity, compare
from avroad.errors import IncompatibleSchema, Problem, RegistryUnavailable, SchemaSyntaxError
from avroad.model import RegisteredSchema, TopicSpec
from avroad.ports.registry import Registry
from avroad.registry.resolve import schema_of
from avroad.schema import Schema

__all__ = ["check_versions", "doubts", "refuse"]


def check_versions(catalog: Catalog, registry: Registry, topics: tuple[str, ...]) -> StartupReport:
    """Compare every version of every subject of these topics with our reader schemas.

    An outage of the registry is no failure: the subjects concerned are reported as unchecked.
    """
    check = _Check(catalog, registry)
    unchecked: list[str] = []
    reason = ""
    for spec in (catalog.topics[name] for name in topics):
        for subject in dict.fromkeys(spec.subject(name) for name in spec.values):
            try:
                for version in registry.versions(subject):
                    check.version(spec, registry.version(subject, version))
            except RegistryUnavailable as error:
                unchecked.append(subject)
                reason = reason or error.message
    return StartupReport(
        checked=check.checked,
        unreadable=tuple(check.unreadable),
        unsafe=tuple(check.unsafe),
        changed_meaning=tuple(check.changed_meaning),
        unchecked=tuple(unchecked),
        reason=reason,
    )


def refuse(report: StartupReport, settings: RunnerSettings) -> None:
    """Raise IncompatibleSchema naming every version, rule, place and cure that a policy of the settings refuses."""
    refused = [(name, version) for name, policy, version in doubts(report, settings) if policy is StartupPolicy.REFUSE]
    if not refused:
        return
    versions = {(version.subject, version.version) for _, version in refused}
    names = list(dict.fromkeys(name for name, _ in refused))
    flags = ", ".join(f"{name}=StartupPolicy.WARN" for name in names)
    raise IncompatibleSchema(
        f"{len(versions)} registered version{'s' * (len(versions) != 1)} cannot be read as they were meant with the "
        "schemas of this repository",
        problems=tuple(dict.fromkeys(problem for _, version in refused for problem in version.problems)),
        hint=f"Restore what those versions need, or start all the same with {flags}: what cannot be read is then "
        "dead-lettered, what can be is handled.",
    )


def doubts(report: StartupReport, settings: RunnerSettings) -> Iterator[tuple[str, StartupPolicy, DoubtfulVersion]]:
    """Yield every doubtful version with the name of the setting that decides about it, and its value."""
    for name, policy, versions in (
        ("unreadable", settings.unreadable, report.unreadable),
        ("unsafe", settings.unsafe, report.unsafe),
        ("changed_meaning", settings.changed_meaning, report.changed_meaning),
    ):
        for version in versions:
            yield name, policy, version


class _Check:
    def __init__(self, catalog: Catalog, registry: Registry) -> None:
        self.checked = 0
        self.unreadable: list[DoubtfulVersion] = []
        self.unsafe: list[DoubtfulVersion] = []
        self.changed_meaning: list[DoubtfulVersion] = []
        self._catalog = catalog
        self._registry = registry
        self._answers: dict[tuple[int, str], _Answers] = {}

    def version(self, spec: TopicSpec, registered: RegisteredSchema) -> None:
        """Sort one version into the lists it belongs to."""
        self.checked += 1
        where = f"{registered.subject} version {registered.version} (id {registered.id})"
        try:
            writer = schema_of(self._registry, registered.id)
            type_name = type_on_topic(self._catalog, spec, writer)
            answers = self._compared(registered.id, type_name, writer)
        except PoisonRecord as error:
            problem = Problem(file=where, expected="a type this topic carries", found=error.message)
            self.unreadable.append(_doubtful(registered, (problem,), ()))
        except SchemaSyntaxError as error:
            problem = Problem(file=where, expected="a schema avroad accepts", found=str(error))
            self.unreadable.append(_doubtful(registered, (problem,), ()))
        else:
            self._sort(registered, answers, where)

    def _compared(self, schema_id: int, type_name: str, writer: Schema) -> _Answers:
        key = (schema_id, type_name)
        if key not in self._answers:
            self._answers[key] = _Answers(writer, self._catalog.type(type_name).schema)
        return self._answers[key]

    def _sort(self, registered: RegisteredSchema, answers: _Answers, where: str) -> None:
        report = answers.report
        unsafe = [finding for finding in report.findings if finding.unsafe]
        shifted = [f for f in report.findings if f.changes_meaning and f.severity is Severity.ERROR]
        if report.compatible is not True or answers.conflicts:
            problems = list(_problems(unsafe, where) if unsafe else answers.problems(where))
            if report.error:
                problems.append(Problem(file=where, expected="a verdict of Java's checker", found=report.error))
            self.unreadable.append(_doubtful(registered, problems, unsafe, partial=answers.partial))
        elif unsafe:
            self.unsafe.append(_doubtful(registered, _problems(unsafe, where), unsafe, partial=True))
        if shifted and answers.partial:  # of data that nobody reads, nobody mistakes the meaning
            self.changed_meaning.append(_doubtful(registered, _problems(shifted, where), shifted, partial=True))


class _Answers:
    """What engine and codec say to one writer and one reader."""

    def __init__(self, writer: Schema, reader: Schema) -> None:
        self.report = compare(reader, writer)
        self.conflicts = resolve(writer, reader).conflicts

    @property
    def partial(self) -> bool:
        """Whether some data can be read."""
        return all(conflict.partial for conflict in self.conflicts)

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield the codec's words, for what the engine has none for."""
        for conflict in self.conflicts:
            yield Problem(file=where, path=conflict.path, expected=conflict.expected, found=conflict.found)


def _problems(findings: Iterable[Finding], where: str) -> Iterator[Problem]:
    for finding in _deepest(findings):
        yield Problem(
            file=where,
            path=finding.field_path,
            expected="data that our schema reads as they were meant",
            found=f"{finding.rule}: {finding.message}",
            fix=finding.fix,
        )


def _deepest(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings; below a union the cause instead, which says more than the union does."""
    for finding in findings:
        if finding.causes:
            yield from _deepest(finding.causes)
        else:
            yield finding


def _doubtful(
    registered: RegisteredSchema,
    problems: Iterable[Problem],
    findings: Iterable[Finding],
    *,
    partial: bool = False,
) -> DoubtfulVersion:
    return DoubtfulVersion(
        subject=registered.subject,
        version=registered.version,
        schema_id=registered.id,
        partial=partial,
        rules=tuple(dict.fromkeys(finding.rule for finding in _deepest(findings))),
        problems=tuple(problems),
    )
