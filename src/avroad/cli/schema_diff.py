"""`avroad schema diff`: what changed between two schemas, by meaning."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.contracts.compat.changes import Change
    from avroad.schema import Schema

__all__ = ["diff"]

_COLOURS = {"cosmetic": "cyan", "compatible": "green", "breaking": "red"}
_EXAMPLES = """\b
Examples:
  avroad schema diff old/traffic.Source.avsc traffic.Source
  avroad schema diff a.avsc b.avsc --output json
"""


@click.command(epilog=_EXAMPLES, short_help="Show what changed between two schemas, by meaning.")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@output_option()
@click.pass_obj
def diff(context: Context, old: str, new: str, output: str) -> None:
    """Show what changed from A to B, field by field; each is an .avsc file or a type of the project.

    A change is cosmetic (documentation, attributes that Avro ignores), compatible, or breaking: for new readers of
    old data, for old readers of new data, or for both. References of a file are looked up in the project. The exit
    code is 0 whatever changed; avroad schema explain says what a rule means.
    """
    from avroad.contracts.compat.changes import difference  # noqa: PLC0415  # keeps help fast

    found = difference(_schema(context, old), _schema(context, new))
    numbers = Counter(change.effect.value for change in found.changes)
    if output == "json":
        emit(
            {
                "old": old,
                "new": new,
                "backward": found.backward,
                "forward": found.forward,
                "counts": {effect: numbers[effect] for effect in _COLOURS},
                "changes": [_json(change) for change in found.changes],
            }
        )
        return
    if not found.changes:
        say("no change")
        return
    emit("\n".join(line for change in found.changes for line in _lines(change)))
    say(", ".join(f"{numbers[effect]} {effect}" for effect in ("breaking", "compatible", "cosmetic")))
    verdicts = {True: "yes", False: "no", None: "Java raises"}
    say(f"New readers read old data: {verdicts[found.backward]}. Old readers read new data: {verdicts[found.forward]}.")


def _schema(context: Context, given: str) -> Schema:
    """Return what an argument names. Raises UsageError, ContractError or SchemaSyntaxError."""
    from avroad.cli.context import find_root  # noqa: PLC0415  # only this command pays for it
    from avroad.config.files import FileRefused, read_text  # noqa: PLC0415
    from avroad.contracts import load_catalog  # noqa: PLC0415
    from avroad.contracts.references import scan  # noqa: PLC0415
    from avroad.errors import ConfigError  # noqa: PLC0415
    from avroad.schema import MAX_TEXT_BYTES, parse, read_json  # noqa: PLC0415

    if not Path(given).is_file() and not given.endswith(".avsc"):
        return load_catalog(context.folder()).type(given).schema
    try:
        value = read_json(read_text(Path(given), MAX_TEXT_BYTES), file=given)
    except FileRefused as refused:
        raise click.UsageError(f"{given}: expected {refused.expected}, found {refused.found}") from None
    names = scan(value)
    used = {name for _, written, full in names.used for name in (written, full)} - names.declared.keys()
    if not used:
        return parse(value, strict=False, file=given)
    try:
        types = load_catalog(context.root or find_root(Path.cwd())).types
    except ConfigError:
        types = {}
    return parse(value, names={name: types[name].schema for name in used if name in types}, strict=False, file=given)


def _lines(change: Change) -> list[str]:
    broken = {
        (True, True): "for new readers and for old ones",
        (True, False): "for new readers of old data",
        (False, True): "for old readers of new data",
    }.get((change.breaks_new, change.breaks_old), "")
    word = style(change.effect.value, _COLOURS[change.effect.value])
    lines = [f"{word} {change.path}", *_wrapped(change.what)]
    if broken:
        lines += _wrapped(f"breaks: {broken}")
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
        "rules": list(change.rules),
    }
