"""Pairs of schemas as real evolution makes them: a random writer, and a reader that is one to three changes away.

While they are drawn, named types stand in a table and are referred to as `{"ref": name}`; `render` writes each out
where it first occurs. All chance comes from one seeded source.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL = (
    ("int", "date"), ("int", "time-millis"), ("long", "time-micros"), ("long", "timestamp-millis"),
    ("long", "timestamp-micros"), ("long", "timestamp-nanos"), ("long", "local-timestamp-millis"),
    ("long", "local-timestamp-micros"), ("long", "local-timestamp-nanos"), ("string", "uuid"),
)  # fmt: skip
PROMOTED = {
    "int": ("long", "float", "double"), "long": ("float", "double"), "float": ("double",),
    "string": ("bytes",), "bytes": ("string",),
}  # fmt: skip
MAX_CHANGES = 3


@dataclass(slots=True)
class Draft:
    """A schema under construction: its named types and its root."""

    types: dict[str, dict[str, Any]]
    root: Any

    def render(self) -> Any:
        """Return it as Avro's JSON."""
        return self._node(self.root, set())

    def _node(self, node: Any, done: set[str]) -> Any:
        if isinstance(node, str):
            return node
        if isinstance(node, list):
            return _distinct([self._node(branch, done) for branch in node])
        if "ref" not in node:
            below = {key: self._node(node[key], done) for key in ("items", "values") if key in node}
            return {**node, **below}
        name = node["ref"]
        if name in done:
            return name
        done.add(name)
        made = dict(self.types[name])
        if made["type"] == "record":
            made["fields"] = [{**field, "type": self._node(field["type"], done)} for field in made["fields"]]
        return made


def _distinct(branches: list[Any]) -> list[Any]:
    """A union has each unnamed type once; the first stays."""
    found: dict[str, Any] = {}
    for branch in branches:
        found.setdefault(_key(branch), branch)
    return list(found.values())


def _key(branch: Any) -> str:
    if isinstance(branch, str):
        return branch
    kind = str(branch["type"])
    return str(branch["name"]) if kind in {"record", "enum", "fixed"} else kind


class Pairs:
    """Draws writers, and readers from them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._count = 0

    def pair(self) -> tuple[Any, Any]:
        """Return (writer, reader) as JSON."""
        draft = self._draft()
        writer = draft.render()
        changed = copy.deepcopy(draft)
        for _ in range(self.rng.choice((0, 1, 1, 1, 2, MAX_CHANGES))):
            _Change(self.rng, self, changed).any()
        return writer, changed.render()

    def _draft(self) -> Draft:
        draft = Draft({}, None)
        roots = [self.record] * 8 + [self.node]
        draft.root = self.rng.choice(roots)(draft, 3, ())
        return draft

    def name(self) -> str:
        """Return a full name that was not used before."""
        self._count += 1
        return f"{self.rng.choice(('a', 'a', 'a.b', 'c'))}.T{self._count}"

    def node(self, draft: Draft, depth: int, above: tuple[str, ...]) -> Any:
        """Return a node; above: records around it, to which it may refer again."""
        rng = self.rng
        makers: list[Callable[[], Any]] = [lambda: rng.choice(PRIMITIVES)] * 5
        makers += [lambda: self._logical(draft), lambda: self._enum(draft), lambda: self._fixed(draft)]
        if draft.types:
            makers.append(lambda: self._known(draft, above))
        if above:
            makers.append(lambda: rng.choice((["null", {"ref": above[-1]}], _array({"ref": above[-1]}))))
        if depth > 0:
            makers += [
                lambda: _array(self.node(draft, depth - 1, above)),
                lambda: {"type": "map", "values": self.node(draft, depth - 1, above)},
                lambda: self.union(draft, depth - 1, above),
                lambda: self.record(draft, depth - 1, above),
            ]
        return rng.choice(makers)()

    def _known(self, draft: Draft, above: tuple[str, ...]) -> Any:
        """A named type once more; a record that is still open only where it can end."""
        closed = [name for name in draft.types if name not in above]
        return {"ref": self.rng.choice(closed)} if closed else "int"

    def _logical(self, draft: Draft) -> Any:
        base, name = self.rng.choice(LOGICAL)
        if self.rng.random() < 0.7:
            return {"type": base, "logicalType": name}
        if self.rng.random() < 0.5:
            return {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": self.rng.choice((0, 2))}
        return self._fixed(draft)

    def _enum(self, draft: Draft) -> Any:
        name = self.name()
        symbols = [f"S{i}" for i in range(self.rng.choice((1, 2, 3, 5, 70)))]
        draft.types[name] = {"type": "enum", "name": name, "symbols": symbols}
        if self.rng.random() < 0.3:
            draft.types[name]["default"] = symbols[-1]
        return {"ref": name}

    def _fixed(self, draft: Draft) -> Any:
        name = self.name()
        more = self.rng.choice(
            (
                {"size": self.rng.choice((1, 4, 16))},
                {"size": 16, "logicalType": "uuid"},
                {"size": 12, "logicalType": "duration"},
                {"size": 5, "logicalType": "decimal", "precision": 8, "scale": 2},
            )
        )
        draft.types[name] = {"type": "fixed", "name": name, **more}
        return {"ref": name}

    def record(self, draft: Draft, depth: int, above: tuple[str, ...]) -> Any:
        """Return a new record of up to five fields."""
        name = self.name()
        draft.types[name] = {"type": "record", "name": name, "fields": []}
        for i in range(self.rng.choice((0, 1, 2, 3, 3, 4, 5))):
            node = self.node(draft, depth - 1, (*above, name))
            draft.types[name]["fields"].append({"name": f"f{i}", "type": node})
        return {"ref": name}

    def union(self, draft: Draft, depth: int, above: tuple[str, ...]) -> Any:
        """Return a union; half of them are a type or null."""
        if self.rng.random() < 0.5:
            inner = self.node(draft, 0, above)
            return inner if isinstance(inner, list) or inner == "null" else ["null", inner]
        nodes = (self.node(draft, depth - 1, above) for _ in range(self.rng.randrange(1, 5)))
        branches = [node for node in nodes if not isinstance(node, list)]
        return self.distinct(draft, branches) or ["null", "string"]

    def distinct(self, draft: Draft, branches: list[Any]) -> list[Any]:
        """Return the branches with each unnamed type once and each name once."""
        found: dict[str, Any] = {}
        for node in branches:
            key = node if isinstance(node, str) else str(node.get("ref") or node["type"])
            found.setdefault(key, node)
        return list(found.values())


def _array(items: Any) -> Any:
    return {"type": "array", "items": items}


class _Change:
    """Changes of one draft in place."""

    def __init__(self, rng: random.Random, pairs: Pairs, draft: Draft) -> None:
        self._rng = rng
        self._pairs = pairs
        self._draft = draft

    def any(self) -> None:
        """Make one change, if the draft has a place for it."""
        changes = (
            self._add_field, self._add_field, self._drop_field, self._reorder_fields, self._rename_field,
            self._promote, self._promote, self._retype, self._wrap, self._unwrap, self._branches, self._branches,
            self._enum, self._enum, self._fixed, self._rename_type, self._rename_type, self._logical, self._recurse,
            self._collide,
        )  # fmt: skip
        self._rng.choice(changes)()

    def _of(self, kind: str) -> dict[str, Any] | None:
        found = [made for made in self._draft.types.values() if made["type"] == kind]
        return self._rng.choice(found) if found else None

    def _places(self) -> list[tuple[Any, Any]]:
        """Return every (container, key) that holds a node."""
        found: list[tuple[Any, Any]] = []

        def walk(holder: Any, key: Any) -> None:
            found.append((holder, key))
            node = holder[key]
            if isinstance(node, list):
                for i in range(len(node)):
                    walk(node, i)
            elif isinstance(node, dict):
                for inner in {"items", "values"} & node.keys():
                    walk(node, inner)

        for made in self._draft.types.values():
            for field in made.get("fields", ()):
                walk(field, "type")
        return found

    def _field(self) -> tuple[list[Any], int] | None:
        records = [m["fields"] for m in self._draft.types.values() if m["type"] == "record" and m["fields"]]
        if not records:
            return None
        fields = self._rng.choice(records)
        return fields, self._rng.randrange(len(fields))

    def _add_field(self) -> None:
        record = self._of("record")
        if record is None:
            return
        node = self._pairs.node(self._draft, self._rng.choice((0, 0, 1)), ())
        field = {"name": f"n{self._rng.randrange(10**6)}", "type": node}
        if self._rng.random() < 0.85:
            with suppress(RecursionError):  # a type that cannot end has no default
                field["default"] = self.default(node)
        record["fields"].insert(self._rng.randrange(len(record["fields"]) + 1), field)

    def default(self, node: Any) -> Any:
        """Return a default of a node as JSON."""
        rng = self._rng
        if isinstance(node, list):
            return self.default(node[0] if rng.random() < 0.7 else rng.choice(node))
        if isinstance(node, str):
            simple = {
                "null": None, "boolean": True, "int": -5, "long": 2**40, "float": 0.5, "double": 3,
                "bytes": "\u00ff\u0001", "string": "é",
            }  # fmt: skip
            return simple[node]
        if "ref" in node:
            return self._named_default(self._draft.types[node["ref"]])
        if "items" in node:
            return [self.default(node["items"])] if rng.random() < 0.5 else []
        if "values" in node:
            return {"k": self.default(node["values"])} if rng.random() < 0.5 else {}
        return {"uuid": "00000000-0000-0000-0000-0000000000ff", "decimal": "\u0001"}.get(node["logicalType"], 86_399)

    def _named_default(self, made: dict[str, Any]) -> Any:
        if made["type"] == "enum":
            return made["symbols"][0]
        if made["type"] == "fixed":
            return "\u0000" * made["size"]
        given = [f for f in made["fields"] if self._rng.random() < 0.8 or "default" not in f]
        return {f["name"]: self.default(f["type"]) for f in given}

    def _drop_field(self) -> None:
        if place := self._field():
            del place[0][place[1]]

    def _reorder_fields(self) -> None:
        if record := self._of("record"):
            self._rng.shuffle(record["fields"])

    def _rename_field(self) -> None:
        if place := self._field():
            field = place[0][place[1]]
            if self._rng.random() < 0.75:
                field["aliases"] = [field["name"]]
            elif self._rng.random() < 0.5:
                with suppress(RecursionError):
                    field["default"] = self.default(field["type"])
            field["name"] = f"r{self._rng.randrange(10**6)}"

    def _collide(self) -> None:
        """A field takes the name of another one as its alias: which of them is meant is anybody's guess."""
        if place := self._field():
            fields, i = place
            fields[i]["aliases"] = [self._rng.choice(fields)["name"]]

    def _promote(self) -> None:
        places = [(holder, key) for holder, key in self._places() if _base(holder[key]) in PROMOTED]
        if places:
            holder, key = self._rng.choice(places)
            holder[key] = self._rng.choice(PROMOTED[_base(holder[key])])

    def _retype(self) -> None:
        places = self._places()
        if places:
            holder, key = self._rng.choice(places)
            if isinstance(holder, list):
                holder[key] = self._rng.choice(PRIMITIVES)
            else:
                holder[key] = self._pairs.node(self._draft, 1, ())

    def _wrap(self) -> None:
        places = [(h, k) for h, k in self._places() if not isinstance(h, list) and not isinstance(h[k], list)]
        if places:
            holder, key = self._rng.choice(places)
            if holder[key] != "null":
                holder[key] = ["null", holder[key]] if self._rng.random() < 0.6 else [holder[key], "null"]

    def _unwrap(self) -> None:
        places = [(h, k) for h, k in self._places() if isinstance(h[k], list)]
        if places:
            holder, key = self._rng.choice(places)
            holder[key] = self._rng.choice(holder[key])

    def _branches(self) -> None:
        places = [(h, k) for h, k in self._places() if isinstance(h[k], list)]
        if not places:
            return
        holder, key = self._rng.choice(places)
        branches = list(holder[key])
        choice = self._rng.randrange(3)
        if choice == 0:
            self._rng.shuffle(branches)
        elif choice == 1 and len(branches) > 1:
            del branches[self._rng.randrange(len(branches))]
        else:
            node = self._pairs.node(self._draft, 0, ())
            branches.insert(self._rng.randrange(len(branches) + 1), "int" if isinstance(node, list) else node)
        holder[key] = self._pairs.distinct(self._draft, branches)

    def _enum(self) -> None:
        made = self._of("enum")
        if made is None:
            return
        symbols = list(made["symbols"])
        choice = self._rng.randrange(4)
        if choice == 0:
            symbols.insert(self._rng.randrange(len(symbols) + 1), f"N{self._rng.randrange(10**6)}")
        elif choice == 1 and len(symbols) > 1:
            del symbols[self._rng.randrange(len(symbols))]
        elif choice == 2:
            self._rng.shuffle(symbols)
        else:
            made["default"] = symbols[0]
        made["symbols"] = symbols
        if made.get("default") not in symbols:
            made.pop("default", None)

    def _fixed(self) -> None:
        if (made := self._of("fixed")) and "logicalType" not in made:
            made["size"] += self._rng.choice((-1, 1))

    def _rename_type(self) -> None:
        """With an alias, without one, or into another namespace under the same short name."""
        if not self._draft.types:
            return
        old = self._rng.choice(list(self._draft.types))
        space, _, short = old.rpartition(".")
        new = self._rng.choice((f"{space}.R{short}", f"z.{short}", f"z.R{short}"))
        made = self._draft.types.pop(old)
        made["name"] = new
        if self._rng.random() < 0.6:
            made["aliases"] = [old]
        self._draft.types[new] = made
        self._refer(old, new)

    def _refer(self, old: str, new: str) -> None:
        for holder, key in self._places():
            if holder[key] == {"ref": old}:
                holder[key] = {"ref": new}
        self._draft.root = _replaced(self._draft.root, old, new)

    def _logical(self) -> None:
        """Add, drop or change a logical type: the bytes stay, the meaning may not."""
        places = [(h, k) for h, k in self._places() if _base(h[k]) in {"int", "long", "string"}]
        if places:
            holder, key = self._rng.choice(places)
            base = _base(holder[key])
            names = [name for kind, name in LOGICAL if kind == base]
            holder[key] = base if self._rng.random() < 0.4 else {"type": base, "logicalType": self._rng.choice(names)}

    def _recurse(self) -> None:
        if record := self._of("record"):
            node = ["null", {"ref": record["name"]}]
            record["fields"].append({"name": f"up{self._rng.randrange(10**6)}", "type": node, "default": None})


def defaulted(pairs: Pairs, draft: Draft, node: Any) -> Any:
    """Return a default of a node of the draft as JSON."""
    return _Change(pairs.rng, pairs, draft).default(node)


def _base(node: Any) -> str:
    return node if isinstance(node, str) else str(node.get("type", "")) if isinstance(node, dict) else ""


def _replaced(node: Any, old: str, new: str) -> Any:
    if isinstance(node, list):
        return [_replaced(branch, old, new) for branch in node]
    if isinstance(node, dict):
        return {k: new if k == "ref" and v == old else _replaced(v, old, new) for k, v in node.items()}
    return node
