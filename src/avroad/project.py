"""The composition root: contracts and an environment wired to edges and behaviour."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avroad.codec.dead_letter import Failure
from avroad.config import Environment, load_environment, state_dir
from avroad.consumer import Event, Runner, RunnerSettings, read_to_end
from avroad.contracts import Catalog, SchemaLock, load_catalog, read_lock, require_cluster
from avroad.errors import LockError
from avroad.model import ClusterState, Record
from avroad.ports import ClusterAdmin, Hook, RecordSink, RecordSource, Registry, ScratchAdmin, ScratchRegistry
from avroad.producer import ProducerSettings, Publisher

__all__ = ["Project", "open_project"]

_CLOSE_S: Final = 5.0
_QUICK: Final[Mapping[str, str]] = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "300"}
"""The shortest session that brokers allow unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One repository in one environment; every method opens a new client, which its caller closes.

    Clients are imported when first asked for, so that commands that only read files stay fast.
    """

    root: Path
    catalog: Catalog
    environment: Environment

    def registry(self) -> Registry:
        """Return a registry client with a disk cache of its own per environment. Raises ConfigError."""
        return self.scratch_registry()

    def scratch_registry(self) -> ScratchRegistry:
        """Return what `registry` does, with the right to take away what a rehearsal made. Raises ConfigError."""
        from avroad.registry import from_config, open_registry  # noqa: PLC0415  # loads the HTTP client

        # The identity keeps ids of a registry that was wiped apart from those of its successor at the same address.
        settings = from_config(
            self.environment.registry_config(),
            cache_dir=state_dir(self.root) / self.environment.name / "registry",
            identity=self.environment.cluster_id,
        )
        return open_registry(settings)

    def cluster_admin(self) -> ClusterAdmin:
        """Return a cluster administrator. Raises ConfigError."""
        return self.scratch_admin()

    def scratch_admin(self) -> ScratchAdmin:
        """Return what `cluster_admin` does, with the right to take away what a rehearsal made. Raises ConfigError."""
        from avroad.broker import open_admin  # noqa: PLC0415  # loads the Kafka client

        return self.environment.kafka_client(open_admin)

    def observe(self, topics: Sequence[str] | None = None, lock: SchemaLock | None = None) -> ClusterState:
        """Return what `ClusterAdmin.observe` does, of no other cluster than this environment's, and that of `lock`.

        Raises ConfigError, ClusterMismatch, BrokerUnavailable, BrokerError.
        """
        state = self.cluster_admin().observe(topics)
        self._require(state.cluster_id, lock)
        return state

    def sink(self) -> RecordSink:
        """Return a producer of raw records, once its cluster proved to be that of this environment and its lock.

        Raises ConfigError, LockError, ClusterMismatch, BrokerUnavailable.
        """
        from avroad.broker import open_sink  # noqa: PLC0415  # loads the Kafka client

        sink = self.environment.kafka_client(open_sink)
        try:
            self._guard(sink.cluster_id, self._lock_if_any())
        except BaseException:
            sink.close(1.0)
            raise
        return sink

    def source(self, group: str = "") -> RecordSource:
        """Return a consumer of raw records; without a group it can only be assigned, not subscribed.

        Its cluster proved to be that of this environment, with a group also that of the lock.
        Raises ConfigError, LockError, ClusterMismatch, BrokerUnavailable.
        """
        return self._source(group, self._lock_if_any() if group else None)

    def member(self, group: str) -> RecordSource:
        """Return what `source` does for a group that lives seconds: quick to notice who comes, who goes and who died.

        Raises ConfigError, LockError, ClusterMismatch, BrokerUnavailable.
        """
        config = self.environment.kafka_config()
        quick = _QUICK if config.get("group.protocol", "classic") == "classic" else {}
        return self._source(group, self._lock_if_any(), quick)

    def read_all(self, topics: Sequence[str]) -> Iterator[Record]:
        """Yield every record these topics hold now, raw, outside any group.

        Raises ConfigError, ClusterMismatch, BrokerUnavailable, BrokerError.
        """
        source = self.source()
        try:
            yield from read_to_end(source, topics)
        finally:
            source.close(_CLOSE_S)

    def lock(self) -> SchemaLock:
        """Return the schema lock of this environment. Raises LockError telling to apply first."""
        try:
            return read_lock(self.environment.lock)
        except LockError as error:
            if not self.environment.lock.exists():
                start = "avroad stack up, then " if self.environment.stack else ""
                error.hint = f"Run: {start}avroad apply -e {self.environment.name}; it writes the lock."
            raise

    def publisher(
        self,
        *,
        source_uri: str,
        types: Mapping[str, type] | None = None,
        topics: Collection[str] = (),
        settings: ProducerSettings | None = None,
        hooks: Sequence[Hook] = (),
    ) -> Publisher:
        """Return a publisher whose schema ids come from the lock and are confirmed by the registry when it answers.

        source_uri: who produces, for the `ce_source` header. types: generated classes by full name. topics: those
        that will be sent to, all when empty.
        Raises LockError, ConfigError, ClusterMismatch, BrokerUnavailable.
        """
        lock = self.lock()
        registry = self.registry()
        try:
            return Publisher(
                catalog=self.catalog,
                lock=lock,
                sink=self.sink(),
                source_uri=source_uri,
                types=types,
                topics=topics,
                registry=registry,
                settings=settings,
                hooks=hooks,
            )
        finally:
            registry.close()

    def runner(
        self,
        handler: Callable[[Event], None],
        settings: RunnerSettings,
        *,
        types: Mapping[str, type] | None = None,
        hooks: Sequence[Hook] = (),
        on_poison: Callable[[Record, Failure], None] | None = None,
    ) -> Runner:
        """Return a runner; with a group it commits and dead-letters, without one it changes nothing.

        types: generated classes by full name; plain dicts are handed over without.
        Raises ConfigError, LockError, ClusterMismatch, BrokerUnavailable.
        """
        lock = self._lock_if_any()  # a viewer's ids come from it too, so it is compared for a viewer as well
        return Runner(
            catalog=self.catalog,
            source=self._source(settings.group, lock),
            registry=self.registry(),
            settings=settings,
            handler=handler,
            dead_letters=self.sink() if settings.group else None,
            lock=lock,
            types=types,
            hooks=hooks,
            on_poison=on_poison,
        )

    def _source(self, group: str, lock: SchemaLock | None, more: Mapping[str, str] | None = None) -> RecordSource:
        from avroad.broker import open_source  # noqa: PLC0415  # loads the Kafka client

        source = self.environment.kafka_client(lambda config: open_source({**config, **(more or {})}, group))
        try:
            self._guard(source.cluster_id, lock)
        except BaseException:
            source.close(_CLOSE_S)
            raise
        return source

    def _lock_if_any(self) -> SchemaLock | None:
        return self.lock() if self.environment.lock.exists() else None

    def _guard(self, cluster_id: Callable[[str], str], lock: SchemaLock | None) -> None:
        """Ask a client which cluster it talks to, in one request, where anything says which it must be."""
        if self.environment.cluster_id or (lock is not None and lock.cluster_id):
            # Any topic will do: the id travels with its metadata, and with that of all topics when there is none.
            self._require(cluster_id(next(iter(self.catalog.topics), "")), lock)

    def _require(self, found: str, lock: SchemaLock | None) -> None:
        environment = self.environment
        require_cluster(found, environment=environment.name, bound=environment.cluster_id, lock=lock)


def open_project(
    root: Path, env: str = "local", *, overrides: Mapping[str, str] | None = None, config: Path | None = None
) -> Project:
    """Load the contracts of the folder `root` and its environment `env`; opens no connection.

    overrides: settings by name that win over all other sources (`bootstrap.servers`, `registry.url`).
    config: a settings file. Raises ContractError and ConfigError with every problem of every file.
    """
    catalog = load_catalog(root)
    environment = load_environment(root, env, overrides=overrides, config=config)
    return Project(root=root, catalog=catalog, environment=environment)
