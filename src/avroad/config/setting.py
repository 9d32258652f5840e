"""A setting with its origin, and the environment that settings make up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from avroad.config.masking import masked
from avroad.errors import ConfigError

__all__ = ["ADDRESSES", "Environment", "Setting"]

Client = TypeVar("Client")
ADDRESSES: Final = (("kafka", "bootstrap.servers"), ("registry", "url"))
"""Section and name of what says where to connect."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Setting:
    """One value as text. origin: where it comes from, as a person would look for it; secret: never shown.

    problem: why there is no value, in a few words, "" when there is one.
    """

    value: str
    origin: str
    secret: bool = False
    problem: str = ""

    @property
    def shown(self) -> str:
        """The value for a person; a secret, and user and password inside an address, as `***`."""
        return self.problem or masked(self.value, secret=self.secret)

    def __repr__(self) -> str:
        return f"Setting(value={self.shown!r}, origin={self.origin!r}, secret={self.secret})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where the contracts are applied and events flow; every secret is masked in its `repr`.

    cluster_id: the only cluster this environment may write to, "" when any will do. lock: absolute path.
    kafka: librdkafka settings by their own names; registry: settings by the Confluent client's names.
    origins: where the values above come from, by field name. insecure: unverified connections are allowed.
    unaddressed: the sections without an address, because the stack that would give it does not run. problems: of own
    values, by field name, where an environment is shown although it has some.
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
    unaddressed: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def kafka_config(self) -> dict[str, str]:
        """Return what librdkafka is configured with, secrets included: never print it.

        Raises ConfigError when the stack that would give the address does not run.
        """
        self._require_address("kafka")
        return {name: setting.value for name, setting in self.kafka.items()}

    def registry_config(self) -> dict[str, str]:
        """Return what the registry client is configured with, secrets included: never print it.

        Raises ConfigError when the stack that would give the address does not run.
        """
        self._require_address("registry")
        return {name: setting.value for name, setting in self.registry.items()}

    def kafka_client(self, start: Callable[[Mapping[str, str]], Client]) -> Client:
        """Return what `start` makes of `kafka_config`; a setting it refuses is named with where it comes from.

        Raises what `kafka_config` and `start` raise.
        """
        try:
            return start(self.kafka_config())
        except ConfigError as error:
            origins = {name: setting.origin for name, setting in self.kafka.items()}
            error.problems = tuple(
                replace(problem, path=origins.get(problem.path, problem.path)) for problem in error.problems
            )
            raise

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
        found = {
            name: Setting(value=value, origin=self.origins.get(name, "default"), problem=self.problems.get(name, ""))
            for name, value in own.items()
        }
        found.update({f"kafka.{name}": setting for name, setting in sorted(self.kafka.items())})
        found.update({f"registry.{name}": setting for name, setting in sorted(self.registry.items())})
        absent = Setting(value="", origin="the stack of this checkout, which does not run")
        if not self.stack:
            absent = Setting(value="", origin="nowhere", problem="missing: no source gives it")
        found.update({f"{section}.{name}": absent for section, name in ADDRESSES if section in self.unaddressed})
        return found

    def _require_address(self, section: str) -> None:
        if section in self.unaddressed:
            flags = {"kafka": "-X bootstrap.servers=HOST:PORT", "registry": "-X registry.url=URL"}
            elsewhere = " ".join(flags[name] for name in self.unaddressed)
            raise ConfigError(
                f"environment {self.name} uses the stack of this checkout, which does not run",
                hint=f"Start it: avroad stack up. Or say where else: {elsewhere}",
            )
