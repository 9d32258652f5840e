"""Generated classes: built frozen at the speed of plain ones, equal in every way to constructed ones."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.codec.classes import twin_of
from avroad.errors import StaleTypes
from avroad.schema import parse
from tests.unit.codec.support import EVENT, KIND, TYPES, Event, Kind, decode, encode, event, not_written, record


def test_a_decoded_event_is_the_event() -> None:
    sent = event(tags=("a", "b"), class_=3)
    body = encode(EVENT, sent, types=TYPES)
    read = decode(EVENT, body, types=TYPES)
    assert read == sent
    assert hash(read) == hash(sent)
    assert type(read) is Event
    assert type(read.kind) is Kind
    assert type(read.tags) is tuple
    assert read.class_ == 3


def test_a_decoded_event_is_frozen_and_can_be_copied_replaced_and_pickled() -> None:
    read = decode(EVENT, encode(EVENT, event(), types=TYPES), types=TYPES)
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.id = "other"
    assert dataclasses.replace(read, id="x").id == "x"
    assert copy.deepcopy(read) == read
    assert pickle.loads(pickle.dumps(read)) == read
    assert "class_=None" in repr(read)


def test_dicts_and_classes_give_the_same_bytes() -> None:
    sent = event(class_=1)
    plain = {
        "id": sent.id,
        "kind": "JAM",
        "at": sent.at,
        "class": 1,
        "tags": [],
        "place": {"road": "A19", "lat": 53.9, "lon": -1.1},
    }
    body = encode(EVENT, sent, types=TYPES)
    assert encode(EVENT, plain) == body
    assert encode(EVENT, plain, types=TYPES) == body
    assert encode(EVENT, {**plain, "place": sent.place, "kind": Kind.JAM}, types=TYPES) == body
    assert decode(EVENT, body) == plain


def test_errors_name_the_wire_field() -> None:
    assert not_written(EVENT, event(class_="x"), types=TYPES).path == "$.class"
    assert not_written(EVENT, event(tags=("a", 1)), types=TYPES).path == "$.tags[1]"
    assert not_written(EVENT, event(kind="JAMM"), types=TYPES).hint == 'Did you mean "JAM"?'
    assert not_written(EVENT, object.__new__(Event), types=TYPES).path == "$.id"


@pytest.mark.parametrize(
    ("change", "path", "hint"),
    [
        ({"speeed": 5}, "$", ""),
        ({"tag": []}, "$", 'Did you mean "tags"?'),
        ({1: 2}, "$", ""),
    ],
)
def test_unknown_keys_are_refused_with_a_suggestion(change: dict[Any, Any], path: str, hint: str) -> None:
    plain = decode(EVENT, encode(EVENT, event(), types=TYPES))
    error = not_written(EVENT, {**plain, **change})
    assert (error.path, error.hint) == (path, hint)
    assert "only fields of t.Event" in error.expected


def test_missing_keys_are_refused_even_where_the_schema_has_a_default() -> None:
    plain = decode(EVENT, encode(EVENT, event(), types=TYPES))
    for name in plain:
        without = {key: value for key, value in plain.items() if key != name}
        assert not_written(EVENT, without).path == f"$.{name}"
        assert not_written(EVENT, {**without, "zz": 1}).path == "$"


def test_the_fast_way_of_building_is_used_for_generated_classes() -> None:
    names = tuple(field.name for field in dataclasses.fields(Event))
    twin = twin_of(Event, names)
    assert twin is not None
    built = twin()
    for name in names:
        setattr(built, name, getattr(event(), name))
    object.__setattr__(built, "__class__", Event)
    assert built == event()


@dataclass(frozen=True, kw_only=True)
class WithDict:
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithCheck:
    x: int
    made: ClassVar[list[int]] = []

    def __post_init__(self) -> None:
        self.made.append(self.x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    pass


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Weak:
    x: int


@pytest.mark.parametrize("cls", [WithDict, WithCheck, Derived, Weak])
def test_classes_of_another_layout_are_built_by_their_constructor(cls: type) -> None:
    assert twin_of(cls, ("x",)) is None
    node = record(("x", "int"), name="t.X")
    WithCheck.made.clear()
    read = decode(node, "06", types={"t.X": cls})
    assert read == cls(x=3)
    assert type(read) is cls
    assert WithCheck.made in ([], [3, 3])
    assert encode(node, read, types={"t.X": cls}).hex() == "06"


def test_attributes_that_are_no_plain_identifiers_work() -> None:
    cls = dataclasses.make_dataclass("Odd", [("größe", int)], frozen=True, slots=True, kw_only=True)
    cls.__avro_names__ = {"größe": "size"}  # type: ignore[attr-defined]
    node = record(("size", "int"), name="t.X")
    read = decode(node, "06", types={"t.X": cls})
    assert getattr(read, "größe") == 3  # noqa: B009 - the name is the point
    assert encode(node, read, types={"t.X": cls}).hex() == "06"


class Half(StrEnum):
    JAM = "JAM"


@pytest.mark.parametrize(
    ("node", "types", "found"),
    [
        (record(("x", "int"), ("y", "int"), name="t.X"), {"t.X": WithDict}, "difference in y"),
        (record(("z", "int"), name="t.X"), {"t.X": Base}, "difference in x, z"),
        (record(("x", "int"), name="t.X"), {"t.X": int}, "int"),
        (KIND, {"t.Kind": Half}, "UNKNOWN, ACCIDENT"),
        (KIND, {"t.Kind": str}, "UNKNOWN, JAM, ACCIDENT"),
    ],
)
def test_a_class_that_no_longer_fits_is_refused_when_the_codec_is_built(
    node: Any, types: dict[str, type], found: str
) -> None:
    for build in (encoder_for, decoder_for):
        with pytest.raises(StaleTypes, match=found):
            build(parse(node), types=types)


def test_types_without_a_class_stay_plain_inside_classes() -> None:
    some: dict[str, type] = {"t.Event": Event}
    read: Any = decode(EVENT, encode(EVENT, event(), types=TYPES), types=some)
    assert type(read).__name__ == "Event"
    assert read.place == {"road": "A19", "lat": 53.9, "lon": -1.1}
    assert type(read.kind) is str


def test_class_defaults_are_whole_and_not_shared() -> None:
    reader = record(
        (
            "place",
            record(("road", "string", "none"), ("lat", "double", 1), ("lon", "double"), name="t.Place"),
            {"lon": 2},
        ),
        ("kind", KIND, "JAM"),
        ("tags", {"type": "array", "items": "string"}, ["a"]),
        ("marks", {"type": "map", "values": {"type": "array", "items": "int"}}, {"k": [1]}),
    )
    decoder = decoder_for(parse(record()), parse(reader), types=TYPES)
    first, second = decoder.decode(b""), decoder.decode(b"")
    assert first == second
    assert first["place"] == TYPES["t.Place"](road="none", lat=1.0, lon=2.0)
    assert first["kind"] is Kind.JAM
    assert first["tags"] == ("a",)
    assert first["marks"] == {"k": (1,)}
    assert first["marks"] is not second["marks"]
