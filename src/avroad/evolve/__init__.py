"""Evolution proven instead of asserted: old and new writers and readers played against each other on real servers."""

from __future__ import annotations

__all__: list[str] = []
