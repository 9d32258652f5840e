"""Avro schemas to typed event classes: one module of frozen dataclasses and enums per namespace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from avroad.contracts.catalog import Catalog
from avroad.contracts.codegen_names import class_name, member_names, module_name
from avroad.contracts.codegen_text import LINE_LENGTH, attribute_docstring, docstring, quoted
from avroad.contracts.codegen_types import Expressions
from avroad.errors import ContractError, UnknownEventType
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Map, Named, Record, Schema, Union, fingerprint

__all__ = ["MARK", "generate", "modules"]

MARK: Final = "generated from the Avro schemas in this folder"
"""Stands in the first line of every generated module, so that a leftover one can be told from a person's file."""

_STANDARD: Final = ("collections.abc", "dataclasses", "datetime", "decimal", "enum", "types", "typing", "uuid")

_CODEC: Final = "avroad.codec"


def modules(catalog: Catalog) -> dict[str, str]:
    """Return the namespace per module name, sorted. Raises ContractError when two namespaces share a module."""
    found: dict[str, str] = {}
    for namespace in sorted(_by_namespace(catalog)):
        name = module_name(namespace)
        if name in found:
            raise ContractError(
                "two namespaces would share one module of classes",
                expected=f"one namespace for schemas/{name}.py",
                found=f"{found[name]} and {namespace}",
                hint="Rename one of them.",
            )
        found[name] = namespace
    return found


def generate(catalog: Catalog, namespace: str) -> str:
    """Return the source of the module with every record and enum of `namespace`, nested ones included.

    The text is deterministic and formatted; it carries names and fingerprints but no schema. Raises
    UnknownEventType when nothing is declared in the namespace, ContractError for a default Python cannot express.
    """
    namespaces = _by_namespace(catalog)
    if namespace not in namespaces:
        known = ", ".join(sorted(namespaces)) or "none"
        raise UnknownEventType(
            "no types to generate", expected=f"a namespace of the schemas ({known})", found=namespace[:80]
        )
    classes = {name: [class_name(t.short_name) for t in types] for name, types in namespaces.items()}
    _check_distinct(namespace, namespaces[namespace])
    types = Expressions(namespace, classes)
    blocks = []
    for schema in _ordered(namespaces[namespace]):
        try:
            blocks.append(_class_of(schema, types))
        except ContractError as error:
            error.file = _file_of(schema, catalog)
            raise
    table = _table(namespaces[namespace])
    return "\n".join([*_head(namespace, types, namespaces[namespace]), *(line for b in blocks for line in b), *table])


def _by_namespace(catalog: Catalog) -> dict[str, list[Record | Enum]]:
    """Return every record and enum by namespace, each sorted by name; a declared type wins over a nested mention."""
    found: dict[str, Record | Enum] = {}
    for name in sorted(catalog.types):
        for schema in _named(catalog.types[name].schema, set()):
            if schema.name not in found or schema.name == name:
                found[schema.name] = schema
    namespaces: dict[str, list[Record | Enum]] = {}
    for name in sorted(found):
        namespaces.setdefault(found[name].namespace, []).append(found[name])
    return namespaces


def _file_of(schema: Named, catalog: Catalog) -> str:
    """Return the file that declares a type: its own, else the first that holds it (catalogs are in that order)."""
    if schema.name in catalog.types:
        return catalog.types[schema.name].file
    holders = (
        kind for kind in catalog.types.values() if any(s.name == schema.name for s in _named(kind.schema, set()))
    )
    return next((holder.file for holder in holders), "")


def _named(schema: Schema, seen: set[str]) -> Iterator[Record | Enum]:
    """Yield the records and enums of a schema, what is referred to before what refers to it."""
    if isinstance(schema, Enum) and schema.name not in seen:
        seen.add(schema.name)
        yield schema
    elif isinstance(schema, Record) and schema.name not in seen:
        seen.add(schema.name)
        for field in schema.fields:
            yield from _named(field.type, seen)
        yield schema
    elif isinstance(schema, Array):
        yield from _named(schema.items, seen)
    elif isinstance(schema, Map):
        yield from _named(schema.values, seen)
    elif isinstance(schema, Union):
        for branch in schema.branches:
            yield from _named(branch, seen)


def _ordered(schemas: list[Record | Enum]) -> list[Record | Enum]:
    """Return enums first, whose members are defaults of fields, then records after those they hold."""
    enums: list[Record | Enum] = [schema for schema in schemas if isinstance(schema, Enum)]
    mine = {schema.name: schema for schema in schemas}
    seen: set[str] = set()
    walked = [found for schema in schemas for found in _named(schema, seen)]
    return [*enums, *(mine[s.name] for s in walked if isinstance(s, Record) and s.name in mine)]


def _check_distinct(namespace: str, schemas: list[Record | Enum]) -> None:
    seen: dict[str, str] = {}
    for schema in schemas:
        name = class_name(schema.short_name)
        if name in seen:
            raise ContractError(
                f"two types of namespace {namespace!r} would share the class {name}",
                expected="one type per class name",
                found=f"{seen[name]} and {schema.name}",
                hint="Rename one of them.",
            )
        seen[name] = schema.name


def _head(namespace: str, types: Expressions, schemas: list[Record | Enum]) -> list[str]:
    """Return everything above the first class; called last, when the needed imports are known."""
    records = [schema for schema in schemas if isinstance(schema, Record)]
    names = {module: set(used) for module, used in types.names.items()}
    names.setdefault("typing", set()).update({"Final"} | ({"ClassVar"} if schemas else set()))
    names.setdefault("types", set()).add("MappingProxyType")
    names.setdefault("collections.abc", set()).add("Mapping")
    if records:
        names.setdefault("dataclasses", set()).add("dataclass")
    if len(records) < len(schemas):
        names.setdefault("enum", set()).add("StrEnum")
    title = f"Event classes of namespace `{namespace}`" if namespace else "Event classes without a namespace"
    head = [
        f'"""{title}, {MARK}.',
        "",
        "Never edited by hand. After a change of a schema run: avroad schema types",
        '"""',
    ]
    if any(not _CAP_WORDS.fullmatch(class_name(schema.short_name)) for schema in schemas):
        head += ["", "# ruff: noqa: N801  # classes are called what the schemas call their types"]
    if types.modules and _CODEC in names:
        head += ["", "# ruff: noqa: I001  # whether avroad counts as first party depends on the project"]
    head += ["", "from __future__ import annotations", ""]
    head += [f"from {m} import {', '.join(sorted(names[m], key=_isort))}" for m in _STANDARD if m in names]
    if types.modules or _CODEC in names:
        head += ["", *(f"import {module}" for module in sorted(types.modules))]
        head += [f"from {_CODEC} import {name}" for name in sorted(names.get(_CODEC, ()))]
    exported = sorted([class_name(schema.short_name) for schema in schemas] + ["AVRO_TYPES"], key=_isort)
    return [*head, "", "__all__ = [", *(f"    {quoted(name)}," for name in exported), "]"]


_CAP_WORDS: Final = re.compile(r"_?[A-Z][A-Za-z0-9]*_?")


def _isort(name: str) -> tuple[int, list[tuple[int, int | str]]]:
    """Sort key of names in an import or export list: constants, classes, the rest; digits by their value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return kind, [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def _class_of(schema: Record | Enum, types: Expressions) -> list[str]:
    return ["", "", *(_record(schema, types) if isinstance(schema, Record) else _enum(schema))]


def _identity(schema: Named) -> list[str]:
    return [
        _fitted(f"    __avro_fullname__: ClassVar[str] = {quoted(schema.name)}"),
        f"    __avro_fingerprint__: ClassVar[str] = {quoted(fingerprint(schema))}",
    ]


def _enum(schema: Enum) -> list[str]:
    text = schema.doc
    if schema.default is not None:
        text = f"{text.strip()}{'' if not text or text.strip()[-1:] in '.?!' else '.'}"
        text = f"{text} A symbol this code does not know yet is read as {schema.default}."
    lines = [f"class {class_name(schema.short_name)}(StrEnum):"]
    lines += docstring(text, "    ", otherwise=f"Avro enum {schema.name}.")
    lines += ["", *_identity(schema), ""]
    return lines + [_fitted(f"    {name} = {quoted(symbol)}") for symbol, name in member_names(schema.symbols).items()]


def _record(schema: Record, types: Expressions) -> list[str]:
    lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {class_name(schema.short_name)}:"]
    lines += docstring(schema.doc, "    ", otherwise=f"Avro record {schema.name}.")
    lines += ["", *_identity(schema)]
    names = types.fields(schema)
    changed = {name: wire for wire, name in names.items() if name != wire}
    if changed:
        lines += ["    __avro_names__: ClassVar[Mapping[str, str]] = MappingProxyType(", "        {"]
        lines += [f"            {quoted(name)}: {quoted(wire)}," for name, wire in changed.items()]
        lines += ["        }", "    )"]
    if schema.fields:
        lines.append("")
    for field in schema.fields:
        try:
            default = _default(field, types)
        except ContractError as error:
            error.message = f"the default of {field.name} of {schema.name} has no Python value"
            raise
        lines.append(_fitted(f"    {names[field.name]}: {types.annotation(field.type)}{default}"))
        lines += attribute_docstring(field.doc, "    ")
    return lines


def _default(field: Field, types: Expressions) -> str:
    if field.default is NO_DEFAULT:
        return ""
    expression = types.default(field.type, field.default)
    local = expression.startswith("datetime(") and "tzinfo" not in expression
    return f" = {expression}" + ("  # noqa: DTZ001  # a local timestamp has no zone" if local else "")


def _fitted(line: str) -> str:
    """Return the line, kept from the formatter and the linter when it is too long to stand on one line."""
    return line if len(line) <= LINE_LENGTH else f"{line}  # noqa: E501  # fmt: skip"


def _table(schemas: Iterable[Record | Enum]) -> list[str]:
    entries = [f"        {quoted(schema.name)}: {class_name(schema.short_name)}," for schema in schemas]
    head = ["", "", "AVRO_TYPES: Final[Mapping[str, type]] = MappingProxyType(", "    {"]
    return [*head, *entries, "    }", ")", '"""Classes by the full name of their Avro type."""', ""]
