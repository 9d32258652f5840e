"""Plain data of records and maps: which Python values they are, and what a class of its own may not add to them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

__all__ = ["PLAIN_MAPS", "plain_dict", "plain_map"]

PLAIN_MAPS: Final = (dict, MappingProxyType)
"""What is written as a map."""


def plain_dict(value: object) -> dict[Any, Any]:
    """Return a copy of a dict of any class without what the class adds, such as values for missing keys.

    Raises TypeError for anything else.
    """
    if not isinstance(value, dict):
        raise TypeError("expected a dict")
    return dict.copy(value)


def plain_map(value: object) -> dict[Any, Any]:
    """Return a dict of the items that a dict of any class, or a mapping proxy, lists. Raises TypeError."""
    if not isinstance(value, PLAIN_MAPS):
        raise TypeError("expected a dict")
    return dict(value.items())
