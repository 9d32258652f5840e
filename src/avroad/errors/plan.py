"""Errors of plans: what avroad refuses to do to a cluster or registry."""

from __future__ import annotations

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["ClusterMismatch", "DestructiveRefused", "LockError", "PlanError", "StalePlan"]


class PlanError(AvroadError):
    """A plan cannot be made, read or carried out."""

    exit_code = ExitCode.REFUSED


class StalePlan(PlanError):
    """The cluster or registry changed after the plan was made; nothing was written."""


class ClusterMismatch(PlanError):
    """The plan or environment names another cluster than the one that answered; nothing was written."""


class DestructiveRefused(PlanError):
    """The change would lose data or order, or nobody confirmed it; nothing was written."""


class LockError(PlanError):
    """`schemas.lock.json` is missing, unreadable or does not match the contracts."""
