"""The rule about items of arrays: Java counts their bytes by the reader's schema before it reads them.

A block of n items is refused when fewer than n times the least size of the reader's item are left in the bytes, which
are the writer's items and whatever follows them. A union counts as one byte, whatever its branches.
Source: apache/avro, lang/java, `GenericDatumReader.ensureAvailableCollectionBytes`, release 1.12.2.
"""

from __future__ import annotations

from math import inf

from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.places import Place, shown
from avroad.schema import Array, Record, Schema, Union, min_size, named_types

__all__ = ["item_findings"]


def item_findings(reader: Array, writer: Array, place: Place) -> list[Finding]:
    """Report an array whose items Java takes for larger than the writer's may be."""
    counted = min_size(reader.items)
    if counted <= min_size(writer.items) or counted <= (written := _least_size(writer.items)):
        return []
    least = 1 if counted - written > 1 else 2  # the zero that ends the array is one byte more
    union = (
        f'Read the items as a union, ["null", {shown(reader.items)}], or add' if written > 0 and counted > 1 else "Add"
    )
    return [
        unseen(
            "ARRAY_ITEMS_GREW",
            place,
            message=f"an item takes {written:.0f} bytes at least as it is written, and {counted} as it is read",
            data=f"arrays of {least} or more items with fewer than {counted} bytes for each up to the end of the data, "
            "as near the end of a record: Java refuses them",
            fix=f"{union} a new array. Where no program in Java reads the data, accept the rule in "
            'admin/exceptions.yaml, for all subjects with subject: "*".',
            others_only=True,
        )
    ]


def _least_size(schema: Schema) -> float:
    """Return the fewest bytes that a datum takes; infinite for a type that has none, a record always in itself."""
    records = [node for node in named_types(schema).values() if isinstance(node, Record)]
    sizes: dict[int, float] = {id(record): inf for record in records}
    changed = True
    while changed:  # sizes only fall, and there are no more rounds than records
        changed = False
        for record in records:
            size = sum(_size(field.type, sizes) for field in record.fields)
            changed = changed or size < sizes[id(record)]
            sizes[id(record)] = size
    return _size(schema, sizes)


def _size(schema: Schema, sizes: dict[int, float]) -> float:
    if isinstance(schema, Union):
        return 1 + min((_size(branch, sizes) for branch in schema.branches), default=inf)
    return sizes[id(schema)] if isinstance(schema, Record) else min_size(schema)
