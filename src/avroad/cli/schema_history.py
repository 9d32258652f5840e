"""`avroad schema history`: every version a type had, in git and in the registry."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from avroad.cli.context import Context, given_name
from avroad.cli.output import emit, output_option, say, table
from avroad.cli.streams import fitted
from avroad.errors import ConfigError, RegistryError, render

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.cli.registered import Registered
    from avroad.contracts import Catalog
    from avroad.contracts.type_history import TypeHistory
    from avroad.project import Project

__all__ = ["history"]

_WIDTH = 80
_MARK = 12
_EXAMPLES = """\b
Examples:
  avroad schema history traffic.Accident
  avroad schema history traffic.Location --offline
  avroad schema history traffic.SpeedCamera -e docker --output json

\b
Exit codes: 0 done, 3 a declaration is broken, 64 usage: no such type.
"""


@click.command(epilog=_EXAMPLES, short_help="Show every version a type had, in git and registered.")
@click.argument("name", metavar="TYPE")
@click.option("--offline", is_flag=True, help="Do not ask the registry: versions and ids come from the lock.")
@output_option()
@click.pass_obj
def history(context: Context, name: str, *, offline: bool, output: str) -> None:
    """Show a type's versions: since which commit, and what each change broke.

    A version is a meaning of the type, types it refers to included; layout and
    words make none. Of its subjects: versions and ids as the registry has them,
    or, when it does not answer, as the lock and its history in git say. Readers
    and writers are those declared in admin/applications.
    """
    from avroad.cli.type_facts import commit_json, history_of, users_json  # noqa: PLC0415  # keeps help fast

    project, catalog, why_not = context.project_if_any()
    notes = [f"no registered versions: {why_not}"] if why_not else []
    with given_name():
        found, more = history_of(context.folder(), catalog, name)
    registered, why = _registered(
        project, [s.subject for s in catalog.subjects if s.type_name == name], offline=offline
    )
    document: dict[str, Any] = {
        "type": name,
        "declared": found.declared,
        "first_commit": commit_json(found.first),
        "last_commit": commit_json(found.last),
        **users_json(catalog, name),
        "versions": [
            {
                "number": version.number,
                "commit": version.commit or None,
                "day": version.day or None,
                "name": version.name,
                "fingerprint": version.fingerprint,
                "change": version.change,
            }
            for version in found.versions
        ],
        "registered_from": None if registered is None else registered.source,
        "subjects": _subjects(catalog, name, found, registered),
        "notes": [*notes, *more, *why],
    }
    if output == "json":
        emit(document)
        return
    emit(_text(document))
    for note in document["notes"]:
        for line in textwrap.wrap(f"note: {note}", _WIDTH, subsequent_indent="    ", break_on_hyphens=False):
            say(line)


def _registered(project: Project | None, subjects: list[str], *, offline: bool) -> tuple[Registered | None, list[str]]:
    from avroad.cli.registered import from_lock, from_registry  # noqa: PLC0415  # keeps help fast

    if project is None or not subjects:
        return None, []
    why: list[str] = []
    if not offline:
        try:
            found = from_registry(project, subjects)
        except (ConfigError, RegistryError) as error:
            why.append(f"the registry was not read: {render(error)}")
        else:
            return found, list(found.notes)
    found = from_lock(project)
    return found, [*why, *found.notes]


def _subjects(
    catalog: Catalog, name: str, history: TypeHistory, registered: Registered | None
) -> list[dict[str, Any]]:  # fmt: skip
    numbers = {version.fingerprint: version.number for version in history.versions}
    return [
        {
            "subject": spec.subject,
            "level": spec.level.value,
            "versions": [
                {
                    "version": entry.version,
                    "id": entry.id,
                    "fingerprint": entry.fingerprint,
                    "number": numbers.get(entry.fingerprint),
                }
                for entry in (registered.subjects.get(spec.subject, ()) if registered else ())
            ],
        }
        for spec in catalog.subjects
        if spec.type_name == name
    ]


def _text(document: dict[str, Any]) -> str:
    from avroad.cli.type_facts import commit_text, users_text  # noqa: PLC0415  # keeps help fast

    rows = {
        "first commit": commit_text(document["first_commit"]),
        "last commit": commit_text(document["last_commit"]),
        "read by": users_text(document["readers"]),
        "written by": users_text(document["writers"]),
    }
    lines = [document["type"] + ("" if document["declared"] else " (no longer declared)")]
    for key, value in rows.items():
        lines += textwrap.wrap(
            value, _WIDTH, initial_indent=f"  {key:<13} ", subsequent_indent=" " * 16, break_on_hyphens=False
        )
    old = any(item["name"] != document["type"] for item in document["versions"])
    cells = [
        [item["number"], item["commit"] or "not yet", item["day"] or "", item["fingerprint"][:_MARK], item["change"],
         *([item["name"]] if old else [])]
        for item in document["versions"]
    ]  # fmt: skip
    columns = ["#", "commit", "day", "meaning", "change", *(["called"] if old else [])]
    lines += ["", *(f"  {line}" for line in table(columns, cells).splitlines())]
    for subject in document["subjects"]:
        lines += ["", f"  subject {subject['subject']} ({subject['level']})"]
        entries = subject["versions"]
        cells = [[e["version"], e["id"], e["fingerprint"][:_MARK] or "-", e["number"] or "not in git"] for e in entries]
        shown = table(["version", "id", "meaning", "#"], cells).splitlines() if cells else ["no version is known"]
        lines += [f"    {line}" for line in shown]
    if any(subject["versions"] for subject in document["subjects"]):
        lines += ["", fitted(f"  versions and ids are those of {document['registered_from']}", sys.stdout)]
    return "\n".join(lines)
