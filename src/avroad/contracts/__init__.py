"""Contracts: what `schemas/` and `admin/topics/` declare, as one catalog. Reads files, opens no socket."""

from __future__ import annotations

from avroad.contracts.catalog import Catalog, load_catalog
from avroad.contracts.declared import EventType, SubjectSpec

__all__ = ["Catalog", "EventType", "SubjectSpec", "load_catalog"]
