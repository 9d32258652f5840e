"""Before the first send: the lock names an id for every subject, and for the same meaning as the contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from avroad.contracts import Catalog
from avroad.contracts.lock import SchemaLock
from avroad.errors import ConfigError, LockError, Problem, RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import Framing
from avroad.ports.registry import Registry
from avroad.registry.resolve import schema_of
from avroad.schema import fingerprint

__all__ = ["check_lock", "confirm_ids", "guids_of"]


def check_lock(catalog: Catalog, lock: SchemaLock, topics: Collection[str] = ()) -> None:
    """Raise LockError with every subject of `topics` (all when empty) whose locked schema is not the contract's."""
    problems = []
    for spec in catalog.subjects:
        if not spec.topic or (topics and spec.topic not in topics):
            continue
        locked = lock.subjects.get(spec.subject)
        if locked is None:
            problems.append(Problem(path=spec.subject, expected="a registered version", found="none in the lock"))
        elif locked.fingerprint != catalog.type(spec.type_name).fingerprint:
            expected = f"the schema of {spec.type_name} as it stands in the repository"
            found = f"version {locked.version} (id {locked.id}) with another meaning"
            problems.append(Problem(path=spec.subject, expected=expected, found=found))
    if problems:
        raise LockError(
            "the schema lock does not match the contracts",
            problems=tuple(problems),
            hint="If a schema was edited: avroad schema check says whom that breaks, and how to mend it, "
            f"avroad plan -e {lock.environment} what becomes of it. What the plan does not refuse is registered and "
            f"locked by: avroad apply -e {lock.environment}",
        )


def confirm_ids(catalog: Catalog, lock: SchemaLock, registry: Registry, topics: Collection[str] = ()) -> bool:
    """Compare each locked id with what the registry holds; False when the registry cannot be asked now.

    Raises LockError when an id is unknown to the registry or means something else: a wrong registry, or one restored
    from an older state. Sending with such an id would make records nobody can read.
    """
    problems = []
    for spec in catalog.subjects:
        if not spec.topic or (topics and spec.topic not in topics):
            continue
        locked = lock.subjects[spec.subject]
        expected = f"id {locked.id} for {spec.type_name}"
        try:
            found = fingerprint(schema_of(registry, locked.id))
        except RegistryUnavailable:
            return False
        except SchemaNotFound:
            problems.append(Problem(path=spec.subject, expected=expected, found="no such id"))
            continue
        if found != locked.fingerprint:
            problems.append(Problem(path=spec.subject, expected=expected, found="another schema under that id"))
    if problems:
        raise LockError(
            f"the registry at {registry.name} does not hold what the schema lock says",
            problems=tuple(problems),
            hint=f"Is it the registry of this environment? If so, run: avroad apply -e {lock.environment}",
        )
    return True


def guids_of(
    catalog: Catalog, lock: SchemaLock, registry: Registry | None, topics: Collection[str] = ()
) -> Mapping[str, UUID]:
    """Return the GUIDs by subject for topics whose values are framed by one; the lock holds ids only.

    Raises ConfigError without a registry, RegistryError when it gives no GUIDs out, and RegistryUnavailable.
    """
    found = {}
    for spec in catalog.subjects:
        framing = catalog.topics[spec.topic].framing if spec.topic else Framing.ID
        if framing is Framing.ID or (topics and spec.topic not in topics):
            continue
        if registry is None:
            raise ConfigError(
                f"topic {spec.topic} has framing: {framing}", expected="a registry to ask for GUIDs", found="none"
            )
        locked = lock.subjects[spec.subject]
        guid = registry.version(spec.subject, locked.version).guid
        if guid is None:
            raise RegistryError(
                f"the registry at {registry.name} does not give out GUIDs, which topic {spec.topic} is framed by",
                hint="Confluent's does since 8.0. Use framing: id with this one.",
            )
        found[spec.subject] = guid
    return found
