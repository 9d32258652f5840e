"""The first record that shows a fault: which one, where in it, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Example"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The first datum that fails or is read wrongly. place: which record it is; path: where in it; what: in words."""

    place: str
    path: str
    what: str
