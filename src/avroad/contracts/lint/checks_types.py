"""Checks of types, unions, defaults and logical types."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any, Final

from avroad.contracts.lint.findings import Hit
from avroad.contracts.lint.places import Place, alternatives, base
from avroad.schema.logical import KNOWN_LOGICAL, read_logical

__all__ = ["TYPE_CHECKS"]

_UNKNOWN: Final = re.compile(r"(UNKNOWN|UNSPECIFIED|UNDEFINED|NONE|OTHER)\Z", re.IGNORECASE)
_LIKE_UNKNOWN: Final = ("UNKNOWN", "UNSPECIFIED", "UNDEFINED")
_MAX_PRECISION: Final = 38
_NUMBERS: Final = frozenset({"int", "long", "float", "double"})
_TIME: Final = re.compile(r"(.*_)?(at|on|time|date|timestamp)\Z|.*[a-z](At|On|Time|Date|Timestamp)\Z")
_QUANTITY: Final = re.compile(
    r"(.*_)?(speed|length|distance|duration|delay|width|height|weight|altitude|radius|timeout)\Z"
    r"|.*[a-z](Speed|Length|Distance|Duration|Delay|Width|Height|Weight|Altitude|Radius|Timeout)\Z"
)
_PLACE: Final = re.compile(r"(.*_)?(lat|lon|lng|latitude|longitude)\Z|.*[a-z](Lat|Lon|Lng|Latitude|Longitude)\Z")
_MONEY: Final = re.compile(r"(.*_)?(price|amount|cost|fee|balance|toll)\Z|.*[a-z](Price|Amount|Cost|Fee|Balance)\Z")
_PERSONAL: Final = re.compile(
    r"(.*_)?(e_?mail|phone|phone_number|plate|number_plate|license_plate|birth_date|date_of_birth|passport|iban|"
    r"ip_address|first_name|last_name|surname)\Z", re.IGNORECASE
)  # fmt: skip
_PII: Final = ("none", "pseudonymous", "personal", "sensitive")


def _bare(node: Any, wanted: frozenset[str] | set[str]) -> str:  # noqa: ANN401  # a JSON value
    """Return the name of a wanted primitive that stands there without a logical type, else ""."""
    for branch in alternatives(node):
        if base(branch) in wanted and not (isinstance(branch, dict) and "logicalType" in branch):
            return base(branch)
    return ""


def _enum_default(place: Place) -> Iterator[Hit]:
    symbols = place.attributes.get("symbols")
    if place.kind == "enum" and "default" not in place.attributes and isinstance(symbols, list):
        caught = [s for like in _LIKE_UNKNOWN for s in symbols if isinstance(s, str) and s.upper() == like]
        fix = f'add "default": "{caught[0]}"' if caught else 'add a symbol UNKNOWN and "default": "UNKNOWN"'
        message = "readers fail on symbols they do not know"
        yield Hit(message=message, fix=fix, put={"default": caught[0]} if caught else {})


def _enum_default_meaning(place: Place) -> Iterator[Hit]:
    default = place.attributes.get("default")
    if place.kind == "enum" and isinstance(default, str) and not _UNKNOWN.search(default):
        yield Hit(message=f"unknown symbols are read as {default}", fix="take a symbol like UNKNOWN", at=".default")


def _null_first(place: Place) -> Iterator[Hit]:
    node = place.attributes.get("type")
    if place.kind == "field" and isinstance(node, list) and "null" in node[1:]:
        if "default" not in place.attributes:
            fix = (
                'put "null" first and add "default": null in the next version; the order of branches changes the bytes'
            )
            yield Hit(message="null is not the first branch", fix=fix, at=".type")
        elif place.attributes["default"] is not None:
            fix = 'put "null" first with "default": null in the next version, or leave null out if it is never written'
            yield Hit(message="may be null, and left out it is something else", fix=fix, at=".default")


def _nullable_default(place: Place) -> Iterator[Hit]:
    node = place.attributes.get("type")
    if place.kind == "field" and isinstance(node, list) and node[:1] == ["null"] and "default" not in place.attributes:
        yield Hit(message="may be null, but has no default", fix='add "default": null', put={"default": None})


def _union_default(place: Place) -> Iterator[Hit]:
    node = place.attributes.get("type")
    if place.kind != "field" or not isinstance(node, list) or not node or "default" not in place.attributes:
        return
    if not _may_be(base(node[0]), place.attributes["default"]):
        yield Hit(message="the default is not of the first branch", fix="put its branch first", at=".default")


def _may_be(kind: str, default: Any) -> bool:  # noqa: ANN401  # a JSON value
    """Say whether a default may be of a type, by its JSON form; of a type declared elsewhere, always."""
    forms = {"null": type(None), "boolean": bool, "string": str, "bytes": str, "enum": str, "fixed": str,
             "array": list, "map": dict, "record": dict}  # fmt: skip
    if kind in _NUMBERS:
        return type(default) is int or (type(default) is float and kind in {"float", "double"})
    return kind not in forms or isinstance(default, forms[kind])


def _similar_branches(place: Place) -> Iterator[Hit]:
    if place.kind != "union":
        return
    kinds = [base(branch) for branch in place.node]
    numbers = [kind for kind in kinds if kind in _NUMBERS]
    texts = [kind for kind in kinds if kind in {"string", "bytes", "enum"}]
    for similar in (numbers, texts):
        if len(similar) > 1:
            yield Hit(message=f"the union has {' and '.join(similar)}", fix="keep the widest, or use two fields")


def _union_of_one(place: Place) -> Iterator[Hit]:
    if place.kind == "union" and len(place.node) == 1:
        yield Hit(message="the union has one branch", fix="write the type alone; this changes the bytes: a new version")


def _empty_record(place: Place) -> Iterator[Hit]:
    if place.kind == "record" and place.attributes.get("fields") == []:
        yield Hit(message="the record has no fields", fix="add a field", at=".fields")


def _bare_time(place: Place) -> Iterator[Hit]:
    found = _bare(place.attributes.get("type"), {"int", "long", "string"})
    if place.kind == "field" and found and _TIME.match(place.name):
        fix = 'use {"type": "long", "logicalType": "timestamp-millis"}, or say the unit in the name, as in _s'
        yield Hit(message=f"a time as a bare {found}", fix=fix, at=".type")


def _coordinate(place: Place) -> Iterator[Hit]:
    found = _bare(place.attributes.get("type"), {"int", "long", "string", "float"})
    if place.kind == "field" and found and _PLACE.match(place.name):
        yield Hit(message=f"a coordinate as {found}", fix="use double, in degrees", at=".type")


def _unit(place: Place) -> Iterator[Hit]:
    if place.kind == "field" and _QUANTITY.match(place.name) and _bare(place.attributes.get("type"), _NUMBERS):
        yield Hit(message=f"{place.name} has no unit", fix="end the name with its unit, as in _kmh, _m or _s")


def _money(place: Place) -> Iterator[Hit]:
    found = _bare(place.attributes.get("type"), {"float", "double"})
    if place.kind == "field" and found and _MONEY.match(place.name):
        yield Hit(message=f"an amount of money as {found}", fix="use a decimal", at=".type")


def _precision(place: Place) -> Iterator[Hit]:
    precision = place.attributes.get("precision")
    if place.attributes.get("logicalType") == "decimal" and type(precision) is int and precision > _MAX_PRECISION:
        yield Hit(message=f"a decimal of {precision} digits", fix="use at most 38", at=".precision")


def _scale(place: Place) -> Iterator[Hit]:
    if place.attributes.get("logicalType") == "decimal" and "scale" not in place.attributes:
        yield Hit(message="the decimal's scale is not said: it is 0", fix='add "scale": 0', put={"scale": 0})


def _logical_unknown(place: Place) -> Iterator[Hit]:
    name = place.attributes.get("logicalType")
    if isinstance(name, str) and name not in KNOWN_LOGICAL:
        close = difflib.get_close_matches(name, KNOWN_LOGICAL, n=1)
        fix = f'did you mean "{close[0]}"?' if close else "take one that Avro names, or another attribute"
        yield Hit(message=f'"{name[:60]}" is no logical type of Avro', fix=fix, at=".logicalType")


def _logical_base(place: Place) -> Iterator[Hit]:
    if place.kind == "field" and place.attributes.get("logicalType") in KNOWN_LOGICAL:
        name = place.attributes["logicalType"]
        fix = f'put it inside: "type": {{"type": ..., "logicalType": "{name}"}}'
        yield Hit(message=f"{name} stands beside the type, where it has no effect", fix=fix, at=".logicalType")
    if place.kind in {"field", "name", "union"}:
        return
    size = place.attributes.get("size")
    _, expected, found = read_logical(base(place.node), place.attributes, size=size if type(size) is int else 0)
    if expected:
        yield Hit(message=f"expected {expected}, found {found}", fix=f"use {expected}", at=".logicalType")


def _pii_word(place: Place) -> Iterator[Hit]:
    word = place.attributes.get("pii")
    if place.kind == "field" and "pii" in place.attributes and word not in _PII:
        close = difflib.get_close_matches(str(word), _PII, n=1)
        fix = f'did you mean "{close[0]}"?' if close else f"use one of {', '.join(_PII)}"
        yield Hit(message='"pii" has a word that no tool knows', fix=fix, at=".pii")


def _pii_missing(place: Place) -> Iterator[Hit]:
    if place.kind == "field" and "pii" not in place.attributes and _PERSONAL.match(place.name):
        yield Hit(message=f"{place.name} looks personal", fix=f'add "pii": one of {", ".join(_PII)}')


TYPE_CHECKS: Final = {
    "ENUM_WITHOUT_DEFAULT": _enum_default,
    "ENUM_DEFAULT_MEANS_SOMETHING": _enum_default_meaning,
    "NULL_NOT_FIRST": _null_first,
    "NULLABLE_WITHOUT_DEFAULT": _nullable_default,
    "UNION_DEFAULT_NOT_FIRST": _union_default,
    "UNION_SIMILAR_BRANCHES": _similar_branches,
    "UNION_OF_ONE": _union_of_one,
    "EMPTY_RECORD": _empty_record,
    "TIME_WITHOUT_TYPE": _bare_time,
    "COORDINATE_TYPE": _coordinate,
    "UNIT_MISSING": _unit,
    "MONEY_AS_FLOAT": _money,
    "DECIMAL_PRECISION_TOO_LARGE": _precision,
    "DECIMAL_SCALE_MISSING": _scale,
    "LOGICAL_TYPE_UNKNOWN": _logical_unknown,
    "LOGICAL_TYPE_MISPLACED": _logical_base,
    "PII_TAG_UNKNOWN": _pii_word,
    "PII_TAG_MISSING": _pii_missing,
}
"""By rule."""
