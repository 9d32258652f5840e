"""The steps of a release as text for people and as JSON. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from avroad.evolve.release import State, Step

__all__ = ["steps_json", "steps_text"]

_WIDTH: Final = 80
_SHOWN: Final = 5
_COLOURS: Final = {
    State.OK: "green", State.MISSING: "red", State.STALE: "red", State.REFUSED: "red", State.DUE: "yellow",
}  # fmt: skip


def steps_text(steps: Sequence[Step], paint: Callable[[str, str], str]) -> Iterator[str]:
    """Yield the steps as lines of at most 80 columns, where words allow it; paint: gives a text a colour by name."""
    names = max(len(step.name) for step in steps)
    states = max(len(state) for state in State)
    for step in steps:
        state = step.state.upper() if step.blocks else str(step.state)
        painted = paint(state.ljust(states), _COLOURS.get(step.state, "dim"))
        indent = " " * (names + states + 6)
        facts = [*step.facts[:_SHOWN]]
        if len(step.facts) > _SHOWN:
            facts.append(f"and {len(step.facts) - _SHOWN} more")
        if step.command:
            facts.append(f"{'see' if step.state is State.REFUSED else 'run'}: {step.command}")
        lines = [line for fact in facts for line in _wrapped(fact, indent)] or [""]
        yield f"  {step.name.ljust(names)}  {painted}  {lines[0].strip()}".rstrip()
        yield from lines[1:]


def steps_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return the steps for programs; their field names are stable."""
    return [
        {
            "step": step.name,
            "state": step.state.value,
            "blocks": step.blocks,
            "facts": list(step.facts),
            "command": step.command or None,
        }
        for step in steps
    ]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
