"""Python annotations and default expressions for Avro types, and the imports they need."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from avroad.contracts.codegen_names import class_name, field_names, member_names, module_name
from avroad.contracts.codegen_text import quoted, quoted_bytes
from avroad.errors import ContractError
from avroad.schema import Array, Enum, Fixed, Json, Map, Named, Primitive, Record, Schema, Union, default_branch

__all__ = ["Expressions"]

_PRIMITIVES: Final[Mapping[str, str]] = {
    "null": "None",
    "boolean": "bool",
    "int": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "bytes": "bytes",
    "string": "str",
}
_LOGICALS: Final[Mapping[str, str]] = {
    "date": "date",
    "time-millis": "time",
    "time-micros": "time",
    "timestamp-millis": "datetime",
    "timestamp-micros": "datetime",
    "local-timestamp-millis": "datetime",
    "local-timestamp-micros": "datetime",
    "timestamp-nanos": "int",
    "local-timestamp-nanos": "int",
    "decimal": "Decimal",
    "uuid": "UUID",
    "duration": "Duration",
}
_MODULES: Final[Mapping[str, str]] = {
    "date": "datetime", "datetime": "datetime", "time": "datetime", "UTC": "datetime", "Decimal": "decimal",
    "UUID": "uuid", "Mapping": "collections.abc", "field": "dataclasses", "Duration": "avroad.codec",
}  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Expressions:
    """Writes the types and defaults of one module; collects what the module must import for them.

    names: imported names by module; modules: modules of other namespaces, imported whole so that namespaces may
    refer to each other.
    """

    def __init__(self, namespace: str, classes: Mapping[str, Collection[str]]) -> None:
        """classes: the class names of every namespace's module."""
        self.names: dict[str, set[str]] = {}
        self.modules: set[str] = set()
        self._namespace = namespace
        self._classes = classes

    def use(self, name: str) -> str:
        """Return `name` and see to its import."""
        module = _MODULES.get(name)
        if module is not None:
            self.names.setdefault(module, set()).add(name)
        return name

    def annotation(self, schema: Schema) -> str:
        """Return the Python type of `schema`: exact, None last in a union, immutable containers."""
        if isinstance(schema, Union):
            parts = list(dict.fromkeys(self.annotation(branch) for branch in schema.branches))
            parts.sort(key=lambda part: part == "None")
            return " | ".join(parts)
        if isinstance(schema, Array):
            return f"tuple[{self.annotation(schema.items)}, ...]"
        if isinstance(schema, Map):
            return f"{self.use('Mapping')}[str, {self.annotation(schema.values)}]"
        if isinstance(schema, Record | Enum):
            return self.reference(schema)
        assert isinstance(schema, Primitive | Fixed)  # the last kinds there are
        logical = _LOGICALS.get(schema.logical.name) if schema.logical else None
        return self.use(logical or _PRIMITIVES.get(schema.name, "bytes"))

    def fields(self, schema: Record) -> dict[str, str]:
        """Return the Python name per wire name of a record's fields, in wire order."""
        return field_names([field.name for field in schema.fields], self._classes.get(schema.namespace, ()))

    def reference(self, schema: Named) -> str:
        """Return the class of a record or enum, through its module when it belongs to another namespace."""
        name = class_name(schema.short_name)
        if schema.namespace == self._namespace:
            return name
        module = f"schemas.{module_name(schema.namespace)}"
        self.modules.add(module)
        return f"{module}.{name}"

    def default(self, schema: Schema, value: Json) -> str:
        """Return the right-hand side of a field with a default; nothing mutable is shared between instances."""
        inner = schema.branches[default_branch(schema, value) or 0] if isinstance(schema, Union) else schema
        expression = self.value(inner, value)
        if isinstance(inner, Map) and not value:
            return f"{self.use('field')}(default_factory=dict)"
        late = isinstance(inner, Record | Map) or (isinstance(inner, Array) and bool(value))
        late = late or expression.startswith(("UUID(", "Duration(", "schemas."))
        return f"{self.use('field')}(default_factory=lambda: {expression})" if late else expression

    def value(self, schema: Schema, value: Json) -> str:
        """Return the expression of a default's JSON value. The value is a valid default of the schema."""
        if isinstance(schema, Union):
            return self.value(schema.branches[default_branch(schema, value) or 0], value)
        if isinstance(schema, Enum):
            return f"{self.reference(schema)}.{member_names(schema.symbols)[str(value)]}"
        if isinstance(schema, Record):
            return self._record(schema, value)
        if isinstance(schema, Array):
            items = [self.value(schema.items, item) for item in value] if isinstance(value, list) else []
            return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
        if isinstance(schema, Map):
            entries = value.items() if isinstance(value, dict) else ()
            return "{" + ", ".join(f"{quoted(key)}: {self.value(schema.values, item)}" for key, item in entries) + "}"
        assert isinstance(schema, Primitive | Fixed)  # the last kinds there are
        return self._leaf(schema, value)

    def _record(self, schema: Record, value: Json) -> str:
        given = value if isinstance(value, dict) else {}
        names = self.fields(schema)
        arguments = [
            f"{names[field.name]}={self.value(field.type, given[field.name])}"
            for field in schema.fields
            if field.name in given
        ]
        return f"{self.reference(schema)}({', '.join(arguments)})"

    def _leaf(self, schema: Primitive | Fixed, value: Json) -> str:
        logical = schema.logical.name if schema.logical else ""
        if logical == "decimal" and schema.logical is not None:
            unscaled = int.from_bytes(str(value).encode("latin-1"), signed=True)
            number = Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -schema.logical.scale))
            return f'{self.use("Decimal")}("{number}")'
        if logical == "uuid":
            return self._uuid(value, fixed=isinstance(schema, Fixed))
        if logical == "duration":
            parts = struct.unpack("<3I", str(value).encode("latin-1"))
            return f"{self.use('Duration')}({', '.join(map(str, parts))})"
        if _LOGICALS.get(logical) in {"date", "time", "datetime"} and isinstance(value, int):
            return self._moment(logical, value)
        if isinstance(schema, Fixed) or schema.name == "bytes":
            return quoted_bytes(str(value).encode("latin-1"))
        if schema.name in {"float", "double"}:
            return repr(float(str(value))).replace("e+", "e")
        return quoted(value) if isinstance(value, str) else repr(value)

    def _uuid(self, value: Json, *, fixed: bool) -> str:
        text = str(value)
        try:
            number = UUID(bytes=text.encode("latin-1")) if fixed else UUID(text)
        except ValueError:
            raise _bad_default("a UUID", text) from None
        return f'{self.use("UUID")}("{number}")'

    def _moment(self, logical: str, value: int) -> str:
        """Return a date, time or datetime expression for its integer on the wire."""
        step = timedelta(milliseconds=1) if logical.endswith("millis") else timedelta(microseconds=1)
        try:
            moment = _EPOCH + value * (timedelta(days=1) if logical == "date" else step)
        except OverflowError:
            raise _bad_default(f"{logical} within the years 1 to 9999", str(value)) from None
        day = f"{moment.year}, {moment.month}, {moment.day}"
        if logical == "date":
            return f"{self.use('date')}({day})"
        clock = _trimmed(moment.hour, moment.minute, moment.second, moment.microsecond)
        if logical.startswith("time-"):
            if moment.date() != _EPOCH.date():
                raise _bad_default(f"{logical} within one day", str(value))
            return f"{self.use('time')}({clock})"
        zone = "" if logical.startswith("local-") else f", tzinfo={self.use('UTC')}"
        return f"{self.use('datetime')}({day}, {clock}{zone})"


def _bad_default(expected: str, found: str) -> ContractError:
    return ContractError("a default has no Python value", expected=expected, found=found[:60])


def _trimmed(*parts: int) -> str:
    """Return clock parts without trailing zeros, the hour always."""
    kept = list(parts)
    while len(kept) > 1 and not kept[-1]:
        kept.pop()
    return ", ".join(map(str, kept))
