"""References followed: diamonds once, circles refused, versions told apart, limits kept."""

from __future__ import annotations

import gc
import json
import weakref

import pytest

from avroad.errors import SchemaNotFound, SchemaSyntaxError
from avroad.model import Level, Reference, RegisteredSchema, SchemaText
from avroad.registry import MemoryRegistry, schema_of
from avroad.registry.resolve import Resolver
from avroad.schema import Limits, Record


def record(name: str, **fields: object) -> str:
    items = [{"name": key, "type": value} for key, value in fields.items()]
    return json.dumps({"type": "record", "name": name, "fields": items})


def to(name: str, version: int = 1) -> Reference:
    return Reference(name=name, subject=name, version=version)


class Counting(MemoryRegistry):
    """Counts reads, and can be made to refer to anything."""

    def __init__(self) -> None:
        super().__init__(level=Level.NONE)
        self.read: list[tuple[str, int | None]] = []
        self.forged: dict[str, SchemaText] = {}

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        self.read.append((subject, version))
        if subject in self.forged:
            content = self.forged[subject]
            return RegisteredSchema(
                subject=subject, version=version or 1, id=77, text=content.text, references=content.references
            )
        return super().version(subject, version)

    def by_id(self, schema_id: int) -> SchemaText:
        return self.forged["top"] if schema_id == 77 and "top" in self.forged else super().by_id(schema_id)


def fields_of(schema: object) -> dict[str, object]:
    assert isinstance(schema, Record)
    return {field.name: field.type for field in schema.fields}


def test_a_diamond_is_read_once_and_its_tip_is_one_node() -> None:
    registry = Counting()
    registry.register("t.Leaf", record("t.Leaf", x="int"))
    registry.register("t.Left", record("t.Left", leaf="t.Leaf"), (to("t.Leaf"),))
    registry.register("t.Right", record("t.Right", leaf="t.Leaf"), (to("t.Leaf"),))
    made = registry.register("top", record("t.Top", l="t.Left", r="t.Right"), (to("t.Left"), to("t.Right")))
    registry.read.clear()
    top = fields_of(schema_of(registry, made.id))
    assert fields_of(top["l"])["leaf"] is fields_of(top["r"])["leaf"]
    assert sorted(registry.read) == [("t.Leaf", 1), ("t.Left", 1), ("t.Right", 1)]
    assert schema_of(registry, made.id) is schema_of(registry, made.id)
    assert len(registry.read) == 3


def test_types_declared_inside_a_referenced_schema_are_known_too() -> None:
    registry = Counting()
    inner = {"type": "record", "name": "t.Inner", "fields": [{"name": "x", "type": "int"}]}
    registry.register("t.Outer", record("t.Outer", i=inner, u=["null", {"type": "array", "items": "t.Inner"}]))
    made = registry.register("top", record("t.Top", direct="t.Inner", o="t.Outer"), (to("t.Outer"),))
    top = fields_of(schema_of(registry, made.id))
    assert top["direct"] is fields_of(top["o"])["i"]


def test_a_circle_is_an_error_that_shows_it() -> None:
    registry = Counting()
    registry.forged = {
        "top": SchemaText(text=record("t.Top", a="t.A"), references=(to("t.A"),)),
        "t.A": SchemaText(text=record("t.A", b="t.B"), references=(to("t.B"),)),
        "t.B": SchemaText(text=record("t.B", a="t.A"), references=(to("t.A"),)),
    }
    with pytest.raises(SchemaSyntaxError, match=r"t\.A v1 -> t\.B v1 -> t\.A v1"):
        schema_of(registry, 77)


def test_a_schema_that_refers_to_itself_is_a_circle() -> None:
    registry = Counting()
    registry.forged = {"top": SchemaText(text=record("t.Top", a="t.Top"), references=(to("top"),))}
    with pytest.raises(SchemaSyntaxError, match="top v1 -> top v1"):
        schema_of(registry, 77)


def test_a_chain_without_end_is_cut_off() -> None:
    registry = Counting()
    registry.forged = {
        f"s{index}": SchemaText(text=record(f"t.S{index}", n=f"t.S{index + 1}"), references=(to(f"s{index + 1}"),))
        for index in range(60)
    }
    registry.forged["top"] = registry.forged["s0"]
    with pytest.raises(SchemaSyntaxError, match="at most 32 levels"):
        schema_of(registry, 77)
    assert len(registry.read) <= 33


def test_two_meanings_of_one_name_are_refused() -> None:
    registry = Counting()
    registry.register("t.Leaf", record("t.Leaf", x="int"))
    registry.register("t.Leaf", record("t.Leaf", x="long"))
    registry.register("t.Left", record("t.Left", leaf="t.Leaf"), (to("t.Leaf", 1),))
    registry.register("t.Right", record("t.Right", leaf="t.Leaf"), (to("t.Leaf", 2),))
    registry.forged["top"] = SchemaText(
        text=record("t.Top", l="t.Left", r="t.Right"), references=(to("t.Left"), to("t.Right"))
    )
    with pytest.raises(SchemaSyntaxError, match=r"one meaning of t\.Leaf.*through t\.Right version 1"):
        schema_of(registry, 77)


def test_two_versions_of_one_meaning_are_fine() -> None:
    registry = Counting()
    leaf = json.loads(record("t.Leaf", x="int"))
    registry.register("t.Leaf", json.dumps(leaf))
    registry.register("t.Leaf", json.dumps({**leaf, "doc": "Documented now."}))
    registry.register("t.Left", record("t.Left", leaf="t.Leaf"), (to("t.Leaf", 1),))
    registry.register("t.Right", record("t.Right", leaf="t.Leaf"), (to("t.Leaf", 2),))
    made = registry.register("top", record("t.Top", l="t.Left", r="t.Right"), (to("t.Left"), to("t.Right")))
    assert set(fields_of(schema_of(registry, made.id))) == {"l", "r"}


def test_what_is_missing_is_named() -> None:
    registry = Counting()
    with pytest.raises(SchemaNotFound, match="12345"):
        schema_of(registry, 12345)
    registry.forged["top"] = SchemaText(text=record("t.Top", a="t.Gone"), references=(to("t.Gone"),))
    with pytest.raises(SchemaNotFound, match=r"t\.Gone"):
        schema_of(registry, 77)
    registry.forged["top"] = SchemaText(text=record("t.Top", a="t.Gone"))
    with pytest.raises(SchemaSyntaxError, match="schema id 77 of memory:"):
        schema_of(registry, 77)


def test_a_schema_beyond_the_limits_is_refused_and_asked_for_again() -> None:
    registry = Counting()
    registry.forged["top"] = SchemaText(text=json.dumps({"type": "array", "items": "null"}))
    with pytest.raises(SchemaSyntaxError, match="at least one byte"):
        schema_of(registry, 77)
    registry.forged["top"] = SchemaText(text='"int"')
    assert schema_of(registry, 77) is not None


def test_recursion_is_read_where_it_is_allowed() -> None:
    registry = Counting()
    made = registry.register("t.Tree", record("t.Tree", next=["null", "t.Tree"]))
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        schema_of(registry, made.id)
    tree = schema_of(registry, made.id, limits=Limits(recursion=True))
    assert set(fields_of(tree)) == {"next"}
    with pytest.raises(SchemaSyntaxError):
        schema_of(registry, made.id)


def test_what_is_lenient_in_foreign_schemas_is_read() -> None:
    registry = Counting()
    odd = {"type": "record", "name": "t.Odd", "fields": [{"name": "x", "type": "int", "default": "none"}]}
    registry.forged["top"] = SchemaText(text=json.dumps(odd))
    assert "x" in fields_of(schema_of(registry, 77))


def test_the_cache_is_bounded_and_does_not_keep_a_registry_alive() -> None:
    registry = Counting()
    resolver = Resolver(registry, capacity=2)
    ids = [registry.register(f"s{index}", record(f"t.S{index}")).id for index in range(4)]
    first = resolver.schema(ids[0])
    for schema_id in ids[1:]:
        resolver.schema(schema_id)
    assert resolver.schema(ids[0]) is not first
    assert len(resolver._schemas) == 2
    schema_of(registry, ids[0])
    gone = weakref.ref(registry)
    del registry
    gc.collect()
    assert gone() is None
