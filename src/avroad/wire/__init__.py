"""Datums as they travel, lie in files and are shown to people: frames, containers, JSON, annotated dumps."""

from __future__ import annotations
