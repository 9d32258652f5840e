"""From event to record: fields, keys, times, sizes, classes."""

from __future__ import annotations

import dataclasses
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from avroad.codec.envelope import parse_event
from avroad.errors import ContractError, EncodeError, StaleTypes, UnknownEventType
from avroad.producer.fields import event_time, field_reader, key_bytes
from avroad.producer.routes import Routes
from avroad.registry import MemoryRegistry
from tests.behaviour.runtime.world import MOMENT, make_catalog, order, register

NOW = datetime(2026, 5, 5, tzinfo=UTC)
CATALOG = make_catalog()
LOCK = register(CATALOG, MemoryRegistry())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the generator writes for demo.Order."""

    __avro_fullname__: ClassVar[str] = "demo.Order"
    __avro_fingerprint__: ClassVar[str] = CATALOG.type("demo.Order").fingerprint

    event_id: uuid.UUID
    order_id: str
    at: datetime
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A class whose Python names differ from the wire's."""

    __avro_names__: ClassVar[Any] = MappingProxyType({"class_": "class"})

    class_: str
    inner: Renamed | None = None


def routes(types: dict[str, type] | None = None) -> Routes:
    return Routes(catalog=CATALOG, lock=LOCK, types=types, source_uri="urn:x")


@pytest.mark.parametrize(
    ("event", "path", "found"),
    [
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": None}, "a.b", None),
        ({}, "a", None),
        (Renamed(class_="x"), "class", "x"),
        (Renamed(class_="x", inner=Renamed(class_="y")), "inner.class", "y"),
        ({"a": Renamed(class_="x")}, "a.class", "x"),
        (Renamed(class_="x"), "nothing", None),
    ],
)
def test_fields_are_read_by_wire_name_in_data_and_classes(event: object, path: str, found: object) -> None:
    assert field_reader(path, type(event))(event) == found


@pytest.mark.parametrize(
    ("value", "key"),
    [("ä", "ä".encode()), (b"\xff", b"\xff"), (12, b"12"), (uuid.UUID(int=1), str(uuid.UUID(int=1)).encode())],
)
def test_keys_have_one_spelling(value: object, key: bytes) -> None:
    assert key_bytes(value, "k") == key


@pytest.mark.parametrize("value", [None, "", b"", 1.5, True, ["a"]])
def test_a_key_without_one_is_refused(value: object) -> None:
    with pytest.raises(EncodeError, match=r"\$\.k"):
        key_bytes(value, "k")


def test_event_times_are_aware() -> None:
    assert event_time(MOMENT, "at") is MOMENT
    for wrong in (MOMENT.replace(tzinfo=None), "2026-03-01", None):
        with pytest.raises(EncodeError, match=r"expected an aware datetime.*\$\.at"):
            event_time(wrong, "at")


def test_a_class_and_plain_data_become_the_same_record() -> None:
    data = order(3)
    by_class = routes({"demo.Order": Order}).of(Order(**data), "", "")
    by_name = routes().of(data, "demo.Order", "")
    one, one_id = by_class.record(Order(**data), key=None, headers=(), now=NOW)
    two, two_id = by_name.record(data, key=None, headers=(), now=NOW)
    assert (one, one_id) == (two, two_id)
    event = parse_event(one.headers)
    assert event is not None
    assert event.time == MOMENT
    assert one.timestamp_ms == int(NOW.timestamp() * 1000)


def test_a_route_is_made_once() -> None:
    known = routes()
    assert known.of(order(1), "demo.Order", "") is known.of(order(2), "demo.Order", "")


def test_an_event_without_an_id_field_gets_a_time_ordered_one() -> None:
    refund = {"order_id": "o-1", "at": MOMENT, "reason": ""}
    route = routes().of(refund, "demo.Refund", "")
    before_ms = time.time_ns() // 1_000_000
    ids = [uuid.UUID(route.record(refund, key=None, headers=(), now=NOW)[1]) for _ in range(200)]
    assert {(made.version, made.variant) for made in ids} == {(7, uuid.RFC_4122)}
    moments = [made.int >> 80 for made in ids]
    assert moments == sorted(moments)
    assert before_ms <= moments[0]
    assert moments[-1] <= time.time_ns() // 1_000_000
    assert len(set(ids)) == 200


def test_a_key_given_by_hand_wins() -> None:
    record, _ = routes().of(order(1), "demo.Order", "").record(order(1), key="mine", headers=(), now=NOW)
    assert record.key == b"mine"


def test_a_stale_or_contradicting_class_is_refused() -> None:
    stale = type("Old", (), {"__avro_fullname__": "demo.Order", "__avro_fingerprint__": "other"})
    with pytest.raises(StaleTypes, match="avroad schema types"):
        routes().of(stale(), "", "")
    with pytest.raises(UnknownEventType, match=r"expected demo.Refund, found demo.Order"):
        routes().of(Order(**order(1)), "demo.Refund", "")


def test_a_topic_that_does_not_carry_the_type_is_refused() -> None:
    with pytest.raises(ContractError, match="does not carry"):
        routes().of(order(1), "demo.Order", "stock")
    with pytest.raises(UnknownEventType):
        routes().of(order(1), "demo.Order", "nowhere")


def test_a_compacted_topic_needs_a_key_even_without_a_declared_field() -> None:
    topics = dict(CATALOG.topics)
    topics["stock"] = dataclasses.replace(topics["stock"], key_from="")
    catalog = dataclasses.replace(CATALOG, topics=topics)
    found = Routes(catalog=catalog, lock=LOCK, types=None, source_uri="u")
    route = found.of({"shelf": "a", "pieces": 1}, "demo.Stock", "")
    with pytest.raises(EncodeError, match="the topic is compacted"):
        route.record({"shelf": "a", "pieces": 1}, key=None, headers=(), now=NOW)
    assert route.record({"shelf": "a", "pieces": 1}, key=b"a", headers=(), now=NOW)[0].key == b"a"


@pytest.mark.parametrize(
    "headers", [(), (("ä", b"12345"), ("note", None), ("ce_id", b"replaced"))], ids=["own", "more"]
)
@pytest.mark.parametrize("key", [None, "ключ"])
def test_all_parts_of_a_record_count_towards_its_size(key: str | None, headers: Any) -> None:
    route = routes().of(order(1), "demo.Order", "")
    record, _ = route.record(order(1), key=key, headers=headers, now=NOW)
    assert record.key is not None
    assert record.value is not None
    size = 128 + len(record.value) + len(record.key)
    size += sum(len(name) + len(content or b"") + 4 for name, content in record.headers)
    exact = dataclasses.replace(route, max_bytes=size)
    assert exact.record(order(1), key=key, headers=headers, now=NOW)[0] == record
    with pytest.raises(EncodeError, match=rf"expected at most {size - 1} bytes .*, found {size} bytes"):
        dataclasses.replace(route, max_bytes=size - 1).record(order(1), key=key, headers=headers, now=NOW)
