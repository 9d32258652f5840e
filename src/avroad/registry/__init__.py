"""The schema registry client: over HTTP, or in process with the same behaviour.

HttpRegistry, open_registry    over HTTP, from RegistrySettings
MemoryRegistry                 in this process
schema_of                      an id's schema as nodes, references followed
"""

from __future__ import annotations

from avroad.registry.http import HttpRegistry
from avroad.registry.memory import MemoryRegistry
from avroad.registry.resolve import schema_of
from avroad.registry.settings import RegistrySettings, from_config

__all__ = ["HttpRegistry", "MemoryRegistry", "RegistrySettings", "from_config", "open_registry", "schema_of"]


def open_registry(settings: RegistrySettings) -> HttpRegistry:
    """Return a client; nothing is sent before the first call. Raises ConfigError for unusable certificates."""
    return HttpRegistry(settings)
