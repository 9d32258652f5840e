"""A setting with its origin, and the environment that settings make up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["MASK", "Environment", "Setting", "is_secret"]

MASK: Final = "***"
"""What is shown in place of a secret."""

_SECRET_ENDS: Final = frozenset({"password", "secret", "passphrase", "token"})
_SECRET_NAMES: Final = frozenset({"basic.auth.user.info", "sasl.oauthbearer.config", "sasl.jaas.config"})


def is_secret(name: str) -> bool:
    """Say whether the setting of this name must never be shown, logged or given as a flag."""
    return name in _SECRET_NAMES or name.rpartition(".")[2] in _SECRET_ENDS or name.endswith("key.pem")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Setting:
    """One value as text. origin: where it comes from, as a person would look for it; secret: never shown."""

    value: str
    origin: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The value for a person, a secret as `***`."""
        return MASK if self.secret else self.value

    def __repr__(self) -> str:
        return f"Setting(value={self.shown!r}, origin={self.origin!r}, secret={self.secret})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where the contracts are applied and events flow; every secret is masked in its `repr`.

    cluster_id: the only cluster this environment may write to, "" when any will do. lock: absolute path.
    kafka: librdkafka settings by their own names; registry: settings by the Confluent client's names.
    origins: where the values above come from, by field name. insecure: unverified connections are allowed.
    """

    name: str
    lock: Path
    replication_factor: int
    min_insync_replicas: int
    description: str = ""
    cluster_id: str = ""
    stack: bool = False
    insecure: bool = False
    kafka: Mapping[str, Setting] = field(default_factory=dict)
    registry: Mapping[str, Setting] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def kafka_config(self) -> dict[str, str]:
        """Return what librdkafka is configured with, secrets included: never print it."""
        return {name: setting.value for name, setting in self.kafka.items()}

    def registry_config(self) -> dict[str, str]:
        """Return what the registry client is configured with, secrets included: never print it."""
        return {name: setting.value for name, setting in self.registry.items()}

    def settings(self) -> dict[str, Setting]:
        """Return every setting by its full name (`cluster_id`, `kafka.bootstrap.servers`), in reading order."""
        own = {
            "description": self.description,
            "cluster_id": self.cluster_id,
            "replication_factor": str(self.replication_factor),
            "min_insync_replicas": str(self.min_insync_replicas),
            "lock": str(self.lock),
            "stack": str(self.stack).lower(),
            "insecure": str(self.insecure).lower(),
        }
        found = {name: Setting(value=value, origin=self.origins.get(name, "default")) for name, value in own.items()}
        found.update({f"kafka.{name}": setting for name, setting in sorted(self.kafka.items())})
        found.update({f"registry.{name}": setting for name, setting in sorted(self.registry.items())})
        return found
