"""Avro schemas as values: parse, write, fingerprint, limit. Knows nothing of topics, registries or files."""

from __future__ import annotations

from avroad.schema.canonical import canonical_fingerprint, canonical_form
from avroad.schema.defaults import default_branch, default_problem, normal_default
from avroad.schema.digits import whole_number
from avroad.schema.java_numbers import NotFinite
from avroad.schema.json import MAX_TEXT_BYTES, NO_DEFAULT, Json, NoDefault, read_json
from avroad.schema.limits import Limits, check_limits, min_size
from avroad.schema.logical import Logical
from avroad.schema.named import Enum, Field, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union
from avroad.schema.parse import PRIMITIVES, parse
from avroad.schema.text import not_utf8
from avroad.schema.walk import children, is_recursive, named_types
from avroad.schema.write import fingerprint, to_json

__all__ = [
    "MAX_TEXT_BYTES",
    "NO_DEFAULT",
    "PRIMITIVES",
    "Array",
    "Enum",
    "Field",
    "Fixed",
    "Json",
    "Limits",
    "Logical",
    "Map",
    "Named",
    "NoDefault",
    "NotFinite",
    "Primitive",
    "Record",
    "Schema",
    "Union",
    "canonical_fingerprint",
    "canonical_form",
    "check_limits",
    "children",
    "default_branch",
    "default_problem",
    "fingerprint",
    "is_recursive",
    "min_size",
    "named_types",
    "normal_default",
    "not_utf8",
    "parse",
    "read_json",
    "to_json",
    "whole_number",
]
