"""The subjects of a plan as text for people: what changes, and what registry and engine say. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Final

from avroad.admin.plan import Plan
from avroad.admin.subject_changes import Answer, RegisterSchema, SetLevel
from avroad.model import Level

__all__ = ["Paint", "engine_words", "labelled", "subject_lines", "verdict_lines"]

_WIDTH: Final = 80

Paint = Callable[[str, str], str]
"""Gives a text a colour by name; the plain one returns the text."""


def subject_lines(plan: Plan, paint: Paint) -> Iterator[str]:
    """Yield every subject that changes: its level, what is new, and what registry and engine say to it."""
    levels = {change.subject: change for change in plan.changes if isinstance(change, SetLevel)}
    schemas = {change.subject: change for change in plan.changes if isinstance(change, RegisterSchema)}
    for subject in dict.fromkeys([c.subject for c in plan.changes if isinstance(c, SetLevel | RegisterSchema)]):
        schema, level = schemas.get(subject), levels.get(subject)
        new = schema is not None and schema.old_version is None
        head = paint(f"  {'+' if new else '~'} {subject}", "green" if new else "yellow")
        if schema is not None:
            head += "  first version" if new else f"  version {schema.old_version} -> a new version"
        if level is not None and new:
            head += f"  level {level.new}"
        yield head
        if level is not None and not new:
            yield f"      level     {level.old or 'none of its own'} -> {level.new}"
        if schema is not None:
            yield from _schema_lines(schema, paint)


def _schema_lines(change: RegisterSchema, paint: Paint) -> Iterator[str]:
    if change.references:
        yield from labelled("refers to", _references(change))
    yield from verdict_lines(change, paint)
    allowance = change.allowance
    if allowance is None:
        return
    by = f" ({allowance.by})" if allowance.by else ""
    for line in labelled("breaks", f"allowed: {allowance.reason}{by}"):
        yield paint(line, "red")
    if allowance.lowers:
        yield from labelled("", f"the level is NONE for this one registration, then {change.level} again")


def verdict_lines(change: RegisterSchema, paint: Paint) -> Iterator[str]:
    """Yield what changed and both verdicts; nothing for a first version."""
    if change.answer is Answer.FIRST:
        return
    for i, text in enumerate(change.changes):
        yield from labelled("" if i else "changes", text)
    said = "; ".join(change.reasons)
    yield from labelled("registry", str(change.answer) + (f": {said}" if said else ""))
    yield from labelled("engine", engine_words(change))
    if change.disagree:
        registry, engine = change.answer.value, "compatible" if change.compatible else "incompatible"
        for line in labelled("differ", f"the registry says {registry}, the engine {engine} at level {change.level}"):
            yield paint(line, "yellow")
    for finding in change.findings:
        yield from labelled("", finding)


def engine_words(change: RegisterSchema) -> str:
    """Return our three answers, and what they rest on."""
    if not change.checked:
        none = "level NONE asks for nothing" if change.level is Level.NONE else "no stored version can be read"
        return f"no answer: {none}"
    numbers = ", ".join(str(number) for number in sorted(change.checked))
    checked = f"checked against version {numbers}"
    words = {
        "compatible": ("compatible", "incompatible", "no verdict"),
        "safe": ("safe", "not safe", ""),
        "same_meaning": ("same meaning", "other meaning", ""),
    }
    said = [texts[{True: 0, False: 1, None: 2}[getattr(change, name)]] for name, texts in words.items()]
    return f"{', '.join(text for text in said if text)}; {checked}"


def _references(change: RegisterSchema) -> str:
    """Name what this plan registers first; what stays as it is, is named for a first version and else counted."""
    planned = [item.name for item in change.references if not item.version]
    bound = [f"{item.name} v{item.version}" for item in change.references if item.version]
    parts = [f"{', '.join(planned)}, as registered by this plan"] if planned else []
    if bound and change.old_version is not None and planned:
        parts.append(f"and {len(bound)} as they are")
    elif bound:
        parts.append(", ".join(bound))
    return "; ".join(parts)


def labelled(label: str, text: str) -> Iterator[str]:
    """Wrap text behind a label; names are never broken."""
    indent = " " * 6
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{indent}{label.ljust(10)}",
        subsequent_indent=f"{indent}{' ' * 10}",
        break_long_words=False,
        break_on_hyphens=False,
    )
