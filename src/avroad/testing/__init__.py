"""The public test kit: doubles that refuse what the real thing refuses and fail the way it fails."""

from __future__ import annotations

__all__: list[str] = []
