"""Why a client cannot reach its brokers: the true reason stands only in its error callback and log lines.

A refused password ends every call in "Broker transport failure" after its timeout; what the broker said appears
nowhere else. Each client therefore keeps the last lines of both channels, and our errors quote the best one.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from avroad.config.kafka_rules import unknown_setting
from avroad.config.masking import is_secret, shown_value
from avroad.errors import BrokerError, BrokerUnavailable, ConfigError

__all__ = ["ClientNotes"]

_LOG = logging.getLogger("avroad.broker")
_NOISE: Final = re.compile(
    r" \(after \d+ms in state [A-Z_]+(?:, \d+ identical error\(s\) suppressed)?\)|\[thrd:[^\]]*\]: "
)
_ORIGIN: Final = re.compile(r"^(?:\w+ \[[^\]]*\] )?(?:[a-z_]+://)?(?P<host>[^/\s]+)/(?:bootstrap|\d+): ")
_UNKNOWN: Final = re.compile(r'No such configuration property: "([^"]*)"')
_RANKED: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("auth", ("sasl authentication", "authentication failed", "authentication error", "invalid credentials", "sasl")),
    ("tls", ("ssl handshake", "certificate", "ssl://", "incorrect security.protocol", "ssl")),
    ("name", ("failed to resolve", "name or service not known", "nodename nor servname")),
    ("refused", ("connection refused", "disconnected", "timed out", "failed")),
)
_HINTS: Final[Mapping[str, str]] = {
    "auth": "Are sasl.mechanism, sasl.username and sasl.password right?",
    "tls": "Are security.protocol and ssl.ca.location right?",
    "name": "Is the host in bootstrap.servers spelled right?",
}
_LEAST_HIDDEN: Final = 6
"""Shorter values that are no secrets stay: masking a blank would mask every message."""
_LOCAL: Final = re.compile(r"(^|,)\s*(?:\w+://)?(localhost|127\.|\[?::1)")


def _hidden(key: str, value: str) -> bool:
    """Whether a message must not repeat a value: a secret, or what may hold one in the place of something else."""
    return bool(value) and (is_secret(key) or (len(value) >= _LEAST_HIDDEN and value not in shown_value(value)))


class ClientNotes(logging.Handler):
    """The last error-callback and log lines of one client; safe to call from any thread."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__()
        self.bootstrap = settings.get("bootstrap.servers", "")
        self.fatal = ""
        self._all_down = False
        self._secrets = tuple(value for key, value in settings.items() if _hidden(key, value))
        self._lines: deque[str] = deque(maxlen=64)
        self.logger = logging.Logger("avroad.broker.client", logging.DEBUG)  # noqa: LOG001  # one per client, not global
        self.logger.addHandler(self)

    def on_error(self, error: KafkaError) -> None:
        """Keep an error of the client's error callback."""
        text = self._scrub(error.str())
        if error.fatal():
            self.fatal = text
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001  # librdkafka's local codes are named so
            self._all_down = True
        else:
            self._lines.append(text)
        _LOG.debug("client error: %s", text)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line the client logged; an exception caught in one of our own callbacks is logged as an error."""
        text = self._scrub(record.getMessage())
        if record.exc_info:
            _LOG.error("%s", text, exc_info=record.exc_info)
            return
        self._lines.append(text)
        _LOG.debug("client log: %s", text)

    def settings_refused(self, error: Exception) -> ConfigError:
        """Return the error for settings that the client does not accept; it repeats their values."""
        found = error.args[0] if isinstance(error, KafkaException) and error.args else error
        text = found.str() if isinstance(found, KafkaError) else str(found)
        unknown = _UNKNOWN.search(text)
        if unknown is not None:
            return ConfigError("the Kafka client refuses its settings", problems=(unknown_setting(unknown[1]),))
        return ConfigError(f"the Kafka client refuses its settings: {self._scrub(text)}")

    def reason(self) -> tuple[str, str]:
        """Return (kind, text) of the most telling line; ("", "") when the client said nothing."""
        lines = tuple(self._lines)
        for kind, words in _RANKED:
            for line in reversed(lines):
                if any(word in line.lower() for word in words):
                    return kind, line
        return "", lines[-1] if lines else ""

    def answered(self) -> None:
        """Note that some broker answers."""
        self._all_down = False

    def hopeless(self) -> bool:
        """Whether what is known will not change by waiting.

        Credentials and certificates are as wrong at every broker; an address that refuses or has no such name says
        something only when no other broker is left to ask.
        """
        kind, text = self.reason()
        unreachable = kind == "name" or "connection refused" in text.lower()
        return kind in {"auth", "tls"} or (unreachable and self._all_down)

    def unavailable(self, doing: str) -> BrokerError:
        """Return the error for "no broker answered": what was tried, the client's own reason, what to do."""
        kind, reason = self.reason()
        message = f"cannot {doing}: no answer from Kafka at {self.bootstrap or '(no bootstrap.servers)'}"
        if reason:
            message = f"{message} ({reason})"
        if kind in {"auth", "tls"}:
            return BrokerError(message, hint=_HINTS[kind])
        return BrokerUnavailable(message, hint=_HINTS.get(kind) or self._start_hint())

    def _start_hint(self) -> str:
        if _LOCAL.search(self.bootstrap):
            return "Start it: avroad stack up, or docker compose up -d (is Docker running?)"
        return "Is the address right, and can this machine reach it?"

    def _scrub(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _ORIGIN.sub(r"\g<host>: ", _NOISE.sub("", text)).strip()
