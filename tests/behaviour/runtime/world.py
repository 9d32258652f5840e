"""A small world for runtime tests: two event types, three topics, a registry in process, records to read back."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from avroad.broker import open_sink, open_source
from avroad.consumer import Event, Runner, RunnerSettings, RunReport
from avroad.contracts import Catalog, EventType, LockedSubject, SchemaLock
from avroad.contracts.subjects import derive_subjects
from avroad.model import Level, OutgoingRecord, Record, SubjectStrategy, TopicSpec
from avroad.ports import Registry
from avroad.producer import ProducerSettings, Publisher
from avroad.registry import MemoryRegistry, RegistrySettings, open_registry
from avroad.schema import Named, fingerprint, parse

ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "demo",
    "fields": [
        {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "order_id", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "pieces", "type": "int"},
    ],
}
REFUND: dict[str, Any] = {
    "type": "record",
    "name": "Refund",
    "namespace": "demo",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "reason", "type": "string", "default": ""},
    ],
}
STOCK: dict[str, Any] = {
    "type": "record",
    "name": "Stock",
    "namespace": "demo",
    "fields": [{"name": "shelf", "type": "string"}, {"name": "pieces", "type": "int"}],
}
MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def event_type(document: Mapping[str, Any]) -> EventType:
    text = json.dumps(document)
    schema = parse(text)
    assert isinstance(schema, Named)
    name = str(schema.name)
    return EventType(
        name=name, schema=schema, text=text, file=f"{name}.avsc", references=(), fingerprint=fingerprint(schema)
    )


def make_catalog(*documents: Mapping[str, Any], partitions: int = 2, max_bytes: int = 0, prefix: str = "") -> Catalog:
    types = {kind.name: kind for kind in (event_type(doc) for doc in documents or (ORDER, REFUND, STOCK))}
    config = {"max.message.bytes": str(max_bytes)} if max_bytes else {}
    orders = TopicSpec(
        name=f"{prefix}orders",
        partitions=partitions,
        subjects=SubjectStrategy.TOPIC_RECORD,
        values=("demo.Order", "demo.Refund"),
        key_from="order_id",
        time_from="at",
        config=config,
        dlq=f"{prefix}orders.dlq",
    )
    letters = TopicSpec(name=f"{prefix}orders.dlq", partitions=partitions, dlq_of=f"{prefix}orders")
    stock = TopicSpec(
        name=f"{prefix}stock",
        partitions=1,
        values=("demo.Stock",),
        key_from="shelf",
        compatibility=Level.NONE,
        config={"cleanup.policy": "compact"},
    )
    topics = {spec.name: spec for spec in (orders, letters, stock)}
    return Catalog(types=types, topics=topics, subjects=derive_subjects(types, topics.values()))


def register(catalog: Catalog, registry: Registry) -> SchemaLock:
    """Register every subject as apply does and return the lock."""
    subjects = {}
    for spec in catalog.subjects:
        kind = catalog.type(spec.type_name)
        done = registry.register(spec.subject, kind.text)
        subjects[spec.subject] = LockedSubject(version=done.version, id=done.id, fingerprint=kind.fingerprint)
    return SchemaLock(environment="test", registry="http://registry.test", cluster_id="mock", subjects=subjects)


def order(number: int, *, order_id: str = "") -> dict[str, Any]:
    return {
        "event_id": uuid.UUID(int=number + 1),
        "order_id": order_id or f"o-{number % 7}",
        "at": MOMENT,
        "pieces": number,
    }


@dataclass
class World:
    """One cluster with its catalog, registry and lock, and short ways to use them.

    registry_url: of a real registry, to which each runner then gets a client of its own, because it closes it.
    """

    kafka: Mapping[str, str]
    catalog: Catalog = field(default_factory=make_catalog)
    registry: Any = field(default_factory=MemoryRegistry)
    prefix: str = ""
    registry_url: str = ""
    lock: SchemaLock = field(init=False)

    def __post_init__(self) -> None:
        self.lock = register(self.catalog, self.registry)

    @contextmanager
    def publisher(
        self, settings: ProducerSettings | None = None, kafka: Mapping[str, str] | None = None
    ) -> Iterator[Publisher]:
        publisher = Publisher(
            catalog=self.catalog,
            lock=self.lock,
            sink=open_sink({**self.kafka, **(kafka or {})}),
            source_uri="urn:test",
            registry=self.registry,
            settings=settings,
        )
        try:
            yield publisher
        finally:
            publisher.close(5)

    def send_orders(self, numbers: Iterable[int]) -> None:
        with self.publisher() as publisher:
            futures = [publisher.send(order(n), type_name="demo.Order") for n in numbers]
            assert publisher.flush(10) == 0
            assert {future.result().outcome for future in futures} == {"acked"}

    def send_raw(self, *records: OutgoingRecord) -> None:
        sink = open_sink(self.kafka)
        results: list[Any] = []
        for record in records:
            assert sink.produce(record, results.append)
        assert sink.flush(10) == 0
        sink.close(5)
        assert [result.outcome for result in results] == ["acked"] * len(records)

    def runner(
        self,
        handler: Callable[[Event], None],
        *,
        registry: Any = None,
        kafka: Mapping[str, str] | None = None,
        lock: SchemaLock | None = None,
        letters_kafka: Mapping[str, str] | None = None,
        on_poison: Callable[[Record, Any], None] | None = None,
        hooks: tuple[Any, ...] = (),
        **settings: Any,
    ) -> Runner:
        merged = {
            "topics": (f"{self.prefix}orders",),
            "group": f"{self.prefix}g",
            "poll_s": 0.05,
            "retry_base_s": 0.01,
            "retry_cap_s": 0.05,
        }
        values = RunnerSettings(**{**merged, **settings})
        config = {**self.kafka, **(kafka or {})}
        sink = open_sink({**self.kafka, **(letters_kafka or {})}) if values.group else None
        return Runner(
            catalog=self.catalog,
            registry=registry or self._fresh_registry(),
            source=open_source(config, values.group),
            settings=values,
            handler=handler,
            dead_letters=sink,
            lock=lock,
            on_poison=on_poison,
            hooks=hooks,
        )

    def _fresh_registry(self) -> Any:
        return open_registry(RegistrySettings(urls=(self.registry_url,))) if self.registry_url else self.registry

    def read(self, topic: str) -> list[Record]:
        """Return everything in a topic now, by partition and offset."""
        source = open_source(self.kafka, "")
        topic = f"{self.prefix}{topic}"
        keys = [(topic, number) for number in range(source.partitions(topic))]
        ends = {key: source.watermarks(key)[1] for key in keys}
        left = sum(ends.values())
        source.assign(dict.fromkeys(keys, 0))
        records: list[Record] = []
        for _ in range(200):
            if len(records) >= left:
                break
            records += source.poll(0.1, 500)
        source.close(5)
        assert len(records) == left
        return sorted(records, key=lambda r: (r.partition, r.offset))

    def committed(self, topic: str = "orders") -> dict[int, int]:
        source = open_source(self.kafka, f"{self.prefix}g")
        topic = f"{self.prefix}{topic}"
        found = source.committed([(topic, number) for number in range(source.partitions(topic))])
        source.close(5)
        return {partition: offset for (_, partition), offset in found.items() if offset is not None}


class Running:
    """A runner in a thread of its own; leaving the block stops it and keeps its report or error."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.stop = threading.Event()
        self.report: RunReport | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.report = self.runner.run(self.stop)
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            self.error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> RunReport:
        self.stop.set()
        self._thread.join(40)
        assert not self._thread.is_alive(), "the runner did not end"
        if self.error is not None:
            raise self.error
        assert self.report is not None
        return self.report

    def wait_error(self, timeout_s: float = 20) -> BaseException:
        self._thread.join(timeout_s)
        assert self.error is not None, "the runner did not fail"
        error, self.error = self.error, None
        self.report = RunReport(handled=0, poisoned=0, retried=0, committed={}, left=(), closed=True, elapsed_s=0)
        return error


def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for a condition, looking every 20 ms, and fail when it does not come."""
    waiter = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return
        waiter.wait(0.02)
    raise AssertionError("the condition did not come true in time")
