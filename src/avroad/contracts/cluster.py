"""The wrong-cluster guard: who answers must be who the environment names and whom the lock was made with."""

from __future__ import annotations

from avroad.contracts.lock import SchemaLock
from avroad.errors import ClusterMismatch

__all__ = ["require_cluster"]


def require_cluster(found: str, *, environment: str, bound: str = "", lock: SchemaLock | None = None) -> None:
    """Raise ClusterMismatch, naming both ids and the next step, unless the cluster with the id `found` is meant.

    bound: the id the environment is bound to, "" when to none. lock: compared as well when its ids will be used, or
    records written; never by plan and apply, which make it right.
    """
    answer = found or "a cluster without an id"
    if bound and found != bound:
        raise ClusterMismatch(
            f"environment {environment} is bound to another cluster",
            expected=f"cluster {bound}",
            found=answer,
            hint=f"Is bootstrap.servers right? See where both come from: avroad config show --origin -e {environment}",
        )
    if lock is not None and lock.cluster_id and found != lock.cluster_id:
        raise ClusterMismatch(
            f"the schema lock of environment {environment} was made for another cluster",
            expected=f"cluster {lock.cluster_id}",
            found=answer,
            hint=f"If this one is meant (a stack that was reset is a new one), run: avroad apply -e {environment}",
        )
