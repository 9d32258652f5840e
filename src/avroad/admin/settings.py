"""Topic settings: when two values are the same, what a person reads, and what a change may cost.

Source: Apache Kafka 4.3 topic-level configuration.
"""

from __future__ import annotations

from typing import Final

__all__ = ["is_compacted", "is_operational", "risk_of", "same_value", "shown"]

_LISTS: Final = frozenset({"cleanup.policy"})
_OPERATIONAL: Final = frozenset({"leader.replication.throttled.replicas", "follower.replication.throttled.replicas"})
"""Set by reassignments while they run; nobody declares them and removing them would hurt the reassignment."""

_UNITS_MS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))
_UNITS_BYTES: Final = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_FOREVER: Final = 1 << 63
_SMALL: Final = 10_000


def is_operational(key: str) -> bool:
    """Return whether the cluster's own tools set this, so that a plan neither shows nor removes it."""
    return key in _OPERATIONAL


def is_compacted(policy: str) -> bool:
    """Return whether a `cleanup.policy` value keeps the last record per key."""
    return "compact" in _items(policy)


def same_value(key: str, one: str | None, other: str | None) -> bool:
    """Return whether both texts mean the same value of `key`; None (hidden or absent) equals only None.

    Numbers, truth values and lists are compared as such: `0.50` is `0.5`, `compact,delete` is `delete, compact`.
    """
    if one is None or other is None:
        return one is other
    return _normal(key, one) == _normal(key, other)


def shown(key: str, value: str | None) -> str:
    """Return the value with its size in words: `604800000 (7d)`, `-1 (no limit)`, `1048588 (1.0MiB)`."""
    if value is None:
        return "hidden"
    if value == "":
        return '""'
    number = _integer(value)
    if number is None:
        return value
    if key.endswith((".ms", ".bytes")) and number < 0 and key.startswith(("retention.", "local.retention.")):
        # -2 of local.retention.* means "as retention.*", which needs no words here.
        return f"{value} (no limit)" if number == -1 else value
    if number >= 1 << 62:
        return f"{value} (no limit)" if key.endswith((".ms", ".messages", ".bytes")) else value
    words = ""
    if key.endswith(".ms"):
        words = _in_units(number, _UNITS_MS)
    elif key.endswith(".bytes"):
        words = _in_units(number, _UNITS_BYTES)
    return f"{value} ({words})" if words else value


def risk_of(key: str, old: str | None, new: str | None) -> tuple[str, str]:
    """Return (what is destroyed, what to mind) when `key` goes from `old` to `new`; "" where there is nothing.

    None stands for a value that nobody can see, such as the broker's default after a setting is removed; where a
    smaller value destroys data, an unknown one is taken to.
    """
    if key in {"retention.ms", "retention.bytes"}:
        before, after = _limit(old), _limit(new)
        if after is None or before is None:
            return "may drop data: the value in force afterwards is not known", ""
        return ("drops data", "") if after < before else ("", "")
    if key == "cleanup.policy":
        return _policy_risk(old, new), ""
    return "", _caution(key, old, new)


def _caution(key: str, old: str | None, new: str | None) -> str:
    before, after = _integer(old or ""), _integer(new or "")
    less = before is not None and after is not None and after < before
    more = before is not None and after is not None and after > before
    if key == "delete.retention.ms" and less:
        return "a reader that is slower than this misses deletions"
    if key == "max.message.bytes" and less:
        return "larger records will be refused"
    if key == "min.insync.replicas" and more:
        return "writes stop when fewer replicas are in sync"
    if key == "message.timestamp.type":
        return "record times change their meaning for readers"
    return ""


def _policy_risk(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return "may drop data: the policy in force afterwards is not known"
    before, after = _items(old), _items(new)
    if before == after:
        return ""
    if "compact" in after and "compact" not in before:
        return "drops data: older records of a key go, and records without a key will be refused"
    if "delete" in after and "delete" not in before:
        return "drops data: retention applies to all history"
    return "changes what is kept"


def _normal(key: str, value: str) -> object:
    text = value.strip()
    if key in _LISTS:
        return frozenset(_items(text))
    try:
        return float(text) if _integer(text) is None else _integer(text)
    except ValueError:
        return text.lower() if text.lower() in {"true", "false"} else text


def _items(value: str) -> set[str]:
    return {item.strip().lower() for item in value.split(",") if item.strip()}


def _integer(text: str) -> int | None:
    body = text.strip()
    return int(body) if body.lstrip("-").isdecimal() and body.isascii() and body.rfind("-") <= 0 else None


def _limit(value: str | None) -> int | None:
    number = _integer(value or "")
    return _FOREVER if number is not None and number < 0 else number


def _in_units(number: int, units: tuple[tuple[int, str], ...]) -> str:
    for size, unit in units:
        if number >= size:
            count = number / size
            exact = number % size == 0
            return f"{number // size}{unit}" if exact or count >= _SMALL else f"{count:.1f}{unit}"
    return ""
