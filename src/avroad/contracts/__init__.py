"""Contracts: what `schemas/` and `admin/` declare, as one catalog. Reads files, opens no socket."""

from __future__ import annotations

from avroad.contracts.catalog import Catalog, load_catalog
from avroad.contracts.cluster import require_cluster
from avroad.contracts.declared import EventType, SubjectSpec
from avroad.contracts.lock import LockedSubject, SchemaLock, read_lock, write_lock

__all__ = [
    "Catalog",
    "EventType",
    "LockedSubject",
    "SchemaLock",
    "SubjectSpec",
    "load_catalog",
    "read_lock",
    "require_cluster",
    "write_lock",
]
