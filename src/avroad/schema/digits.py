"""Whole numbers in JSON: no more digits than Python converts, refused in our words."""

from __future__ import annotations

from typing import Final

__all__ = ["whole_number"]

_MAX_DIGITS: Final = 4_000
"""Fewer than the interpreter converts (4,300), far more than any number of a schema has."""


def whole_number(text: str) -> int:
    """Return the number; for `json.loads`. Raises ValueError for one that Python itself would refuse, in our words."""
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"expected whole numbers of at most {_MAX_DIGITS} digits, found {len(text)}")
    return int(text)
