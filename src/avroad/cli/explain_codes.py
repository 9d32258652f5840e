"""The registry's error codes for `avroad schema explain`: found by number or name, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from avroad.cli.output import style
from avroad.errors.registry_codes import CODE_HELP, KEY_REGISTRY_CODES

__all__ = ["code_index", "code_json", "code_lines", "find_code"]

_WIDTH = 80


def find_code(name: str) -> int | None:
    """Return the code a person means by a number or a name, None when it is no code."""
    given = name.strip().replace("-", "_").upper()
    if given.isascii() and given.isdigit():
        number = int(given[:9])
        return number if number in KEY_REGISTRY_CODES or any(number == code for code in CODE_HELP) else None
    return next((int(code) for code in CODE_HELP if code.name == given), None)


def code_json() -> list[dict[str, object]]:
    """Return every code with its name, meaning and cure."""
    return [_entry(int(code)) for code in (*CODE_HELP, *sorted(KEY_REGISTRY_CODES))]


def code_lines(code: int) -> Iterator[str]:
    """Yield what one code means, at 80 columns."""
    entry = _entry(code)
    yield f"{style(str(code), 'bold')}  {entry['name'] or 'key registry'}"
    yield from _wrapped(str(entry["summary"]), "")
    yield ""
    yield from _wrapped(f"Cure: {entry['cure']}", "")


def code_index() -> Iterator[str]:
    """Yield all codes, each with its meaning."""
    for code, words in CODE_HELP.items():
        yield f"  {int(code)} {code.name}"
        yield from _wrapped(words.summary, "      ")


def _entry(code: int) -> dict[str, object]:
    known = {int(item): (item.name, words.summary, words.cure) for item, words in CODE_HELP.items()}
    key_registry = (
        "",
        "A code of the key registry, which keeps keys for encrypted fields.",
        "avroad never asks it: which program did?",
    )
    name, summary, cure = known.get(code, key_registry)
    return {"code": code, "name": name or None, "summary": summary, "cure": cure}


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
