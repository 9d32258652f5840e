"""Pairs of schemas for compatibility checkers: evolution as in `pairs`, and what only a checker stumbles over.

On top of one to three ordinary changes come swapped, doubled and relative aliases, names that meet in two namespaces,
enums that lose their default, fields of enum type without one, names written in every spelling, either side as the
reader, and pairs that have nothing to do with each other.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from tests.oracle.disorder import disordered
from tests.oracle.pairs import Pairs

Node = dict[str, Any]
MAX_EXTRA = 3


class CompatPairs:
    """Draws (reader, writer) as JSON from one seeded source."""

    def __init__(self, rng: random.Random, *, disorder: float = 0) -> None:
        """disorder: the share of pairs with declarations out of order."""
        self._rng = rng
        self._pairs = Pairs(rng)
        self._disorder = disorder

    def pair(self) -> tuple[Any, Any]:
        """Return (reader, writer)."""
        rng = self._rng
        writer, reader = self._pairs.pair()
        if rng.random() < 0.08:  # strangers of equal names
            other = self._pairs.pair()[0]
            reader = _renamed_like(other, writer)
        reader = copy.deepcopy(reader)
        for _ in range(rng.choice((0, 1, 1, 2, MAX_EXTRA))):
            self._change(reader)
        if rng.random() < 0.15:  # both have the oddities
            writer = copy.deepcopy(reader)
            if rng.random() < 0.7:
                self._change(reader)
        if self._disorder and rng.random() < self._disorder:
            reader, writer = disordered(reader, rng), disordered(writer, rng) if rng.random() < 0.5 else writer
        if rng.random() < 0.3:
            reader = self._spelled(reader, "")
        if rng.random() < 0.35:
            reader, writer = writer, reader
        return reader, writer

    def _change(self, schema: Any) -> None:
        changes = (
            self._swap_aliases, self._double_alias, self._alias_live_field, self._type_alias, self._enum_default,
            self._enum_field, self._symbols, self._symbols, self._size, self._size, self._move, self._meet,
            self._drop_default, self._order, self._move_and_rename, self._alias_branch, self._mix,
        )  # fmt: skip
        self._rng.choice(changes)(schema)

    def _pick(self, schema: Any, kind: str) -> Node | None:
        found = [node for node in _declarations(schema) if node["type"] == kind]
        return self._rng.choice(found) if found else None

    def _swap_aliases(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record and len(record["fields"]) > 1:
            one, two = self._rng.sample(record["fields"], 2)
            one["aliases"], two["aliases"] = [two["name"]], [one["name"]]
            if self._rng.random() < 0.5:
                one["type"], two["type"] = copy.deepcopy((one["type"], one["type"]))
                if isinstance(one["type"], dict | list):  # a type is declared once
                    one["type"] = two["type"] = "int"

    def _double_alias(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record and len(record["fields"]) > 1:
            old = self._rng.choice((*[field["name"] for field in record["fields"]], "gone"))
            for field in self._rng.sample(record["fields"], 2):
                field["aliases"] = [*field.get("aliases", ()), old]

    def _alias_live_field(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record and record["fields"]:
            names = [field["name"] for field in record["fields"]]
            field = self._rng.choice(record["fields"])
            field["aliases"] = [name for name in names if self._rng.random() < 0.4]

    def _type_alias(self, schema: Any) -> None:
        found = list(_declarations(schema))
        if found:
            node = self._rng.choice(found)
            space, _, short = node["name"].rpartition(".")
            new = f"New{short}"
            node["aliases"] = [self._rng.choice((short, node["name"], f"other.{short}", "Nobody"))]
            old, node["name"] = node["name"], f"{self._rng.choice((space, space, 'z'))}.{new}".lstrip(".")
            _refer(schema, old, node["name"])

    def _enum_default(self, schema: Any) -> None:
        enum = self._pick(schema, "enum")
        if enum:
            if "default" in enum or len(enum["symbols"]) < 2:
                enum.pop("default", None)
            else:
                enum["default"] = self._rng.choice(enum["symbols"])
                enum["symbols"] = [s for s in enum["symbols"] if s == enum["default"] or self._rng.random() < 0.6]

    def _symbols(self, schema: Any) -> None:
        enum = self._pick(schema, "enum")
        if enum:
            kept = [symbol for symbol in enum["symbols"] if self._rng.random() < 0.7] or ["S0"]
            enum["symbols"] = [*kept, f"N{self._rng.randrange(10**6)}"] if self._rng.random() < 0.5 else kept
            if enum.get("default") not in enum["symbols"]:
                enum.pop("default", None)

    def _size(self, schema: Any) -> None:
        fixed = self._pick(schema, "fixed")
        if fixed:
            fixed["size"] += self._rng.choice((1, 7))

    def _enum_field(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record:
            kind: Any = {"type": "enum", "name": f"a.E{self._rng.randrange(10**6)}", "symbols": ["X", "Y"]}
            if self._rng.random() < 0.7:
                kind["default"] = "X"
            kind = ["null", kind] if self._rng.random() < 0.3 else kind
            field = {"name": f"e{self._rng.randrange(10**6)}", "type": kind}
            if self._rng.random() < 0.3:
                field["default"] = None if isinstance(kind, list) else "X"
            record["fields"].insert(self._rng.randrange(len(record["fields"]) + 1), field)

    def _move(self, schema: Any) -> None:
        found = list(_declarations(schema))
        if found:
            node = self._rng.choice(found)
            old, short = node["name"], node["name"].rpartition(".")[2]
            node["name"] = self._rng.choice((short, f"moved.{short}", f"a.b.c.{short}"))
            _refer(schema, old, node["name"])

    def _meet(self, schema: Any) -> None:
        """One simple name in two namespaces of one union."""
        record = self._pick(schema, "record")
        target = self._rng.choice(list(_declarations(schema)) or [None])
        if record and target:
            twin = {key: value for key, value in target.items() if key in {"type", "symbols", "size"}}
            twin["name"] = f"twin.{target['name'].rpartition('.')[2]}"
            if twin["type"] == "record":
                twin["fields"] = [{"name": "only", "type": "int"}]
            fields = [f for f in record["fields"] if isinstance(f["type"], list | dict)]
            if fields and not any(node["name"] == twin["name"] for node in _declarations(schema)):
                field = self._rng.choice(fields)
                field.pop("default", None)
                branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
                field["type"] = [twin, *branches] if self._rng.random() < 0.5 else [*branches, twin]

    def _move_and_rename(self, schema: Any) -> None:
        """A record in another namespace, and a field that has its old name as an alias."""
        record = self._pick(schema, "record")
        if record and record["fields"]:
            old, short = record["name"], record["name"].rpartition(".")[2]
            record["name"] = f"moved.{short}"
            _refer(schema, old, record["name"])
            if self._rng.random() < 0.4:
                record["aliases"] = [old]
            field = self._rng.choice(record["fields"])
            field["aliases"], field["name"] = [field["name"]], f"m{self._rng.randrange(10**6)}"

    def _alias_branch(self, schema: Any) -> None:
        """A record with the name of another type as its alias, before or after that type in a union, or elsewhere."""
        record, target = self._pick(schema, "record"), self._rng.choice(list(_declarations(schema)) or [None])
        if record and record["fields"] and target and "aliases" not in target:
            name = f"a.Claim{self._rng.randrange(10**6)}"
            fields = [{"name": field["name"], "type": "int"} for field in target.get("fields", ())[:1]]
            fields.append({"name": "only", "type": "int", **({"default": 1} if self._rng.random() < 0.6 else {})})
            claim = {key: value for key, value in target.items() if key in {"type", "symbols", "size"}}
            claim |= {"name": name, "aliases": [target["name"]]}
            if claim["type"] == "record":
                claim["fields"] = fields
            field = self._rng.choice(record["fields"])
            field.pop("default", None)
            branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
            field["type"] = [claim, *branches] if self._rng.random() < 0.5 else [*branches, claim]

    def _mix(self, schema: Any) -> None:
        """A branch beside one that some libraries take for it."""
        record = self._pick(schema, "record")
        unions = [field for field in record["fields"] if isinstance(field["type"], list)] if record else []
        if unions:
            field = self._rng.choice(unions)
            new = self._rng.choice(("bytes", "string", "long", "double", "float"))
            if not any(
                new in (branch, branch.get("type") if isinstance(branch, dict) else "") for branch in field["type"]
            ):
                field["type"].insert(self._rng.randrange(len(field["type"]) + 1), new)
                field.pop("default", None)

    def _drop_default(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record and record["fields"]:
            self._rng.choice(record["fields"]).pop("default", None)

    def _order(self, schema: Any) -> None:
        record = self._pick(schema, "record")
        if record and record["fields"]:
            self._rng.choice(record["fields"]).update(order="ignore", doc="words", extra=1)

    def _spelled(self, node: Any, space: str) -> Any:
        """Return a schema that says the same with names split into name and namespace, or left to be inherited."""
        if isinstance(node, list):
            return [self._spelled(branch, space) for branch in node]
        if isinstance(node, str):
            inner, _, short = node.rpartition(".")
            return short if inner and inner == space and self._rng.random() < 0.5 else node
        if not isinstance(node, dict):
            return node
        made = dict(node)
        if made.get("type") in {"record", "enum", "fixed"}:
            own, _, short = made["name"].rpartition(".")
            if own == space and self._rng.random() < 0.5:
                made["name"] = short
            elif self._rng.random() < 0.5 or not own:
                made["name"], made["namespace"] = short, own
            if made["type"] == "record":
                made["fields"] = [{**f, "type": self._spelled(f["type"], own)} for f in made["fields"]]
        for key in {"items", "values"} & made.keys():
            made[key] = self._spelled(made[key], space)
        return made


def _declarations(node: Any) -> Iterator[Node]:
    if isinstance(node, list):
        for branch in node:
            yield from _declarations(branch)
    elif isinstance(node, dict):
        if node.get("type") in {"record", "enum", "fixed"}:
            yield node
            for field in node.get("fields", ()):
                yield from _declarations(field["type"])
        for key in ("items", "values"):
            if key in node:
                yield from _declarations(node[key])


def _refer(node: Any, old: str, new: str) -> None:
    """Rename every use of a name; a name without a namespace is not inherited where names are full."""
    if isinstance(node, list):
        for i, branch in enumerate(node):
            if branch == old:
                node[i] = new
            else:
                _refer(branch, old, new)
    elif isinstance(node, dict):
        for key in ("items", "values"):
            if node.get(key) == old:
                node[key] = new
            elif key in node:
                _refer(node[key], old, new)
        for field in node.get("fields", ()):
            if field["type"] == old:
                field["type"] = new
            else:
                _refer(field["type"], old, new)


def _renamed_like(schema: Any, model: Any) -> Any:
    """Return a schema whose types bear, kind by kind, the names of another schema's."""
    made = copy.deepcopy(schema)
    pool: dict[str, list[str]] = {}
    for node in _declarations(model):
        pool.setdefault(node["type"], []).append(node["name"])
    for node in list(_declarations(made)):
        names = pool.get(node["type"])
        if names:
            old, node["name"] = node["name"], names.pop(0)
            _refer(made, old, node["name"])
    return made
