"""One run of all checks over all schema files, and the safe edits of what they find."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from avroad.contracts.lint.checks_files import FILE_CHECKS, names_twice
from avroad.contracts.lint.checks_names import NAME_CHECKS
from avroad.contracts.lint.checks_types import TYPE_CHECKS
from avroad.contracts.lint.findings import Hit, LintFinding, SchemaSource
from avroad.contracts.lint.places import Place, places
from avroad.contracts.lint.rules import LINT_RULES
from avroad.errors import Problem

__all__ = ["lint", "mended"]

_PLACE_CHECKS: Final = {**NAME_CHECKS, **TYPE_CHECKS}


def lint(sources: Iterable[SchemaSource], problems: Iterable[Problem] = ()) -> tuple[LintFinding, ...]:
    """Return what the rules find, file by file in the order of their places.

    problems: what the parser said of the same files; it becomes findings, unless a rule says the same better.
    """
    seen = [(source, tuple(places(source.value))) for source in sources]
    found = [finding for source, there in seen for finding in _file(source, there)]
    found += [_finding("NAME_TWICE", source, place, hit) for source, place, hit in names_twice(seen)]
    taken = {(finding.file, finding.path) for finding in found if finding.severity == "error"}
    by_file = {source.file: there for source, there in seen}
    found += [
        _of_problem(problem, by_file.get(problem.file, ()))
        for problem in problems
        if (problem.file, problem.path) not in taken
    ]
    return tuple(sorted(found, key=lambda finding: (finding.file, _natural(finding.path), finding.rule)))


def mended(value: Any, findings: Iterable[LintFinding]) -> Any:  # noqa: ANN401  # a JSON value
    """Return a copy of a file's JSON with the safe edits of its findings made."""
    edited = copy.deepcopy(value)
    for finding in findings:
        if finding.put:
            node = edited
            for step in finding.pointer.split("/")[1:]:
                node = node[int(step)] if isinstance(node, list) else node[step]
            node.update(finding.put)
            if not node.get("aliases", True):
                del node["aliases"]
    return edited


def _file(source: SchemaSource, there: Sequence[Place]) -> Iterator[LintFinding]:
    if not there:
        return
    for place in there:
        for rule, check in _PLACE_CHECKS.items():
            for hit in check(place):
                yield _finding(rule, source, place, hit)
    for rule, whole in FILE_CHECKS.items():
        for place, hit in whole(source, there):
            yield _finding(rule, source, place, hit)


def _finding(rule: str, source: SchemaSource, place: Place, hit: Hit) -> LintFinding:
    return LintFinding(
        rule=rule,
        severity=LINT_RULES[rule].severity,
        file=source.file,
        type=source.name,
        path=place.path + hit.at,
        field_path=place.names,
        label=place.label,
        message=hit.message,
        fix=hit.fix,
        pointer=place.pointer,
        put=hit.put,
    )


def _of_problem(problem: Problem, there: Sequence[Place]) -> LintFinding:
    """there: the places of the file; the problem stands at the nearest."""
    around = [place for place in there if _is_within(problem.path, place.path)]
    nearest = max(around, key=lambda place: len(place.path), default=None)
    rule = "DEFAULT_INVALID" if ".default" in problem.path else "SCHEMA_INVALID"
    name = problem.file.rpartition("/")[2].removesuffix(".avsc")
    return LintFinding(
        rule=rule,
        severity=LINT_RULES[rule].severity,
        file=problem.file,
        type=name,
        path=problem.path or "$",
        field_path="$" if nearest is None else nearest.names,
        label=name if nearest is None else nearest.label,
        message=f"expected {problem.expected}, found {problem.found}",
        fix=problem.fix or "follow the Avro specification",
    )


def _is_within(path: str, place: str) -> bool:
    return path == place or (path.startswith(place) and path[len(place)] in ".[")


def _natural(path: str) -> tuple[tuple[int, str], ...]:
    """Order `fields[10]` behind `fields[9]`."""
    parts = path.replace("[", "\0").replace("]", "\0").split("\0")
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
