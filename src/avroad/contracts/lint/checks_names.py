"""Checks of names and documentation."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from avroad.codec.conversions import CONVERTS
from avroad.codec.finite import FINITE
from avroad.contracts.lint.findings import Hit
from avroad.contracts.lint.places import NAMED, Place

__all__ = ["NAME_CHECKS"]

_NAMESPACE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
_PASCAL: Final = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_RESERVED: Final[Mapping[str, tuple[str, ...]]] = {
    "record": ("type", "name", "namespace", "doc", "aliases", "fields"),
    "enum": ("type", "name", "namespace", "doc", "aliases", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "doc", "aliases", "size", "logicalType", "precision", "scale", CONVERTS),
    "array": ("type", "items"),
    "map": ("type", "values"),
    "primitive": ("type", "logicalType", "precision", "scale", CONVERTS, FINITE),
    "field": ("name", "type", "doc", "default", "order", "aliases"),
}


_FLOATS: Final = ("float", "double")


def _without_doc(place: Place, kind: str) -> Iterator[Hit]:
    doc = place.attributes.get("doc")
    if place.kind == kind and not (isinstance(doc, str) and doc.strip()):
        yield Hit(message=f"the {kind} has no doc", fix='say in "doc" what it means, with unit and origin')


def _record_doc(place: Place) -> Iterator[Hit]:
    yield from _without_doc(place, "record")


def _enum_doc(place: Place) -> Iterator[Hit]:
    yield from _without_doc(place, "enum")


def _field_doc(place: Place) -> Iterator[Hit]:
    yield from _without_doc(place, "field")


def _namespace_missing(place: Place) -> Iterator[Hit]:
    if place.kind in NAMED and place.name and not place.space:
        yield Hit(message=f"{place.name} has no namespace", fix='add "namespace" with the name of the domain')


def _namespace_style(place: Place) -> Iterator[Hit]:
    if place.kind in NAMED and place.space and not _NAMESPACE.match(place.space):
        yield Hit(message=f"the namespace is {place.space}", fix="use lower case, parts joined by dots")


def _namespace_mixed(place: Place) -> Iterator[Hit]:
    outer = place.type.rpartition(".")[0]
    if place.kind in NAMED and place.type and place.name and place.space != outer:
        fix = "declare it in a file of its own and refer to it, or leave the namespace out"
        yield Hit(message=f"{place.name} is declared inside {place.type}", fix=fix)


def _type_name(place: Place) -> Iterator[Hit]:
    short = place.name.rpartition(".")[2]
    if place.kind in NAMED and short and not _PASCAL.match(short):
        yield Hit(message=f"the type is called {short}", fix="use PascalCase, as in TrafficJam")


def _symbol_style(place: Place) -> Iterator[Hit]:
    symbols = place.attributes.get("symbols")
    if place.kind == "enum" and isinstance(symbols, list):
        odd = [s for s in symbols if isinstance(s, str) and not _SYMBOL.match(s)]
        if odd:
            more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""  # noqa: PLR2004  # three show the pattern
            yield Hit(message=f"symbols {', '.join(odd[:3])}{more}", fix="use UPPER_CASE", at=".symbols")


def _misspelled(place: Place) -> Iterator[Hit]:
    known = _RESERVED.get(place.kind, ())
    lower = {word.lower(): word for word in known}
    for key in place.attributes:
        if key == FINITE and not _is_policy(place):
            fix = f'write {{"type": "double", "{FINITE}": true}} where the type stands'
            yield Hit(message=f'the attribute "{FINITE}" has no effect here', fix=fix, at=f".{key}")
            continue
        if key in known:
            continue
        close = difflib.get_close_matches(key.lower(), lower, n=1, cutoff=0.8)
        if close:
            meant = lower[close[0]]
            yield Hit(message=f'the attribute "{key[:60]}" has no effect', fix=f'did you mean "{meant}"?', at=f".{key}")


def _is_policy(place: Place) -> bool:
    """Say whether `avroad.finite` means something: true beside a float or double, not beside a field."""
    given = place.attributes
    return place.kind == "primitive" and given.get("type") in _FLOATS and given[FINITE] is True


def _useless_alias(place: Place) -> Iterator[Hit]:
    aliases = place.attributes.get("aliases")
    if place.kind not in {*NAMED, "field"} or not isinstance(aliases, list):
        return
    kept: list[object] = []
    seen = {place.name}
    for alias in aliases:
        full = f"{place.space}.{alias}" if place.kind != "field" and place.space and "." not in str(alias) else alias
        if full not in seen:
            kept.append(alias)
        seen.add(str(full))
    if len(kept) < len(aliases):
        message = "an alias is given twice, or is the name itself"
        yield Hit(message=message, fix="remove it", at=".aliases", put={"aliases": kept})


def _alias_taken(place: Place) -> Iterator[Hit]:
    fields = place.attributes.get("fields")
    if place.kind != "record" or not isinstance(fields, list):
        return
    objects = [item for item in fields if isinstance(item, dict)]
    names = {str(item.get("name")) for item in objects}
    claimed: dict[str, str] = {}
    for item in objects:
        name, aliases = str(item.get("name")), item.get("aliases")
        for alias in {str(a) for a in aliases} if isinstance(aliases, list) else ():
            other = alias if alias in names and alias != name else claimed.get(alias, "")
            if other:
                message = f"the alias {alias} of field {name} also belongs to field {other}"
                yield Hit(message=message, fix="give each old name to one field only")
            claimed.setdefault(alias, name)


NAME_CHECKS: Final = {
    "RECORD_WITHOUT_DOC": _record_doc,
    "ENUM_WITHOUT_DOC": _enum_doc,
    "FIELD_WITHOUT_DOC": _field_doc,
    "NAMESPACE_MISSING": _namespace_missing,
    "NAMESPACE_STYLE": _namespace_style,
    "NAMESPACE_MIXED": _namespace_mixed,
    "TYPE_NAME_STYLE": _type_name,
    "SYMBOL_STYLE": _symbol_style,
    "ATTRIBUTE_MISSPELLED": _misspelled,
    "ALIAS_USELESS": _useless_alias,
    "ALIAS_TAKEN": _alias_taken,
}
"""By rule."""
