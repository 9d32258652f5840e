"""The schema files of a project as linting sees them: their JSON, what carries them, and what the parser says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avroad.config.files import FileRefused, read_text
from avroad.contracts.compat import compare
from avroad.contracts.declared import EventType
from avroad.contracts.lint.findings import LintFinding, SchemaSource
from avroad.contracts.lint.run import lint, mended
from avroad.contracts.schemas import load_schemas
from avroad.contracts.topics import load_topics
from avroad.errors import Problem, SchemaSyntaxError
from avroad.schema import MAX_TEXT_BYTES, Schema, canonical_form, parse, read_json

__all__ = ["Sources", "lint_project", "read_sources", "safe_edit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """sources: the files that hold JSON; types: those that are whole schemas; problems: of all that is not."""

    sources: tuple[SchemaSource, ...]
    types: dict[str, EventType]
    problems: tuple[Problem, ...]


def read_sources(root: Path) -> Sources:
    """Read every schema file below the project folder `root`; nothing is raised for what is wrong in one."""
    declared = load_schemas(root)
    topics = load_topics(root, declared).topics.values()
    owners: dict[str, str] = {}
    for topic in topics:
        for name in topic.values:
            owners[name] = owners.get(name) or topic.owner
    found: list[SchemaSource] = []
    for path in sorted((root / "schemas").glob("*.avsc")):
        shown, name = path.relative_to(root).as_posix(), path.name.removesuffix(".avsc")
        try:
            text = read_text(path, MAX_TEXT_BYTES)
            value = read_json(text, file=shown)
        except (FileRefused, SchemaSyntaxError):
            continue  # stands among the problems
        found.append(
            SchemaSource(
                name=name,
                file=shown,
                value=value,
                size_bytes=len(text.encode()),
                event=name in owners,
                owner=owners.get(name, ""),
            )
        )
    return Sources(sources=tuple(found), types=declared.types, problems=declared.problems)


def lint_project(root: Path) -> tuple[Sources, tuple[LintFinding, ...]]:
    """Read and lint every schema file below the project folder `root`."""
    read = read_sources(root)
    return read, lint(read.sources, read.problems)


def safe_edit(read: Sources, source: SchemaSource, findings: tuple[LintFinding, ...]) -> Any:  # noqa: ANN401  # JSON
    """Return a file's JSON with its safe edits made, None when there are none or when they are not safe after all.

    The bytes stay the same, and neither schema reads the other's data worse than before. A file with problems is left
    to a person.
    """
    mine = [finding for finding in findings if finding.file == source.file and finding.put]
    whole = read.types.get(source.name)
    if not mine or whole is None:
        return None
    known = {name: read.types[name].schema for name in whole.references}
    edited = mended(source.value, mine)
    try:
        after = parse(edited, names=known, file=source.file)
    except SchemaSyntaxError:
        return None
    return edited if _same_to_readers(after, whole.schema) else None


def _same_to_readers(after: Schema, before: Schema) -> bool:
    """Say whether no answer of the engine turns to no; one that was no for the schema alone may become yes."""
    if canonical_form(after) != canonical_form(before):
        return False
    was = compare(before, before)
    answers = [compare(after, before), compare(before, after)]
    return all(
        (now.compatible or not was.compatible)
        and (now.safe or not was.safe)
        and (now.same_meaning or not was.same_meaning)
        for now in answers
    )
