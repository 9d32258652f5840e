"""What the registry in process does beside the suite of all registries: levels, deletion, reasons."""

from __future__ import annotations

import json

import pytest

from avroad.errors import RegistryCode, RegistryError, SchemaNotFound
from avroad.model import Dialect, Level, Reference
from avroad.registry import MemoryRegistry


def text(*fields: tuple[str, object], default: object = None) -> str:
    items = [{"name": name, "type": kind, **({} if default is None else {"default": default})} for name, kind in fields]
    return json.dumps({"type": "record", "name": "t.Jam", "fields": items})


ADDED = json.dumps(
    {"type": "record", "name": "t.Jam", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]}
)
ADDED_WITH_DEFAULT = text(("a", "int"), ("b", "int"), default=0)
ONE = text(("a", "int"))
NONE = text()

# from the version before to the new one: which levels let it pass
TRANSITIONS = [
    ("nothing changes", ONE, ONE, {"BACKWARD", "FORWARD", "FULL"}),
    ("a field with default is added", NONE, text(("a", "int"), default=1), {"BACKWARD", "FORWARD", "FULL"}),
    ("a field without default is added", ONE, ADDED, {"FORWARD"}),
    ("a field without default is removed", ADDED, ONE, {"BACKWARD"}),
    ("int becomes long", ONE, text(("a", "long")), {"BACKWARD"}),
    ("long becomes int", text(("a", "long")), ONE, {"FORWARD"}),
    ("int becomes string", ONE, text(("a", "string")), set[str]()),
    ("string becomes bytes", text(("a", "string")), text(("a", "bytes")), {"BACKWARD", "FORWARD", "FULL"}),
]


@pytest.mark.parametrize("level", ["BACKWARD", "FORWARD", "FULL"])
@pytest.mark.parametrize("transitive", [False, True])
@pytest.mark.parametrize("transition", TRANSITIONS, ids=[item[0] for item in TRANSITIONS])
def test_levels(level: str, transitive: bool, transition: tuple[str, str, str, set[str]]) -> None:
    name, before, after, levels = transition
    registry = MemoryRegistry(level=Level(level + "_TRANSITIVE" * transitive))
    registry.register("a", before)
    verdict = registry.check("a", after)
    assert verdict.compatible is (level in levels), name
    assert bool(verdict.reasons) is not verdict.compatible
    if verdict.compatible:
        registry.register("a", after)
    else:
        with pytest.raises(RegistryError) as caught:
            registry.register("a", after)
        assert caught.value.code is RegistryCode.INCOMPATIBLE


def test_transitive_levels_look_at_every_version() -> None:
    registry = MemoryRegistry()
    versions = (ONE, NONE, text(("a", "string"), default="x"))
    for item in versions[:2]:
        registry.register("a", item)
    registry.set_level("a", Level.BACKWARD_TRANSITIVE)
    verdict = registry.check("a", versions[2])
    assert verdict.compatible is False
    assert "version 1" in verdict.reasons[0]
    registry.set_level("a", Level.BACKWARD)
    assert registry.register("a", versions[2]).version == 3


def test_reasons_say_what_and_where() -> None:
    registry = MemoryRegistry()
    registry.register("a", ONE)
    (reason,) = registry.check("a", text(("a", "string"))).reasons
    assert reason == (
        "the new schema cannot read data of version 1: TYPE_MISMATCH reader type: STRING not compatible with "
        "writer type: INT at /fields/0/type"
    )


def test_a_silent_shift_passes_as_it_does_in_a_real_one() -> None:
    def at(unit: str) -> str:
        kind = {"type": "long", "logicalType": f"timestamp-{unit}"}
        return json.dumps({"type": "record", "name": "R", "fields": [{"name": "at", "type": kind}]})

    registry = MemoryRegistry()
    registry.register("a", at("millis"))
    assert registry.check("a", at("micros")).compatible
    assert registry.register("a", at("micros")).version == 2


def test_where_javas_checker_raises_nothing_is_registered() -> None:
    def fields(*fields: dict[str, object]) -> str:
        return json.dumps({"type": "record", "name": "R", "fields": list(fields)})

    registry = MemoryRegistry()
    registry.register("a", fields({"name": "a", "type": "int"}, {"name": "b", "type": "int"}))
    verdict = registry.check("a", fields({"name": "a", "type": "int", "aliases": ["b"]}))
    assert verdict.compatible is False
    assert "Unexpected exception during compatibility check" in verdict.reasons[0]


def test_a_removed_own_level_gives_the_global_one_again() -> None:
    registry = MemoryRegistry()
    registry.set_level("a", Level.FULL)
    registry.set_level("a", None)
    assert (registry.own_level("a"), registry.level("a")) == (None, Level.BACKWARD)


def test_version_numbers_are_not_given_twice() -> None:
    registry = MemoryRegistry()
    made = registry.register("a", ONE)
    assert registry.delete("a") == (1,)
    assert registry.subjects() == ()
    with pytest.raises(SchemaNotFound):
        registry.version("a")
    with pytest.raises(SchemaNotFound):
        registry.delete("a")
    assert registry.by_id(made.id).text == ONE
    assert registry.subjects_of(made.id) == (("a", 1),)
    again = registry.register("a", ONE)
    assert (again.version, again.id) == (2, made.id)


def test_what_is_referred_to_is_not_deleted() -> None:
    registry = MemoryRegistry()
    registry.register("leaf", json.dumps({"type": "fixed", "name": "t.Leaf", "size": 2}))
    top = json.dumps({"type": "record", "name": "t.Top", "fields": [{"name": "x", "type": "t.Leaf"}]})
    registry.register("top", top, (Reference(name="t.Leaf", subject="leaf", version=1),))
    with pytest.raises(RegistryError) as caught:
        registry.delete("leaf")
    assert (caught.value.code, caught.value.status) == (RegistryCode.REFERENCE_EXISTS, 422)
    registry.delete("top")
    assert registry.delete("leaf") == (1,)


def test_ids_differ_by_references() -> None:
    registry = MemoryRegistry(level=Level.NONE)
    for size in (2, 3):
        registry.register("leaf", json.dumps({"type": "fixed", "name": "t.Leaf", "size": size}))
    top = json.dumps({"type": "record", "name": "t.Top", "fields": [{"name": "x", "type": "t.Leaf"}]})
    made = [registry.register("top", top, (Reference(name="t.Leaf", subject="leaf", version=v),)) for v in (1, 2)]
    assert [item.version for item in made] == [1, 2]
    assert made[0].id != made[1].id


def test_it_says_what_it_is() -> None:
    registry = MemoryRegistry(name="memory:test")
    assert registry.name == "memory:test"
    assert registry.dialect() is Dialect.CONFLUENT
    registry.close()
    assert registry.subjects() == ()
