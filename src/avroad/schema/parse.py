"""Avro schema JSON to nodes, strict for our own contracts and lenient for foreign ones.

Source: Avro specification 1.12, Schema Declaration and Names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from avroad.errors import SchemaSyntaxError
from avroad.schema.attributes import kind_of, props_of, shown
from avroad.schema.defaults import default_problem
from avroad.schema.java_numbers import number_in_text
from avroad.schema.json import NO_DEFAULT, Json, NoDefault, read_json
from avroad.schema.limits import RECURSION
from avroad.schema.logical import Logical, read_logical
from avroad.schema.named import Enum, Field, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union
from avroad.schema.order import Awaited, declares_again, settle
from avroad.schema.problems import Problems
from avroad.schema.text import not_utf8
from avroad.schema.values import copy_json
from avroad.schema.walk import named_types

__all__ = ["PRIMITIVES", "parse"]

PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_COMPLEX: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_MAX_DEPTH: Final = 200


def parse(source: Json, *, names: Mapping[str, Named] | None = None, strict: bool = True, file: str = "") -> Schema:
    """Return the schema that `source` declares.

    source: JSON text, the JSON value itself, or a bare name of a primitive or of a type in `names`.
    names: types that may be referred to without being declared, by full name.
    strict: names, logical types, defaults and unions must follow the specification; otherwise only what is
    needed to read data is checked, for schemas that others registered.
    Nothing of the result is shared with a `source` that is no text.
    Raises SchemaSyntaxError with the problems found, each with its path; of very many, the first and their number.
    """
    parser = _Parser(names=dict(names or {}), strict=strict, file=file)
    bare = isinstance(source, str) and (source in PRIMITIVES or source in parser.names)
    value = read_json(source, file=file) if isinstance(source, str) and not bare else copy_json(source, file=file)
    parser.check_text(value)
    schema = parser.settled(parser.schema(value, "$", "", 0))
    parser.check_defaults()
    problems = parser.problems.told(parser.names)
    if problems:
        raise SchemaSyntaxError(problems=problems)
    return schema


class _Parser:
    """One parse: the names known so far and the problems found so far."""

    def __init__(self, *, names: dict[str, Named], strict: bool, file: str) -> None:
        self.names = names
        self.strict = strict
        self.problems = Problems(file)
        self._given = tuple(names.values())
        self._open: set[str] = set()  # records whose fields are being read
        self._awaited = False
        self._early: list[str] = []  # names that are used before their declaration, and those declared again
        self._defaults: list[tuple[Field, str]] = []

    def problem(self, path: str, expected: str, found: str, fix: str = "") -> Schema:
        """Note a problem and return a node that lets the parse go on."""
        self.problems.note(path, expected, found, fix)
        return Primitive(name="null")

    def schema(self, value: Json, path: str, space: str, depth: int) -> Schema:
        if depth > _MAX_DEPTH:
            return self.problem(path, f"at most {_MAX_DEPTH} levels", "a deeper schema")
        if isinstance(value, str):
            return self._by_name(value, path, space)
        if isinstance(value, list):
            return self._union(value, path, space, depth)
        if isinstance(value, dict):
            return self._object(value, path, space, depth)
        return self.problem(path, "a type name, an object or a union", kind_of(value))

    def _by_name(self, name: str, path: str, space: str) -> Schema:
        if name in PRIMITIVES:
            return Primitive(name=name)
        full = f"{space}.{name}" if space and "." not in name else name
        if not self.strict:
            return self._as_java(name, full, path)
        found = self.names.get(full) or self.names.get(name)
        return found if found is not None else self._unknown(name, full, path)

    def _as_java(self, name: str, full: str, path: str) -> Schema:
        """Java knows a type by its name once it is complete, and looks for the full name again at the end."""
        for word in (full, name):
            if word in self.names and word not in self._open:
                return self.names[word]
        self._awaited = True
        if full not in self._open:
            self._early.append(full)
        return Awaited(name=full, otherwise=name if name in self._open else "", path=path, word=name)

    def settled(self, schema: Schema) -> Schema:
        """Return the schema with each type in the place of its name; note the names that nothing is called by."""
        if self._awaited:
            schema, unknown = settle(schema, self.names, self._given)
            for node in unknown:
                self._unknown(node.word, node.name, node.path)
        early = tuple(name for name in dict.fromkeys(self._early) if name in self.names)
        if early:
            object.__setattr__(schema, "out_of_order", early)
        return schema

    def _unknown(self, name: str, full: str, path: str) -> Schema:
        self.problems.unknown(name, full, path, (*PRIMITIVES, *_COMPLEX, *self.names))
        return Primitive(name="null")

    def _union(self, branches: list[Json], path: str, space: str, depth: int) -> Schema:
        nodes: list[Schema] = []
        stand_ins: set[int] = set()
        for i, branch in enumerate(branches):
            before = self.problems.count
            nodes.append(self.schema(branch, f"{path}[{i}]", space, depth + 1))
            if self.problems.count != before:
                stand_ins.add(i)  # it may be a null that is none
        if self.strict and not nodes:
            self.problem(path, "at least one branch", "an empty union")
        seen: set[str] = set()
        for i, node in enumerate(nodes):
            if isinstance(node, Union):
                self.problem(f"{path}[{i}]", "no union directly inside a union", "a union")
            key = _branch_key(node)
            if i in stand_ins and not isinstance(node, Named):
                continue
            if key in seen and (self.strict or isinstance(node, Named | Awaited)):
                self.problem(f"{path}[{i}]", "each type once in a union", key)
            seen.add(key)
        return Union(branches=tuple(nodes))

    def _object(self, value: dict[str, Json], path: str, space: str, depth: int) -> Schema:
        kind = value.get("type")
        if isinstance(kind, dict | list):  # no library takes it, so that nobody has written such data
            return self.problem(f"{path}.type", "a type name", kind_of(kind), "write the inner type in its place")
        if not isinstance(kind, str):
            return self.problem(path, 'an object with "type"', "no type" if kind is None else kind_of(kind))
        if kind in {"record", "error"}:
            return self._record(value, path, space, depth)
        if kind == "enum":
            return self._enum(value, path, space)
        if kind == "fixed":
            return self._fixed(value, path, space)
        if kind == "array":
            items = self._child(value, "items", path, space, depth)
            return Array(items=items, props=props_of(value, "array"))
        if kind == "map":
            values = self._child(value, "values", path, space, depth)
            return Map(values=values, props=props_of(value, "map"))
        if kind in PRIMITIVES:
            logical = self._logical(kind, value, path)
            return Primitive(name=kind, logical=logical, props=props_of(value, "primitive", logical))
        return self._by_name(kind, f"{path}.type", space)

    def _child(self, value: dict[str, Json], key: str, path: str, space: str, depth: int) -> Schema:
        if key not in value:
            return self.problem(path, f'an object with "{key}"', f"no {key}")
        return self.schema(value[key], f"{path}.{key}", space, depth + 1)

    def _logical(self, base: str, value: dict[str, Json], path: str, size: int = 0) -> Logical | None:
        logical, expected, found = read_logical(base, value, size=size)
        if expected and self.strict:
            self.problem(f"{path}.logicalType", expected, found)
        return logical

    def _names(self, value: dict[str, Json], path: str, space: str) -> tuple[str, str, tuple[str, ...]]:
        """Return full name, namespace for what is inside, and full aliases."""
        name = value.get("name")
        if not isinstance(name, str) or not name:
            self.problem(path, 'a named type with "name"', "no name" if name is None else kind_of(name))
            name = "unnamed"
        own = value.get("namespace", space)
        if not isinstance(own, str):
            if self.strict:
                self.problem(f"{path}.namespace", "a string", kind_of(own))
            own = space
        full = name if "." in name or not own else f"{own}.{name}"
        full = full.removeprefix(".")
        inner = full.rpartition(".")[0]
        self._check_name(full, f"{path}.name")
        if full in PRIMITIVES:
            self.problem(f"{path}.name", "a name that is no primitive type", f'"{full}"')
        if full in self._open or (self.strict and full in self.names):
            self._declared_again(full, path)
        aliases = tuple(a if "." in a or not inner else f"{inner}.{a}" for a in self._strings(value, "aliases", path))
        for alias in aliases:
            self._check_name(alias, f"{path}.aliases")
        return full, inner, aliases

    def _declare(self, node: Named, path: str) -> None:
        """Give a complete type its name; of two, the first keeps it."""
        first = self.names.setdefault(node.name, node)
        if first is node or self.strict:
            return
        if declares_again(first, node):
            self._early.append(node.name)
        elif node.name not in self._open:
            self._declared_again(node.name, path)

    def _declared_again(self, full: str, path: str) -> None:
        self.problem(f"{path}.name", "each name declared once", f'"{full}" again')

    def _check_name(self, full: str, path: str) -> None:
        if self.strict and not all(_NAME.match(part) for part in full.split(".")):
            self.problem(path, "letters, digits and _ in each part of a name", repr(full[:80]))

    def _strings(self, value: dict[str, Json], key: str, path: str) -> tuple[str, ...]:
        items: Json = value.get(key, [])
        if isinstance(items, str) and not self.strict:
            return (items,)
        if not isinstance(items, list) or not all(isinstance(i, str) for i in items):
            self.problem(f"{path}.{key}", "a list of strings", kind_of(items))
            return ()
        return tuple(i for i in items if isinstance(i, str))

    def _doc(self, value: dict[str, Json], path: str) -> str:
        doc = value.get("doc", "")
        if isinstance(doc, str):
            return doc
        if self.strict:
            self.problem(f"{path}.doc", "a string", kind_of(doc))
        return ""

    def _record(self, value: dict[str, Json], path: str, space: str, depth: int) -> Schema:
        full, inner, aliases = self._names(value, path, space)
        record = Record(name=full, aliases=aliases, doc=self._doc(value, path), props=props_of(value, "record"))
        first = self.names.setdefault(full, record) is record
        if first:
            self._open.add(full)
        if self.strict and record.props.get(RECURSION, True) is not True:
            self.problem(f"{path}.{RECURSION}", "true, or no such attribute", shown(record.props[RECURSION]))
        raw = value.get("fields")
        if not isinstance(raw, list):
            return self.problem(path, 'a record with a list of "fields"', "none" if raw is None else kind_of(raw))
        fields: list[Field] = []
        for i, item in enumerate(raw):
            place = f"{path}.fields[{i}]"
            if not isinstance(item, dict):
                self.problem(place, "a field object", kind_of(item))
                continue
            fields.append(self._field(item, place, inner, depth))
        seen: set[str] = set()
        for i, field in enumerate(fields):
            if field.name in seen:
                self.problem(f"{path}.fields[{i}].name", "each field name once", repr(field.name[:80]))
            seen.add(field.name)
        # A frozen node is completed late: its fields may point back at it.
        object.__setattr__(record, "fields", tuple(fields))
        if first:
            self._open.discard(full)
        self._declare(record, path)
        return record

    def _field(self, value: dict[str, Json], path: str, space: str, depth: int) -> Field:
        name = value.get("name")
        if not isinstance(name, str) or not name or (self.strict and not _NAME.match(name)):
            self.problem(f"{path}.name", "a field name of letters, digits and _", shown(name))
            name = name if isinstance(name, str) else "unnamed"
        order = value.get("order", "ascending")
        if not isinstance(order, str) or order not in {"ascending", "descending", "ignore"}:
            if self.strict:
                self.problem(f"{path}.order", "ascending, descending or ignore", shown(order))
            order = "ascending"
        kind = self._child(value, "type", path, space, depth)
        default: Json | NoDefault = value.get("default", NO_DEFAULT)
        if not self.strict and default is not NO_DEFAULT:
            default = self._foreign_default(kind, default, path)
        field = Field(
            name=name,
            type=kind,
            default=default,
            aliases=self._strings(value, "aliases", path),
            doc=self._doc(value, path),
            order=order,
            props=props_of(value, "field"),
        )
        if default is not NO_DEFAULT:
            self._defaults.append((field, f"{path}.default"))
        return field

    def _foreign_default(self, kind: Schema, default: Json, path: str) -> Json:
        """Java takes text for the default of a number while it parses; other defaults it compares with their type."""
        if not isinstance(default, str) or not isinstance(kind, Primitive) or kind.name not in {"float", "double"}:
            return default
        try:
            return number_in_text(default, single=kind.name == "float")
        except ValueError as error:
            self.problem(f"{path}.default", f"a default of type {kind.name}", str(error))
            return default

    def _enum(self, value: dict[str, Json], path: str, space: str) -> Schema:
        full, _, aliases = self._names(value, path, space)
        raw = value.get("symbols")
        symbols = self._strings(value, "symbols", path)
        if raw is None or (self.strict and not symbols and raw == []):
            self.problem(f"{path}.symbols", "at least one symbol", "none")
        seen: set[str] = set()
        for symbol in symbols:
            if symbol in seen:
                self.problem(f"{path}.symbols", "each symbol once", repr(symbol[:80]))
                break
            seen.add(symbol)
        if self.strict:
            for i, symbol in enumerate(symbols):
                if not _NAME.match(symbol):
                    self.problem(f"{path}.symbols[{i}]", "letters, digits and _", repr(symbol[:80]))
        default = value.get("default")
        if default is not None and default not in symbols and (self.strict or isinstance(default, str)):
            self.problem(f"{path}.default", "one of the symbols", shown(default))
            default = None
        node = Enum(
            name=full,
            aliases=aliases,
            doc=self._doc(value, path),
            symbols=symbols,
            default=default if isinstance(default, str) else None,
            props=props_of(value, "enum"),
        )
        self._declare(node, path)
        return node

    def _fixed(self, value: dict[str, Json], path: str, space: str) -> Schema:
        full, _, aliases = self._names(value, path, space)
        size = value.get("size")
        if type(size) is not int or size < 0:
            self.problem(f"{path}.size", "a number of bytes", shown(size))
            size = 0
        logical = self._logical("fixed", value, path, size)
        node = Fixed(
            name=full,
            aliases=aliases,
            doc=self._doc(value, path),
            size=size,
            logical=logical,
            props=props_of(value, "fixed", logical),
        )
        self._declare(node, path)
        return node

    def check_text(self, value: Json) -> None:
        """Note text that cannot be written again; what others registered is only read."""
        half = not_utf8(value) if self.strict else None
        if half is not None:
            fix = "escape both halves of a pair, or write the character itself"
            self.problem(half, "whole characters", "half of a surrogate pair", fix)

    def check_defaults(self) -> None:
        """Check every default once all types are complete; lenient parses leave bad ones to the resolver."""
        if not self.strict:
            return
        wrong_at = self.problems.places()
        for field, path in self._defaults:
            if field.default is NO_DEFAULT or (wrong_at and not _stands_apart(field, path, wrong_at)):
                continue
            try:
                wrong = default_problem(field.type, field.default, path)
            except RecursionError:
                wrong = (path, "a default of moderate depth", "nesting too deep to check")
            if wrong is not None:
                self.problem(*wrong)


def _stands_apart(field: Field, path: str, wrong_at: list[str]) -> bool:
    """Say whether a default can be judged although something is wrong elsewhere: its type is whole, and names none."""
    inside = path.removesuffix("default")
    return not named_types(field.type) and not any(place.startswith(inside) for place in wrong_at)


def _branch_key(node: Schema) -> str:
    if isinstance(node, Named | Primitive | Awaited):
        return node.name
    return "array" if isinstance(node, Array) else "map" if isinstance(node, Map) else "union"
