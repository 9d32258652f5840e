"""Unions of many records: what is put off there changes nothing, and saves most of the work."""

from __future__ import annotations

import random
from typing import Any

import pytest

from avroad.contracts.compat import compare
from avroad.contracts.compat.java import JavaChecker
from avroad.schema import Schema, parse


def flat(rng: random.Random, name: str) -> dict[str, Any]:
    kinds: tuple[Any, ...] = (
        "int",
        "long",
        "string",
        ["null", "int"],
        ["int", "string"],
        {"type": "array", "items": "int"},
    )
    fields = [{"name": n, "type": rng.choice(kinds)} for n in rng.sample("abcd", rng.randrange(4))]
    for field in fields:
        if rng.random() < 0.1:
            field["aliases"] = [rng.choice("abcde")]
    return {"type": "record", "name": name, "fields": fields}


def side(rng: random.Random) -> Schema:
    """Draw records in a union, and the same ones again outside of it, in any order."""
    names = [f"{rng.choice('mn')}.T{i}" for i in rng.sample(range(6), 3)]
    declared = [flat(rng, name) for name in names]
    if rng.random() < 0.3:
        declared[0]["aliases"] = ["n.T1"]
    if rng.random() < 0.3:
        declared[1]["fields"].append({"name": "inner", "type": names[0]})
    uses: list[Any] = [declared, *rng.choices(names, k=3), [names[2], names[0]]]
    if rng.random() < 0.4:
        uses = [*declared, *rng.sample([names, names[1], names[0], [names[2], "null"]], 3)]
    fields = [{"name": f"f{i}", "type": use} for i, use in enumerate(uses)]
    whole: Any = {"type": "record", "name": "R", "fields": fields}
    return parse(whole, strict=False)


def answer(reader: Schema, writer: Schema) -> list[tuple[str, str, str]] | None:
    report = compare(reader, writer)
    if report.compatible is None:
        return None
    return [(f.type.value, f.pointer, f.message) for f in report.findings if f.type is not None]


def test_what_is_put_off_is_found_as_if_it_had_not_been(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(20_260_503)
    pairs = [(side(rng), side(rng)) for _ in range(600)]
    put_off = [answer(*pair) for pair in pairs]
    monkeypatch.setattr(JavaChecker, "_is_flat", lambda *_: False)
    assert put_off == [answer(*pair) for pair in pairs]
    assert sum(1 for found in put_off if found) > 300


def test_a_union_of_many_records_is_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def union(more: list[Any]) -> Schema:
        fields = [{"name": "a", "type": "int"}, *more]
        return parse([{"type": "record", "name": f"n.T{i}", "fields": fields} for i in range(60)])

    compared: list[Schema] = []
    fields = JavaChecker._fields

    def counted(self: JavaChecker, reader: Any, writer: Any, place: Any) -> Any:
        compared.append(reader)
        return fields(self, reader, writer, place)

    monkeypatch.setattr(JavaChecker, "_fields", counted)
    assert compare(union([{"name": "b", "type": "int", "default": 0}]), union([])).compatible
    assert len(compared) < 200, "60 are of equal names"
