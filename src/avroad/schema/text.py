"""Text that is none: halves of surrogate pairs, which JSON and YAML can escape and no encoding can write."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["not_utf8"]

_HALF: Final = re.compile("[\ud800-\udfff]")


def not_utf8(value: object) -> str | None:
    r"""Return the path of the first text in a JSON value that UTF-8 cannot write, None when there is none.

    Such text comes from `"\ud800"` in a file, or from bytes of a command line or variable that are not UTF-8 (Python
    keeps each as half a pair). It passes through everything until it is encoded, far from where it was written.
    """
    if not _suspect(value):
        return None
    rest: list[tuple[object, str]] = [(value, "$")]  # no recursion: a value may be as deep as its parser allows
    while rest:
        item, path = rest.pop()
        if isinstance(item, str) and _HALF.search(item):
            return path
        if isinstance(item, list):
            rest += [(part, f"{path}[{i}]") for i, part in reversed(list(enumerate(item)))]
        elif isinstance(item, dict):
            if any(_HALF.search(key) for key in item):
                return path
            rest += [(part, f"{path}.{key}") for key, part in reversed(item.items())]
    return None


def _suspect(value: object) -> bool:
    """Say whether a value may hold half a pair: Python shows one as an escape. A tenth of the time of the search."""
    try:
        return "\\ud" in repr(value)
    except RecursionError:
        return True
