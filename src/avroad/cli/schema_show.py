"""`avroad schema show`: everything the repository knows about one type, offline."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from avroad.cli.context import Context, given_name
from avroad.cli.output import emit, output_option, table
from avroad.cli.words import counted
from avroad.errors import LockError

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.contracts import Catalog, SchemaLock
    from avroad.project import Project

__all__ = ["show"]

_EXAMPLES = """\b
Examples:
  avroad schema show traffic.Accident
  avroad schema show traffic.Location -e docker --output json

\b
Exit codes: 0 done, 3 a declaration is broken, 64 usage: no such type.
"""


@click.command(epilog=_EXAMPLES, short_help="Show where a type is declared, carried and locked.")
@click.argument("name", metavar="TYPE")
@output_option()
@click.pass_obj
def show(context: Context, name: str, output: str) -> None:
    """Show a type: file, fingerprints, topics, references both ways, and its subjects.

    Also who reads and writes it, as admin/applications says, and the first and last commit of its file. Of a
    subject: version and id as the environment's lock has them, and whether they mean what is declared now. Neither
    cluster nor registry is asked; for every version there was, see avroad schema history.
    """
    project, catalog, why_not = context.project_if_any()
    found = _about(context, project, catalog, name, why_not)
    emit(found if output == "json" else _text(found))


def _about(context: Context, project: Project | None, catalog: Catalog, name: str, why_not: str) -> dict[str, Any]:
    """Return what there is to say. why_not: why there is no project. Raises ConfigError for a type that is none."""
    from avroad.cli.type_facts import commit_json, history_of, users_json  # noqa: PLC0415  # keeps help fast
    from avroad.schema import canonical_fingerprint  # noqa: PLC0415

    with given_name():
        kind = catalog.type(name)
    past, notes = history_of(context.folder(), catalog, name)
    lock, note = (None, why_not) if project is None else _lock(project)
    subjects: list[dict[str, Any]] = []
    for spec in catalog.subjects:
        if spec.type_name == name:
            locked = lock.subjects.get(spec.subject) if lock is not None else None
            state = "not locked" if locked is None else "same" if locked.fingerprint == kind.fingerprint else "differs"
            subjects.append(
                {
                    "subject": spec.subject,
                    "level": spec.level.value,
                    "version": locked.version if locked else None,
                    "id": locked.id if locked else None,
                    "state": state,
                }
            )
    return {
        "type": name,
        "file": kind.file,
        "doc": kind.schema.doc,
        "fingerprint": kind.fingerprint,
        "canonical_sha256": canonical_fingerprint(kind.schema, "SHA-256").hex(),
        "references": list(kind.references),
        "referenced_by": [other.name for other in catalog.types.values() if name in other.references],
        "first_commit": commit_json(past.first),
        "last_commit": commit_json(past.last),
        "versions": len(past.versions),
        **users_json(catalog, name),
        "topics": [{"topic": topic.name, "owner": topic.owner} for topic in catalog.topics_of(name)],
        "environment": context.environment_name() if project is None else project.environment.name,
        "lock": note,
        "subjects": subjects,
        "notes": list(notes),
    }


def _lock(project: Project) -> tuple[SchemaLock | None, str]:
    """Return the environment's lock, and why there is none."""
    from avroad.contracts import read_lock  # noqa: PLC0415  # keeps help fast

    try:
        return read_lock(project.environment.lock), ""
    except LockError as error:
        return None, error.message


def _text(found: dict[str, Any]) -> str:
    from avroad.cli.type_facts import commit_text, users_text  # noqa: PLC0415  # keeps help fast

    versions = f"{counted(found['versions'], 'version')}; first commit {commit_text(found['first_commit'])}"
    topics = [f"{item['topic']} (owner {item['owner'] or 'unknown'})" for item in found["topics"]]
    rows = {
        "file": found["file"],
        "doc": found["doc"] or "none",
        "meaning": found["fingerprint"],
        "canonical": found["canonical_sha256"],
        "git": f"{versions}, last {commit_text(found['last_commit'])}",
        "topics": ", ".join(topics) or "none",
        "read by": users_text(found["readers"]),
        "written by": users_text(found["writers"]),
        "uses": ", ".join(found["references"]) or "none",
        "used by": ", ".join(found["referenced_by"]) or "none",
        "locked in": found["environment"] + (f": {found['lock']}" if found["lock"] else ""),
    }
    lines = [found["type"]]
    for key, value in rows.items():
        lines += textwrap.wrap(
            value, 80, initial_indent=f"  {key:<10} ", subsequent_indent=" " * 13, break_on_hyphens=False
        )
    for item in found["subjects"]:
        cells = [item["level"], item["version"] or "-", item["id"] or "-", item["state"]]
        lines += ["", f"  subject {item['subject']}"]
        lines += [f"    {line}" for line in table(["level", "version", "id", "state"], [cells]).splitlines()]
    for note in found["notes"]:
        lines += ["", *textwrap.wrap(f"note: {note}", 80, subsequent_indent="    ", break_on_hyphens=False)]
    return "\n".join(lines)
