"""Compatibility of schemas: Java's verdict, what really happens to data, and whether it still means the same.

Pure and offline. `compare` answers for one reader and one writer.
"""

from __future__ import annotations

from avroad.contracts.compat.findings import Finding, PairReport, Patch, Readable
from avroad.contracts.compat.java import Incompatibility
from avroad.contracts.compat.pair import compare
from avroad.contracts.rule import Severity

__all__ = ["Finding", "Incompatibility", "PairReport", "Patch", "Readable", "Severity", "compare"]
