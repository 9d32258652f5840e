"""One setting as somebody gave it, and the rule which of several wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from avroad.config.masking import is_secret, shown_value
from avroad.errors import Problem

__all__ = ["OWN", "Given", "split_name", "winners"]

OWN: Final = ("cluster_id", "replication_factor", "min_insync_replicas", "lock", "insecure")
"""Settings of the environment itself that a flag, a variable or a settings file may give."""

_PREFIXES: Final = (("schema.registry.", "registry"), ("registry.", "registry"), ("kafka.", "kafka"))
_ALIASES: Final = {
    "compression.codec": "compression.type",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "message.send.max.retries": "retries",
    "message.timeout.ms": "delivery.timeout.ms",
    "metadata.broker.list": "bootstrap.servers",
    "queue.buffering.max.ms": "linger.ms",
    "request.required.acks": "acks",
    "sasl.mechanisms": "sasl.mechanism",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Given:
    """One value from one place.

    section: kafka, registry, or "" for the environment itself. value: None when it could not be read; the reason
    is a problem already. origin: for `config show`; file, path, line: for problems. unset: the variables that the
    value is made of and that are not set.
    """

    section: str
    name: str
    value: str | None
    origin: str
    file: str = ""
    path: str = ""
    line: int = 0
    unset: tuple[str, ...] = ()

    def problem(self, expected: str, found: str, fix: str = "") -> Problem:
        """Return a problem at the place the value was given."""
        return Problem(file=self.file, path=self.path, line=self.line, expected=expected, found=found, fix=fix)

    @property
    def shown(self) -> str:
        """The value as a message may show it."""
        return "a secret, which is not shown" if is_secret(self.name) else shown_value(self.value or "")

    @property
    def canonical(self) -> str:
        """The name, or the one librdkafka treats it as an alias of."""
        return _ALIASES.get(self.name, self.name) if self.section == "kafka" else self.name


def split_name(name: str) -> tuple[str, str]:
    """Return section and name of a setting given by one name, as in a flag or a .properties file.

    `registry.url` and `schema.registry.url` belong to the registry; `lock` and its like to the environment; all
    else is librdkafka's.
    """
    if name in OWN:
        return "", name
    for prefix, section in _PREFIXES:
        if name.startswith(prefix):
            return section, name.removeprefix(prefix)
    return "kafka", name


def winners(layers: Iterable[Iterable[Given]]) -> dict[tuple[str, str], Given]:
    """Return, by section and canonical name, the last of all layers that gives each setting."""
    return {(given.section, given.canonical): given for layer in layers for given in layer}
