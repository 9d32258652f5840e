"""Topics whose values name their schema by GUID, in a header or before the body: with Confluent's own serializers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from avroad.codec import encoder_for
from avroad.codec.dead_letter import parse_dead_letter
from avroad.consumer import Event
from avroad.contracts import Catalog
from avroad.errors import ConfigError, RegistryError, RegistryUnavailable
from avroad.model import Dialect, Framing, Headers, OutgoingRecord
from avroad.producer import ProducerSettings, Publisher
from avroad.registry import RegistrySettings, open_registry
from avroad.testing.mock_cluster import MockCluster
from avroad.testing.registry_double import FaultKind, RegistryDouble
from avroad.wire import frame_of, schema_header
from tests.behaviour.runtime.world import ORDER, Running, World, event_type, make_catalog, order, until

SUBJECT = "orders-demo.Order"
NEWER = {**ORDER, "fields": [*ORDER["fields"], {"name": "note", "type": "string", "default": ""}]}


def framed_catalog(framing: Framing) -> Catalog:
    catalog = make_catalog()
    topics = {**catalog.topics, "orders": replace(catalog.topics["orders"], framing=framing)}
    return replace(catalog, topics=topics)


@dataclass
class Place:
    """A cluster and a registry over HTTP; `framing` is that of the topic of orders."""

    cluster: MockCluster
    double: RegistryDouble
    clients: list[Any] = field(default_factory=list)

    def client(self) -> Any:
        self.clients.append(open_registry(RegistrySettings(urls=(self.double.url,), max_retries=0)))
        return self.clients[-1]

    def world(self, framing: Framing) -> World:
        kafka = {"bootstrap.servers": self.cluster.bootstrap_servers, "socket.timeout.ms": "5000"}
        return World(kafka, catalog=framed_catalog(framing), registry=self.client())

    def guid(self) -> UUID:
        return self.double.registry.guid_of(self.double.registry.version(SUBJECT, 1).id)


@pytest.fixture
def place(cluster: MockCluster) -> Iterator[Place]:
    with RegistryDouble() as double:
        made = Place(cluster, double)
        yield made
        for client in made.clients:
            client.close()


def confluent_order(place: Place, number: int) -> OutgoingRecord:
    """Return an order as Confluent's serializer writes it, its GUID in a header."""
    serializer: Any = AvroSerializer  # typed as a class without arguments
    settings = {
        "auto.register.schemas": False,
        "subject.name.strategy": lambda *_: SUBJECT,
        "schema.id.serializer": header_schema_id_serializer,
    }
    headers: Any = []
    with SchemaRegistryClient({"url": place.double.url}) as client:
        write = serializer(client, event_type(ORDER).text, conf=settings)
        value = write(order(number), SerializationContext("orders", MessageField.VALUE, headers))
    return OutgoingRecord(topic="orders", key=b"k", value=value, headers=tuple(headers))


def handled(world: World, place: Place, count: int, **more: Any) -> list[Event]:
    events: list[Event] = []
    with Running(world.runner(events.append, registry=place.client(), **more)) as running:
        until(lambda: len(events) >= count or running.error)
    return events


def body(document: Mapping[str, Any], event: Mapping[str, Any]) -> bytes:
    return encoder_for(event_type(document).schema).encode(event)


@pytest.mark.parametrize("framing", [Framing.HEADER, Framing.EITHER])
def test_what_confluent_writes_with_the_guid_in_a_header_is_handled(place: Place, framing: Framing) -> None:
    world = place.world(framing)
    sent = [confluent_order(place, number) for number in range(3)]
    assert sent[0].headers == (schema_header(place.guid()),)
    world.send_raw(*sent)
    for lock in (None, world.lock):
        events = handled(world, place, 3, lock=lock, group=f"g{lock is None}")
        assert [event.value for event in events] == [order(number) for number in range(3)]
        assert {(e.schema_id, e.schema_version, e.subject) for e in events} == {
            (world.lock.subjects[SUBJECT].id, 1, SUBJECT)
        }
    assert world.read("orders.dlq") == []


@pytest.mark.parametrize("framing", [Framing.HEADER, Framing.EITHER])
def test_confluent_reads_what_the_publisher_writes_with_the_guid_in_a_header(place: Place, framing: Framing) -> None:
    world = place.world(framing)
    stale: Headers = (("__value_schema_id", b"\0\0\0\0\7"), ("mine", b"1"))
    with world.publisher() as publisher:
        publisher.send(order(1), type_name="demo.Order", headers=stale).result(10)
    (record,) = world.read("orders")
    assert record.value == body(ORDER, order(1))
    assert [value for name, value in record.headers if name == "__value_schema_id"] == [frame_of(place.guid())]
    assert ("mine", b"1") in record.headers
    deserializer: Any = AvroDeserializer
    context = SerializationContext("orders", MessageField.VALUE, list(record.headers))
    with SchemaRegistryClient({"url": place.double.url}) as client:
        assert deserializer(client)(record.value, context) == order(1)
    assert [event.value for event in handled(world, place, 1)] == [order(1)]


def test_a_guid_before_the_body_is_written_and_read(place: Place) -> None:
    world = place.world(Framing.GUID)
    with world.publisher() as publisher:
        publisher.send(order(1), type_name="demo.Order").result(10)
    (record,) = world.read("orders")
    assert record.value == frame_of(place.guid()) + body(ORDER, order(1))
    assert not any(name == "__value_schema_id" for name, _ in record.headers)
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=frame_of(1) + body(ORDER, order(2)), partition=1))
    values = [event.value for event in handled(world, place, 2)]
    assert sorted(value["pieces"] for value in values if isinstance(value, dict)) == [1, 2]


def test_a_topic_that_changed_its_form_is_read_in_both(place: Place) -> None:
    world = place.world(Framing.EITHER)
    prefixed = OutgoingRecord(topic="orders", key=b"k", value=frame_of(1) + body(ORDER, order(1)))
    world.send_raw(prefixed, confluent_order(place, 2))
    events = handled(world, place, 2)
    assert [event.value for event in events] == [order(1), order(2)]
    assert world.read("orders.dlq") == []


def test_a_newer_version_is_found_by_its_guid_and_read_as_ours(place: Place) -> None:
    world = place.world(Framing.HEADER)
    made = place.double.registry.register(SUBJECT, event_type(NEWER).text)
    value = body(NEWER, {**order(1), "note": "x"})
    header = schema_header(place.double.registry.guid_of(made.id))
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=value, headers=(header,)))
    (event,) = handled(world, place, 1)
    assert (event.value, event.schema_id, event.schema_version) == (order(1), made.id, 2)


@pytest.mark.parametrize(
    ("framing", "headers", "says"),
    [
        (Framing.ID, True, "there is a header __value_schema_id, but the header form is not enabled"),
        (Framing.GUID, True, "there is a header __value_schema_id, but the header form is not enabled"),
        (Framing.HEADER, False, "expected the schema in the header __value_schema_id, found no header"),
    ],
    ids=["id", "guid", "no header"],
)
def test_the_other_form_is_poison_that_says_so(place: Place, framing: Framing, headers: bool, says: str) -> None:
    world = place.world(framing)
    record = confluent_order(place, 1)
    # A body that begins with neither magic byte, so that nothing of it passes for a frame.
    record = replace(record, value=b"\x48" + bytes(40), headers=record.headers if headers else ())
    world.send_raw(record)
    with Running(world.runner(lambda _: None, registry=place.client())):
        until(lambda: world.read("orders.dlq"))
    (letter,) = world.read("orders.dlq")
    found = parse_dead_letter(letter.headers)
    assert found is not None
    assert found.poison == "malformed"
    assert says in found.error
    assert (letter.value, found.original) == (record.value, record.headers)


def test_a_guid_of_another_topic_is_a_broken_contract(place: Place) -> None:
    world = place.world(Framing.HEADER)
    stock = place.double.registry.guid_of(place.double.registry.version("stock-value", 1).id)
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=b"\2a\2", headers=(schema_header(stock),)))
    with Running(world.runner(lambda _: None, registry=place.client())):
        until(lambda: world.read("orders.dlq"))
    found = parse_dead_letter(world.read("orders.dlq")[0].headers)
    assert found is not None
    assert (found.poison, found.error) == (
        "contract", f"schema GUID {stock} is not registered under a subject of orders"
    )  # fmt: skip


def test_an_unknown_guid_is_poison_after_its_grace(place: Place) -> None:
    world = place.world(Framing.HEADER)
    header = schema_header(UUID(int=7))
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=b"", headers=(header,)))
    with Running(world.runner(lambda _: None, registry=place.client(), unknown_id_grace_s=0.05)):
        until(lambda: world.read("orders.dlq"))
    found = parse_dead_letter(world.read("orders.dlq")[0].headers)
    assert found is not None
    assert found.poison == "schema_unknown"
    assert f"schema GUID {UUID(int=7)} is not known to the registry" in found.error


def test_an_outage_pauses_and_loses_nothing(place: Place) -> None:
    world = place.world(Framing.HEADER)
    world.send_raw(confluent_order(place, 1))
    place.double.fail(FaultKind.STATUS, status=503, path="/schemas/guids", times=3)
    (event,) = handled(world, place, 1)
    assert event.value == order(1)
    assert world.read("orders.dlq") == []


@pytest.mark.parametrize("dialect", [Dialect.APICURIO, Dialect.KARAPACE])
def test_a_registry_without_guids_is_named_by_both_sides(cluster: MockCluster, dialect: Dialect) -> None:
    with RegistryDouble(dialect=dialect) as double:
        world = Place(cluster, double).world(Framing.HEADER)
        with pytest.raises(RegistryError, match="give out GUIDs, which topic orders is") as refused, world.publisher():
            pass
        assert "framing: id" in refused.value.hint
        world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=b"", headers=(schema_header(UUID(int=7)),)))
        with Running(world.runner(lambda _: None)) as running:
            error = running.wait_error()
        assert isinstance(error, RegistryError)
        assert "does not give out GUIDs" in str(error)
        assert set(world.committed().values()) == {0}, "the record is still there for a registry that can tell"


def test_a_publisher_asks_for_guids_only_where_a_topic_needs_them(place: Place) -> None:
    world = place.world(Framing.HEADER)
    make: Any = {"catalog": world.catalog, "lock": world.lock, "sink": None, "source_uri": "urn:test"}
    with pytest.raises(ConfigError, match="topic orders has framing: header"):
        Publisher(**make)
    place.double.fail(FaultKind.STATUS, status=503, path="/subjects", times=99)
    with pytest.raises(RegistryUnavailable):
        Publisher(**make, registry=world.registry)
    Publisher(**make, topics=("stock",), settings=ProducerSettings(background_poll=False))
