"""The order of one change as JSON and as lines for people. Pure: the caller decides where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from avroad.contracts.compat import Finding
from avroad.contracts.compat.order import Order
from avroad.contracts.compat.render import finding_json
from avroad.contracts.declared import REPOSITORY
from avroad.contracts.rollout import Rollout, Trouble, Users

__all__ = ["rollout_json", "rollout_lines"]

_SHOWN: Final = 10


def rollout_json(rollout: Rollout) -> dict[str, Any]:
    """Return everything as JSON."""
    return {
        "order": rollout.advice.order.value,
        "steps": list(rollout.advice.steps),
        "retention_ms": rollout.retention.ms,
        "retention": rollout.retention.words,
        "old_data_of": list(rollout.data_of),
        "not_counted": list(rollout.not_counted),
        "readers": _users_json(rollout.readers),
        "writers": _users_json(rollout.writers),
        "failing": [
            {
                "applications": [{"application": app.name, "owner": app.owner} for app in trouble.users.applications],
                "version": trouble.users.version,
                "on": "old data" if trouble.backward else "new data",
                "data_of": list(trouble.data_of),
                "findings": [finding_json(finding) for finding in trouble.findings],
                "error": trouble.error or None,
            }
            for trouble in rollout.troubles
        ],
        "unknown": list(rollout.unknown),
    }


def _users_json(given: Iterable[Users]) -> list[dict[str, Any]]:
    return [
        {"application": app.name, "owner": app.owner, "version": users.version, "file": app.file}
        for users in given
        for app in users.applications
    ]


def rollout_lines(rollout: Rollout) -> Iterator[str]:
    """Yield the order and its steps, then who fails on what, then what nobody knows."""
    advice = rollout.advice
    yield f"order: {advice.order.value}"
    if advice.order is not Order.ANY:
        yield from (f"  {number}. {step}" for number, step in enumerate(advice.steps, 1))
        yield f"  old data: of {_versions(rollout.data_of)}; the topic keeps them {rollout.retention.words}"
    if rollout.not_counted:
        yield f"  not counted: old data of {_versions(rollout.not_counted)}"
    for trouble in rollout.troubles:
        yield f"  {_headline(trouble)}"
        yield from (f"    {line}" for line in _reasons(trouble))
    yield from (f"  not known: {what}" for what in rollout.unknown)


def _headline(trouble: Trouble) -> str:
    users = trouble.users
    names = _listed([f"{app.name} ({app.owner})" for app in users.applications])
    if trouble.backward:
        return f"once updated, fails on data of {_versions(trouble.data_of)}: {names}"
    if users.version == REPOSITORY:
        return f"until updated, fails on new data: {names}"
    return f"pinned to {users.label}, fails on new data: {names}"


def _reasons(trouble: Trouble) -> Iterator[str]:
    if trouble.error:
        yield f"Java raises: {trouble.error}"
    leaves = list(dict.fromkeys(_words(leaf) for finding in trouble.findings for leaf in finding.leaves))
    yield from leaves[:_SHOWN]
    if len(leaves) > _SHOWN:
        yield f"and {len(leaves) - _SHOWN} more"


def _words(finding: Finding) -> str:
    return f"{finding.rule} at {finding.field_path}: {finding.data}"


def _versions(names: Iterable[str]) -> str:
    return _listed(f"version {name}" if name.isdigit() else name for name in names)


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _SHOWN
    return ", ".join(every[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
