"""Walks over schemas: direct parts, named types, recursion."""

from __future__ import annotations

from avroad.schema.named import Named, Record
from avroad.schema.nodes import Array, Map, Schema, Union

__all__ = ["children", "is_recursive", "named_types"]


def named_types(schema: Schema) -> dict[str, Named]:
    """Return every named type reachable from `schema`, itself included, by full name."""
    found: dict[str, Named] = {}
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Named):
            if node.name in found:
                continue
            found[node.name] = node
        waiting.extend(children(node))
    return found


def is_recursive(schema: Schema) -> bool:
    """Say whether some record contains itself."""
    done: set[int] = set()

    def visit(node: Schema, trail: set[int]) -> bool:
        if id(node) in trail:
            return True
        if id(node) in done:
            return False
        trail.add(id(node))
        found = any(visit(child, trail) for child in children(node))
        trail.discard(id(node))
        done.add(id(node))
        return found

    return visit(schema, set())


def children(schema: Schema) -> tuple[Schema, ...]:
    """Return the direct parts of a node."""
    if isinstance(schema, Record):
        return tuple(field.type for field in schema.fields)
    if isinstance(schema, Array):
        return (schema.items,)
    if isinstance(schema, Map):
        return (schema.values,)
    return schema.branches if isinstance(schema, Union) else ()
