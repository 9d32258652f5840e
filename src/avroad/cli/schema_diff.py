"""`avroad schema diff`: what changed between two schemas, or two sets of them, by meaning."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style
from avroad.cli.words import counted

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.cli.schema_sides import Side
    from avroad.contracts.compat.changes import Change, Difference
    from avroad.schema import Named, Schema

__all__ = ["diff"]

_COLOURS = {"cosmetic": "cyan", "compatible": "green", "breaking": "red"}
_SIDES = {
    (True, True): "new readers and old ones",
    (True, False): "new readers of old data",
    (False, True): "old readers of new data",
}
_EXAMPLES = """\b
Examples:
  avroad schema diff old/traffic.Source.avsc traffic.Source
  avroad schema diff git:v1.4.0
  avroad schema diff git:v1.4.0 git:HEAD --output json
  avroad schema diff git:main:traffic.Source traffic.Source
  avroad schema diff registry:traffic.Source:2
"""


@click.command(epilog=_EXAMPLES, short_help="Show what changed between two schemas, by meaning.")
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", default="")
@output_option()
@click.pass_obj
def diff(context: Context, old: str, new: str, output: str) -> None:
    """Show what changed from A to B, field by field. B is the project as it is now, unless given.

    \b
    A and B are each one of
      FILE.avsc                      a schema file
      TYPE                           a type of the project
      git:REV:TYPE                   a type at a revision
      git:REV, dir:PATH              all types at a revision, or of a folder
      registry:SUBJECT[:VERSION]     a registered version, the latest unless given

    Where one names a type and the other all of them, that type is compared. A
    change is cosmetic (documentation, attributes that Avro ignores), compatible,
    or breaking: for new readers of old data, for old readers of new data, or for
    both. References of a file are looked up in the project. The exit code is 0
    whatever changed; avroad schema explain says what a rule means.
    """  # noqa: D301  # click's mark for a block that keeps its lines
    from avroad.cli.schema_sides import project_side, read_side  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.compat.changes import difference  # noqa: PLC0415

    before = read_side(context, old)
    if not new and before.declared:
        raise click.UsageError(f"{old} is of the project itself: name B too, or compare git:main:{old}")
    after = read_side(context, new) if new else project_side(context)
    names = {"old": old, "new": new or after.name}
    if before.schema is None and after.schema is None:
        _all(before, after, names, output)
        return
    found = difference(*_one_each(before, after))
    if output == "json":
        emit({**names, **_difference_json(found)})
        return
    if not found.changes:
        say("no change")
        return
    emit("\n".join(line for change in found.changes for line in _lines(change)))
    say(_counts(found.changes))
    new_reads = _reads(found.backward, harmed=any(change.breaks_new for change in found.changes))
    old_reads = _reads(found.forward, harmed=any(change.breaks_old for change in found.changes))
    say(f"New readers read old data: {new_reads}.\nOld readers read new data: {old_reads}.")


def _reads(verdict: bool | None, *, harmed: bool) -> str:  # noqa: FBT001  # a verdict of three values
    if verdict is None:
        return "Java raises"
    if verdict and harmed:
        return "yes for a registry, but not as it was meant"
    return "yes" if verdict else "no"


def _one_each(before: Side, after: Side) -> tuple[Schema, Schema]:
    """Return two schemas; a side that is all types gives the one the other has. Raises ConfigError."""
    if before.schema is None:
        assert after.schema is not None  # or all types would be compared
        return before.type(_name(after.schema)), after.schema
    return before.schema, after.type(_name(before.schema)) if after.schema is None else after.schema


def _name(schema: Schema) -> str:
    return str(getattr(schema, "name", type(schema).__name__.lower()))


def _all(before: Side, after: Side, names: dict[str, str], output: str) -> None:
    """Show every type that came, went or changed."""
    from avroad.contracts.compat.changes import difference  # noqa: PLC0415  # keeps help fast

    found: list[tuple[str, str, Difference | None]] = []
    for name, state, old, new in _pairs(before.types, after.types):
        change = None if old is None or new is None else difference(old, new)
        if state != "changed" or (change is not None and change.changes):
            found.append((name, state, change))
    notes = [*before.notes, *after.notes]
    if output == "json":
        types = [
            {"type": name, "state": state, **({} if change is None else _difference_json(change))}
            for name, state, change in found
        ]
        emit({**names, "types": types, "notes": notes})
        return
    blocks = []
    for name, state, change in found:
        lines = [line for item in (change.changes if change else ()) for line in _lines(item)]
        blocks.append("\n".join([f"{style(name, 'bold')}: {state}", *(f"  {line}" for line in lines)]))
    if blocks:
        emit("\n".join(blocks))
    for note in notes:
        say(f"note: {note}")
    every = [item for _, _, change in found if change is not None for item in change.changes]
    states = Counter(state.partition(" ")[0] for _, state, _ in found)
    kinds = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    say(f"{counted(len(found), 'type')}: {kinds}. {_counts(every)}" if found else "no change")


def _pairs(
    before: Mapping[str, Named], after: Mapping[str, Named]
) -> Iterator[tuple[str, str, Named | None, Named | None]]:
    """Yield name, state and both sides of each type, a renamed one with what it was."""
    from avroad.contracts.timeline import is_renamed  # noqa: PLC0415  # keeps help fast

    gone = {name: schema for name, schema in before.items() if name not in after}
    for name, schema in sorted(after.items()):
        if name in before:
            yield name, "changed", before[name], schema
            continue
        old = next((old for old in gone.values() if is_renamed(old, schema)), None)
        if old is None:
            yield name, "added", None, schema
        else:
            del gone[old.name]
            yield name, f"renamed from {old.name}", old, schema
    for name, schema in sorted(gone.items()):
        yield name, "removed", schema, None


def _difference_json(found: Difference) -> dict[str, Any]:
    numbers = Counter(change.effect.value for change in found.changes)
    return {
        "backward": found.backward,
        "forward": found.forward,
        "counts": {effect: numbers[effect] for effect in _COLOURS},
        "changes": [_json(change) for change in found.changes],
    }


def _counts(changes: Iterable[Change]) -> str:
    numbers = Counter(change.effect.value for change in changes)
    return ", ".join(f"{numbers[effect]} {effect}" for effect in ("breaking", "compatible", "cosmetic"))


def _lines(change: Change) -> list[str]:
    word = style(change.effect.value, _COLOURS[change.effect.value])
    lines = [f"{word} {change.path}", *_wrapped(change.what)]
    fails = change.breaks_new and not change.misread_new, change.breaks_old and not change.misread_old
    for harm, sides in (("breaks: for", fails), ("misread: by", (change.misread_new, change.misread_old))):
        if any(sides):
            lines += _wrapped(f"{harm} {_SIDES[sides]}")
    return lines + (_wrapped(f"rules: {', '.join(change.rules)}") if change.rules else [])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 80, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)


def _json(change: Change) -> dict[str, object]:
    return {
        "path": change.path,
        "what": change.what,
        "effect": change.effect.value,
        "breaks_new_readers": change.breaks_new,
        "breaks_old_readers": change.breaks_old,
        "misread_by_new_readers": change.misread_new,
        "misread_by_old_readers": change.misread_old,
        "rules": list(change.rules),
    }
