"""Whether our schema reads a registered version as it was meant, and what the policies make of it, whenever it is met.

One judgement for the check before the first record and for versions that appear while a consumer runs: what stops one
stops the other, and a restart changes no answer.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from avroad.codec import resolve
from avroad.consumer.report import DoubtfulVersion
from avroad.consumer.settings import RunnerSettings, VersionPolicy
from avroad.contracts.compat import Finding, compare
from avroad.errors import IncompatibleSchema, Problem
from avroad.schema import Schema

__all__ = ["Judge", "parked_reason", "unusable"]

_LOG = logging.getLogger("avroad.consumer")
_WORDS: Final = {
    "unreadable": "not readable in full",
    "unsafe": "not safe to read",
    "changed_meaning": "readable, but means something else",
}
_WHAT: Final = {
    VersionPolicy.PARK: "its records go to the dead-letter topic",
    VersionPolicy.WARN: "its records are handled where they can be read",
}


class Judge:
    """Compares each pair of a schema id and a type once, and holds the policies of the settings. One thread."""

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings
        self._noes: dict[tuple[int, str], tuple[_No, ...]] = {}
        self._said: set[tuple[str, int, str]] = set()

    def doubts(
        self, subject: str, version: int, schema_id: int, *, writer: Schema, reader: Schema
    ) -> tuple[DoubtfulVersion, ...]:
        """Return a registered version once for each question it gets a no to."""
        key = (schema_id, str(getattr(reader, "name", "")))
        if key not in self._noes:
            self._noes[key] = tuple(_noes(writer, reader))
        return tuple(no.of(subject, version, schema_id) for no in self._noes[key])

    def meet(self, doubts: Sequence[DoubtfulVersion]) -> DoubtfulVersion | None:
        """Return the first of these whose records are to be parked; say once, in the log, what is not refused.

        Raises IncompatibleSchema naming every version, rule, place and cure that a policy refuses.
        """
        refused = [doubt for doubt in doubts if self._policy(doubt) is VersionPolicy.REFUSE]
        if refused:
            raise _refusal(refused)
        parked = [doubt for doubt in doubts if self._policy(doubt) is VersionPolicy.PARK]
        for doubt in doubts:
            self._say(doubt)
        return parked[0] if parked else None

    def _policy(self, doubt: DoubtfulVersion) -> VersionPolicy:
        policy = getattr(self._settings, doubt.question)
        assert isinstance(policy, VersionPolicy)
        return policy

    def _say(self, doubt: DoubtfulVersion) -> None:
        key = (doubt.subject, doubt.version, doubt.question)
        if key in self._said:
            return
        self._said.add(key)
        what = _WHAT[self._policy(doubt)]
        _LOG.warning("%s is %s: %s; %s", _named(doubt), _WORDS[doubt.question], _first(doubt), what)


def unusable(subject: str, version: int, schema_id: int, *, expected: str, found: str) -> DoubtfulVersion:
    """Return a version that cannot even be compared with our schema: a type or a text that the topic has no use for."""
    problem = Problem(file=_where(subject, version, schema_id), expected=expected, found=found)
    return DoubtfulVersion(
        question="unreadable", subject=subject, version=version, schema_id=schema_id, partial=False, problems=(problem,)
    )


def parked_reason(doubt: DoubtfulVersion) -> str:
    """Return why records of a version are parked, with the cure, for their dead letters."""
    fix = doubt.problems[0].fix
    text = f"{_named(doubt)} is {_WORDS[doubt.question]}, and the policy is to park it: {_first(doubt)}"
    return f"{text}. {fix}" if fix else text


def _refusal(refused: Sequence[DoubtfulVersion]) -> IncompatibleSchema:
    versions = {(doubt.subject, doubt.version) for doubt in refused}
    questions = list(dict.fromkeys(doubt.question for doubt in refused))
    return IncompatibleSchema(
        f"{len(versions)} registered version{'s' * (len(versions) != 1)} cannot be read as meant with the "
        "schemas of this repository",
        problems=tuple(dict.fromkeys(problem for doubt in refused for problem in doubt.problems)),
        hint=f"Restore what those versions need, or choose another policy for {' and '.join(questions)}: warn handles "
        "what can be read and dead-letters the rest, park dead-letters all of their records.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _No:
    """One question answered with no for a writer and a reader, whatever version has that writer."""

    question: str
    partial: bool
    rules: tuple[str, ...]
    problems: tuple[Problem, ...]

    def of(self, subject: str, version: int, schema_id: int) -> DoubtfulVersion:
        where = _where(subject, version, schema_id)
        return DoubtfulVersion(
            question=self.question,
            subject=subject,
            version=version,
            schema_id=schema_id,
            partial=self.partial,
            rules=self.rules,
            problems=tuple(dataclasses.replace(problem, file=where) for problem in self.problems),
        )


def _noes(writer: Schema, reader: Schema) -> Iterator[_No]:
    """Yield what engine and codec say no to."""
    report = compare(reader, writer)
    conflicts = resolve(writer, reader).conflicts
    partial = all(conflict.partial for conflict in conflicts)
    ours = [finding for finding in report.findings if not finding.others_only]
    unsafe = [finding for finding in ours if finding.unsafe]
    shifted = [finding for finding in ours if finding.shifts]
    if report.compatible is not True or conflicts:
        problems = _problems(unsafe)
        if not problems:  # the codec's words, for what the engine has none for
            problems = [Problem(path=c.path, expected=c.expected, found=c.found) for c in conflicts]
        if report.error:
            problems.append(Problem(expected="a verdict of Java's checker", found=report.error))
        yield _No(question="unreadable", partial=partial, rules=_rules(unsafe), problems=tuple(problems))
    elif unsafe:
        yield _No(question="unsafe", partial=True, rules=_rules(unsafe), problems=tuple(_problems(unsafe)))
    if shifted and partial:  # of data that nobody reads, nobody mistakes the meaning
        yield _No(question="changed_meaning", partial=True, rules=_rules(shifted), problems=tuple(_problems(shifted)))


def _problems(findings: Iterable[Finding]) -> list[Problem]:
    return [
        Problem(
            path=finding.field_path,
            expected="data that our schema reads as they were meant",
            found=f"{finding.rule}: {finding.message}",
            fix=finding.fix,
        )
        for finding in _deepest(findings)
    ]


def _rules(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.rule for finding in _deepest(findings)))


def _deepest(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings; below a union the cause instead, which says more than the union does."""
    for finding in findings:
        if finding.causes:
            yield from _deepest(finding.causes)
        else:
            yield finding


def _where(subject: str, version: int, schema_id: int) -> str:
    return f"{subject} version {version} (id {schema_id})"


def _named(doubt: DoubtfulVersion) -> str:
    return _where(doubt.subject, doubt.version, doubt.schema_id)


def _first(doubt: DoubtfulVersion) -> str:
    first = doubt.problems[0]
    return f"{first.found} - at {first.path or '$'}"
