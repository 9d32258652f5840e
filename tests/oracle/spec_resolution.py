"""Schema resolution for the slow oracle: names, fields, branches, defaults and meanings, by the specification.

Source: Avro specification 1.12, Schema Resolution; where it leaves a choice, as Java's readers choose.
"""

from __future__ import annotations

from typing import Any

from tests.oracle.spec_schema import NOTHING, Column, Type

MAX_LEVELS = 64
PROMOTIONS = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


class Refused(Exception):
    """The bytes are no datum, or not one the reader can have. rule: which one they break."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


ENDLESS = 100_000


def same_name(writer: Type, reader: Type) -> bool:
    """Names without namespace are equal, or the writer's full name is among the reader's aliases."""
    return writer.short == reader.short or writer.name in reader.aliases


def sources_of(writer: Type, reader: Type) -> list[tuple[Column, Column | None]]:
    """Return each reader field with its writer field. Raises Refused where a field has several or shares one.

    Two reader fields that name each other as aliases are read by name.
    """
    if writer is reader:
        return [(column, column) for column in reader.fields]
    by_name = {column.name: column for column in writer.fields}
    found: list[tuple[Column, Column | None]] = []
    used: set[str] = set()
    for column in reader.fields:
        names = {column.name, *column.aliases} & by_name.keys()
        if column.name in by_name:
            swapped = {c.name for c in reader.fields if c is not column and column.name in c.aliases}
            names -= swapped
        if len(names) > 1 or names & used:
            raise Refused("ambiguous")
        used |= names
        found.append((column, by_name[names.pop()] if names else None))
    return found


def best_branch(writer: Type, union: Type, seen: frozenset[tuple[int, int]] = frozenset()) -> int:
    """Return the branch of the same type: the same full name or alias before the same short name; else a promotion.

    Of several named types with the same short name, the first that can be read without loss.
    """
    branches = list(enumerate(union.branches))
    alike = [(i, b) for i, b in branches if b.kind == writer.kind]
    if writer.name:
        exact = [i for i, b in alike if writer.name == b.name or writer.name in b.aliases]
        near = [(i, b) for i, b in alike if same_name(writer, b)]
        whole = [] if exact or len(near) < 2 else [i for i, b in near if reads_all(writer, b, seen)]
        ranked = [*exact, *whole, *(i for i, _ in near)]
    else:
        ranked = [i for i, _ in alike] or [i for i, b in branches if b.kind in PROMOTIONS.get(writer.kind, ())]
    if not ranked:
        raise Refused("union")
    return ranked[0]


def reads_all(writer: Type, reader: Type, seen: frozenset[tuple[int, int]]) -> bool:
    """Say whether every datum of the writer can be read: by trying each place where it might not."""
    if (id(writer), id(reader)) in seen:
        return True
    seen |= {(id(writer), id(reader))}
    if writer.kind == "union" and writer is not reader:
        return all(reads_all(branch, reader, seen) for branch in writer.branches)
    if writer is reader:
        return True
    try:
        if reader.kind == "union":
            return reads_all(writer, reader.branches[best_branch(writer, reader, seen)], seen)
        if writer.kind in PROMOTIONS or writer.kind in {"null", "boolean", "double"}:
            return writer.kind == reader.kind or reader.kind in PROMOTIONS.get(writer.kind, ())
        if writer.kind != reader.kind or (writer.name and not same_name(writer, reader)) or writer.size != reader.size:
            return False
        if writer.item is not None and reader.item is not None:
            return reads_all(writer.item, reader.item, seen)
        if writer.kind == "enum":
            return reader.default is not None or set(writer.symbols) <= set(reader.symbols)
        return all(
            fits(column.type, column.default) if source is None else reads_all(source.type, column.type, seen)
            for column, source in sources_of(writer, reader)
        )
    except Refused:
        return False


def looks_alike(union: Type, index: int) -> bool:
    """Say whether another branch without a name has the same Python type, so that a value does not tell which."""
    like = [_python_type(branch) for branch in union.branches if not branch.name]
    return not union.branches[index].name and like.count(_python_type(union.branches[index])) > 1


def _python_type(type_: Type) -> str:
    if type_.logical and not type_.logical.endswith("nanos"):
        return "datetime" if "timestamp" in type_.logical else type_.logical.partition("-")[0]
    return {"long": "int", "float": "double"}.get(type_.kind, type_.kind)


def fits(type_: Type, value: Any, level: int = 0) -> bool:
    """Say whether JSON is a default of a type; one that needs itself without end is none."""
    if value is NOTHING or level > MAX_LEVELS:
        return False
    if type_.kind == "union":
        return any(fits(branch, value, level + 1) for branch in type_.branches)
    simple = {"null": type(None), "boolean": bool, "string": str}
    if type_.kind in simple:
        return type(value) is simple[type_.kind]
    if type_.kind in {"int", "long"}:
        bound = 2**31 if type_.kind == "int" else 2**63
        return type(value) is int and -bound <= value < bound
    if type_.kind in {"float", "double"}:
        return type(value) in {int, float}
    if type_.kind in {"bytes", "fixed"}:
        sized = type_.kind == "bytes" or (type(value) is str and len(value) == type_.size)
        return type(value) is str and sized and all(ord(c) < 256 for c in value)
    if type_.kind == "enum":
        return value in type_.symbols
    if type_.kind == "record":
        names = {column.name for column in type_.fields}
        known = isinstance(value, dict) and value.keys() <= names
        return known and all(fits(c.type, value.get(c.name, c.default), level + 1) for c in type_.fields)
    assert type_.item is not None
    items = value if type_.kind == "array" else list(value.values()) if isinstance(value, dict) else None
    return isinstance(items, list) and all(fits(type_.item, item, level + 1) for item in items)


def cycle_heads(root: Type) -> set[int]:
    """Return the records at which a walk in the fields' order comes back to itself: their levels are counted."""
    heads: set[int] = set()
    done: set[int] = set()

    def walk(type_: Type, trail: list[int]) -> None:
        if id(type_) in trail:
            heads.add(id(type_))
        elif id(type_) not in done:
            below = [*type_.branches, *(c.type for c in type_.fields), *([type_.item] if type_.item else [])]
            for part in below:
                walk(part, [*trail, id(type_)])
            done.add(id(type_))

    walk(root, [])
    return heads


def weight(writer: Type, reader: Type, heads: set[int]) -> int:
    """Return the most items of its budget that a decoder may count for one value, as docs/codec.md has it.

    Every eight values that bytes do not pay for are one: a record is four, all else one; a byte pays for five. Defaults
    of the reader are all counted, though the writer may have the fields.
    """
    values = _unpaid(writer, heads, {}) + (0 if reader is writer else _defaults(reader, set()))
    return max(1, -(-values // 8))


def _unpaid(type_: Type, heads: set[int], known: dict[int, int], *, top: bool = True) -> int:
    if id(type_) in heads and not top:
        return 0
    if id(type_) not in known:
        if type_.kind == "record":
            values = 4 + sum(_unpaid(c.type, heads, known, top=False) for c in type_.fields)
        elif type_.kind == "union":
            values = max(_unpaid(branch, heads, known, top=False) for branch in type_.branches) - 5
        else:
            fewest = {"null": 0, "float": 4, "double": 8, "fixed": type_.size}.get(type_.kind, 1)
            values = 1 - 5 * fewest
        known[id(type_)] = values
    return known[id(type_)]


def _defaults(type_: Type, seen: set[int]) -> int:
    """Return how many values all defaults below a type are built of, each type once for each place."""
    if id(type_) in seen:
        return 0
    seen = seen | {id(type_)}
    below = [*type_.branches, *(c.type for c in type_.fields)]
    own = sum(_size(c.type, c.default) for c in type_.fields if c.default is not NOTHING)
    return own + sum(_defaults(part, seen) for part in below)


def _size(type_: Type, value: Any) -> int:
    """Return how many values a default is built of; one without end has more than any budget."""
    waiting, size = [(type_, value)], 0
    while waiting and size < ENDLESS:
        type_, value = waiting.pop()
        size += 1
        if type_.kind == "union":
            waiting += [(branch, value) for branch in type_.branches if fits(branch, value)][:1]
        elif type_.kind == "record" and isinstance(value, dict):
            waiting += [(c.type, value.get(c.name, c.default)) for c in type_.fields]
        elif type_.item is not None and isinstance(value, list | dict):
            waiting += [(type_.item, item) for item in (value.values() if isinstance(value, dict) else value)]
    return size


def check_meaning(writer: Type, reader: Type, seen: set[tuple[int, int]]) -> None:
    """Refuse a reader whose logical type has another unit, kind or scale than what it would read."""
    if writer is reader or (id(writer), id(reader)) in seen:
        return
    seen.add((id(writer), id(reader)))
    if writer.kind == "union":
        for branch in writer.branches:
            check_meaning(branch, reader, seen)
        return
    try:
        if reader.kind == "union":
            check_meaning(writer, reader.branches[best_branch(writer, reader)], seen)
            return
        if writer.kind == reader.kind == "record" and same_name(writer, reader):
            for column, source in sources_of(writer, reader):
                if source is not None:
                    check_meaning(source.type, column.type, seen)
            return
    except Refused as refused:
        if refused.rule == "meaning":
            raise
        return
    if writer.kind == reader.kind and writer.item is not None and reader.item is not None:
        check_meaning(writer.item, reader.item, seen)
    promoted = reader.kind in PROMOTIONS.get(writer.kind, ())
    fitting = not writer.name or (same_name(writer, reader) and writer.size == reader.size)
    alike = writer.kind == reader.kind and fitting
    differ = (writer.logical, writer.scale) != (reader.logical, reader.scale)
    if (promoted or alike) and writer.logical and reader.logical and differ:
        raise Refused("meaning")
