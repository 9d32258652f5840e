"""`avroad subjects`: what is registered, and whether it is what the repository declares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, table
from avroad.cli.plan import Target, open_target

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.admin import Actual, ActualSubject, DesiredSubject
    from avroad.admin.meaning import Meaning
    from avroad.model import RegisteredSchema
    from avroad.ports import Registry

__all__ = ["subjects"]

_WIDTH: Final = 80


_SUBJECTS_EXAMPLES = """\b
Examples:
  avroad subjects list
  avroad subjects show traffic.events-traffic.Accident
  avroad subjects show traffic.Location --version 1 --schema
"""

_LIST_SUBJECTS_EXAMPLES = """\b
Examples:
  avroad subjects list
  avroad subjects list --output json
"""

_SHOW_EXAMPLES = """\b
Examples:
  avroad subjects show traffic.events-traffic.Accident
  avroad subjects show traffic.Location --version 1 --schema
"""


@click.group(epilog=_SUBJECTS_EXAMPLES)
def subjects() -> None:
    """List and show registered subjects."""


@subjects.command("list", epilog=_LIST_SUBJECTS_EXAMPLES, short_help="List subjects with newest version, id and state.")
@output_option()
@click.pass_obj
def list_subjects(context: Context, *, output: str) -> None:
    """List declared and other subjects with newest version, id, level and state.

    \b
    State: same (the newest version is as declared), differs, missing (declared
    only), unmanaged (registered only, never touched).
    """  # noqa: D301  # click's mark for a block that keeps its lines
    with open_target(context) as target:
        actual = target.observe()
        declared = {item.subject: item for item in target.desired.subjects}
        others = tuple(name for name in target.registry.subjects() if name not in declared)
        latest = target.registry.latest_versions(others) if others else {}
    rows = [_declared_row(item, actual) for item in declared.values()]
    rows += [
        {"subject": name, "type": "", "version": latest[name].version if name in latest else None,
         "id": latest[name].id if name in latest else None, "level": None, "state": "unmanaged"}
        for name in others
    ]  # fmt: skip
    emit({"registry": actual.registry, "subjects": rows} if output == "json" else _list_text(rows))


@subjects.command("show", epilog=_SHOW_EXAMPLES, short_help="Show everything about one subject.")
@click.argument("subject")
@output_option()
@click.option("--version", "number", type=click.IntRange(min=1), help="One version (default: the newest).")
@click.option("--schema", "with_schema", is_flag=True, help="Print the schema too; JSON output always has it.")
@click.pass_obj
def show(context: Context, *, subject: str, output: str, number: int | None, with_schema: bool) -> None:
    """Show one subject: versions, level, references, fingerprint, and whether the repository means the same."""
    with open_target(context) as target:
        document = _document(target, subject, number)
    if output == "json":
        emit(document)
        return
    emit(_show_text(document))
    if with_schema:
        emit(json.dumps(document["schema"], indent=2, ensure_ascii=False))


def _declared_row(item: DesiredSubject, actual: Actual) -> dict[str, Any]:
    found = actual.subjects[item.subject]
    return {
        "subject": item.subject,
        "type": item.type_name,
        "version": found.latest.version if found.latest else None,
        "id": found.latest.id if found.latest else None,
        "level": found.own_level.value if found.own_level else None,
        "state": _state(item, found),
    }


def _state(item: DesiredSubject, found: ActualSubject) -> str:
    if found.latest is None:
        return "missing"
    return "same" if found.match == found.latest and found.own_level is item.level else "differs"


def _list_text(rows: Sequence[Mapping[str, Any]]) -> str:
    cells = [
        [row["subject"], _dash(row["version"]), _dash(row["id"]), row["state"], row["level"] or "-"] for row in rows
    ]
    return table(["subject", "version", "id", "state", "own level"], cells)


def _document(target: Target, subject: str, number: int | None) -> dict[str, Any]:
    """Read one subject. Raises click.BadParameter for an unknown subject or version, with the likely one."""
    from avroad.admin.meaning import Meanings  # noqa: PLC0415  # keeps help fast

    registry = target.registry
    declared = {item.subject: item for item in target.desired.subjects}
    versions = registry.versions(subject)
    if not versions:
        raise _unknown(subject, registry.subjects(), declared)
    if number is not None and number not in versions:
        have = ", ".join(str(item) for item in versions[-20:])
        raise click.BadParameter(f"{subject} has no version {number}. It has: {have}", param_hint="--version")
    registered = registry.version(subject, number)
    meaning = Meanings(registry.version).of(registered)
    own = registry.own_level(subject)
    return {
        "subject": subject,
        "type": getattr(meaning.schema, "name", ""),
        "version": registered.version,
        "id": registered.id,
        "versions": _versions(registry, versions, registered),
        "own_level": own.value if own else None,
        "level_in_force": (own or registry.level(subject)).value,
        "declared_level": declared[subject].level.value if subject in declared else None,
        "references": [
            {"name": item.name, "subject": item.subject, "version": item.version} for item in registered.references
        ],
        "fingerprint": meaning.fingerprint,
        "repository": _comparison(target, declared.get(subject), meaning),
        "problem": meaning.problem,
        "schema": _parsed(registered.text),
    }


def _versions(registry: Registry, versions: Sequence[int], registered: RegisteredSchema) -> list[dict[str, int]]:
    """Return number and id of the newest twenty versions."""
    items = (
        registered if item == registered.version else registry.version(registered.subject, item)
        for item in versions[-20:]
    )
    return [{"version": item.version, "id": item.id} for item in items]


def _comparison(target: Target, declared: DesiredSubject | None, meaning: Meaning) -> str:
    from avroad.admin.meaning import matches  # noqa: PLC0415  # keeps help fast

    if declared is None:
        return "not declared"
    fingerprints = {item.type_name: item.fingerprint for item in target.desired.subjects}
    return "same" if matches(meaning, declared.fingerprint, fingerprints) else "differs"


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _show_text(document: Mapping[str, Any]) -> str:
    own = document["own_level"]
    level = own or f"{document['level_in_force']} (the registry's; none of its own)"
    if document["declared_level"] not in {None, own}:
        level += f", declared {document['declared_level']}"
    versions = ", ".join(f"{item['version']} (id {item['id']})" for item in document["versions"])
    references = ", ".join(f"{item['name']} version {item['version']}" for item in document["references"])
    facts = (
        ("type", document["type"]),
        ("version", f"{document['version']} (id {document['id']})"),
        ("all versions", versions),
        ("level", level),
        ("refers to", references),
        ("fingerprint", document["fingerprint"]),
        ("repository", document["repository"]),
        ("problem", document["problem"]),
    )
    lines = [document["subject"]]
    for label, value in facts:
        if value:
            lines += [f"  {label.ljust(13)} {part}" for part in _wrapped(str(value))[:1]]
            lines += [f"  {' ' * 13} {part}" for part in _wrapped(str(value))[1:]]
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    import textwrap  # noqa: PLC0415  # only for text output

    return textwrap.wrap(text, _WIDTH - 16, break_long_words=False, break_on_hyphens=False)


def _unknown(subject: str, registered: Iterable[str], declared: Iterable[str]) -> click.BadParameter:
    import difflib  # noqa: PLC0415  # only for mistakes

    if subject in set(declared):
        return click.BadParameter(
            f"{subject} is declared and not registered yet. Run: avroad plan", param_hint="SUBJECT"
        )
    close = difflib.get_close_matches(subject, sorted({*registered, *declared}), n=1)
    hint = f"Did you mean {close[0]}?" if close else "See: avroad subjects list"
    return click.BadParameter(f"the registry has no subject {subject[:250]!r}. {hint}", param_hint="SUBJECT")


def _dash(value: object) -> object:
    return "-" if value is None else value
