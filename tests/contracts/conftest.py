"""The real declarations of this repository, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from avroad.contracts import Catalog, load_catalog

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_NAMES = sorted(path.stem for path in (ROOT / "schemas").glob("*.avsc"))
TOPIC_NAMES = sorted(path.stem for path in (ROOT / "admin" / "topics").glob("*.yaml"))
ENVIRONMENT_NAMES = sorted(path.stem for path in (ROOT / "admin" / "environments").glob("*.yaml"))


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(ROOT)
