"""Schema parsing: what is accepted, and that every refusal says where, what was expected and what stands there."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from avroad.errors import SchemaSyntaxError
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Enum,
    Fixed,
    Logical,
    Map,
    Primitive,
    Record,
    Union,
    canonical_form,
    fingerprint,
    parse,
    to_json,
)  # fmt: skip


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "ns.R", "fields": list(fields), **more}


def field(type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": "f", "type": type_, **more}


def problems_of(schema: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(schema)
    return [(p.path, p.expected, p.found) for p in caught.value.problems]


@pytest.mark.parametrize("name", ["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
@pytest.mark.parametrize("form", ["bare", "text", "object"])
def test_a_primitive_may_be_written_three_ways(name: str, form: str) -> None:
    source: Any = {"bare": name, "text": json.dumps(name), "object": {"type": name}}[form]
    node = parse(source)
    assert isinstance(node, Primitive)
    assert node.name == name


def test_a_record_keeps_everything_it_declares() -> None:
    node = parse(
        record(
            field("int", doc="a number", default=3, aliases=["g"], order="descending", unit="m"),
            doc="all of it", aliases=["Old", "other.Old"], owner="roads",
        )
    )  # fmt: skip
    assert isinstance(node, Record)
    assert (node.name, node.short_name, node.namespace, node.doc) == ("ns.R", "R", "ns", "all of it")
    assert node.aliases == ("ns.Old", "other.Old")
    assert node.props == {"owner": "roads"}
    first = node.fields[0]
    assert (first.name, first.default, first.aliases, first.order, first.doc) == (
        "f",
        3,
        ("g",),
        "descending",
        "a number",
    )
    assert first.props == {"unit": "m"}


def test_null_is_a_default_and_no_default_is_none_at_all() -> None:
    node = parse(record({"name": "a", "type": ["null", "int"], "default": None}, {"name": "b", "type": "int"}))
    assert isinstance(node, Record)
    assert node.fields[0].default is None
    assert node.fields[1].default is NO_DEFAULT


def test_enum_fixed_array_map_union() -> None:
    enum = parse({"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "B"})
    fixed = parse({"type": "fixed", "name": "F", "size": 4})
    array, map_ = parse({"type": "array", "items": "int"}), parse({"type": "map", "values": "long"})
    union = parse(["null", "string"])
    assert isinstance(enum, Enum)
    assert (enum.symbols, enum.default) == (("A", "B"), "B")
    assert isinstance(fixed, Fixed)
    assert fixed.size == 4
    assert isinstance(array, Array)
    assert isinstance(map_, Map)
    assert isinstance(union, Union)
    assert [b.name for b in union.branches if isinstance(b, Primitive)] == ["null", "string"]


@pytest.mark.parametrize(
    ("names", "full"),
    [
        ({"name": "R", "namespace": "a.b"}, "a.b.R"),
        ({"name": "c.R", "namespace": "a.b"}, "c.R"),
        ({"name": "R", "namespace": ""}, "R"),
        ({"name": "R"}, "outer.R"),
    ],
    ids=["namespace", "dotted-name-wins", "empty-resets", "inherited"],
)
def test_full_names(names: dict[str, str], full: str) -> None:
    inner = {"type": "record", "fields": [], **names}
    node = parse({"type": "record", "name": "outer.Top", "fields": [field(inner)]})
    assert isinstance(node, Record)
    assert isinstance(node.fields[0].type, Record)
    assert node.fields[0].type.name == full


def test_a_record_may_point_at_itself_and_is_then_the_same_node() -> None:
    node = parse(record(field(["null", "R"], default=None)))
    assert isinstance(node, Record)
    union = node.fields[0].type
    assert isinstance(union, Union)
    assert union.branches[1] is node


def test_referenced_types_are_found_by_full_name_and_by_namespace() -> None:
    place = parse({"type": "record", "name": "ns.Place", "fields": []})
    assert isinstance(place, Record)
    for written in ("ns.Place", "Place"):
        node = parse(record(field(written)), names={"ns.Place": place})
        assert isinstance(node, Record)
        assert node.fields[0].type is place


def test_a_short_name_falls_back_to_the_null_namespace() -> None:
    top = parse({"type": "record", "name": "Top", "fields": []})
    assert isinstance(top, Record)
    node = parse(record(field("Top")), names={"Top": top})
    assert isinstance(node, Record)
    assert node.fields[0].type is top


def test_every_problem_is_reported_at_once_with_its_path() -> None:
    found = problems_of(record(field("strnig"), field("int", order="up"), {"type": "int"}))
    assert [path for path, _, _ in found] == [
        "$.fields[0].type", "$.fields[1].order", "$.fields[2].name", "$.fields[1].name",
    ]  # fmt: skip


def test_a_misspelt_type_gets_a_suggestion() -> None:
    with pytest.raises(SchemaSyntaxError, match=r'f\.avsc \$\.fields\[0\]\.type: expected a type name, found "strnig"'
                                                r': did you mean "string"\?'):  # fmt: skip
        parse(record(field("strnig")), file="f.avsc")


@pytest.mark.parametrize(
    ("schema", "path", "found"),
    [
        (record(field("int"), field("long")), "$.fields[1].name", "'f'"),
        ([], "$", "an empty union"),
        (["int", "int"], "$[1]", "int"),
        (["int", ["null"]], "$[1]", "a union"),
        ({"type": "enum", "name": "E", "symbols": []}, "$.symbols", "none"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "$.symbols", "'A'"),
        ({"type": "enum", "name": "E", "symbols": ["A B"]}, "$.symbols[0]", "'A B'"),
        ({"type": "enum", "name": "E", "symbols": "AB"}, "$.symbols", "a string"),
        ({"type": "enum", "name": "E", "symbols": ["A"], "default": "Z"}, "$.default", "'Z'"),
        ({"type": "fixed", "name": "F", "size": -1}, "$.size", "-1"),
        ({"type": "fixed", "name": "F", "size": True}, "$.size", "True"),
        ({"type": "fixed", "name": "F", "size": 1000.0}, "$.size", "1000.0"),
        ({"type": "record", "name": "1abc", "fields": []}, "$.name", "'1abc'"),
        ({"type": "record", "name": "", "fields": []}, "$", "a string"),
        ({"type": "record", "name": "int", "fields": []}, "$.name", '"int"'),
        ({"type": "record", "name": "R"}, "$", "none"),
        ({"type": "array"}, "$", "no items"),
        ({"type": "map"}, "$", "no values"),
        ({"name": "R"}, "$", "no type"),
        ({"type": {"type": "int"}}, "$.type", "an object"),
        (5, "$", "a number"),
        (None, "$", "null"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 0}, "$.logicalType", "0"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 4}, "$.logicalType", "4"),
        ({"type": "int", "logicalType": "uuid"}, "$.logicalType", "int"),
        ({"type": "fixed", "name": "D", "size": 11, "logicalType": "duration"}, "$.logicalType", "11 bytes"),
        ({"type": "fixed", "name": "D", "size": 2, "logicalType": "decimal", "precision": 5}, "$.logicalType", "5"),
    ],
)
def test_strict_refuses(schema: Any, path: str, found: str) -> None:
    assert (path, found) in [(p, f) for p, _, f in problems_of(schema)]


@pytest.mark.parametrize(
    ("type_", "default", "fits"),
    [
        ("int", 1, True), ("int", 2**31, False), ("int", 1.0, False), ("int", True, False), ("long", 2**63, False),
        ("double", 1, True), ("double", "1", False), ("boolean", 0, False), ("string", None, False),
        ("bytes", "\u00ff", True), ("bytes", "\u0100", False), ("null", None, True),
        (["null", "int"], 5, True), (["null", "int"], "x", False),
        ({"type": "array", "items": "int"}, [1, 2], True), ({"type": "array", "items": "int"}, [1, "x"], False),
        ({"type": "map", "values": "int"}, {"a": 1}, True), ({"type": "map", "values": "int"}, [], False),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "A", True),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B", False),
        ({"type": "fixed", "name": "F", "size": 2}, "ab", True),
        ({"type": "fixed", "name": "F", "size": 2}, "a", False),
        (record({"name": "a", "type": "int"}), {"a": 1}, True), (record({"name": "a", "type": "int"}), {}, False),
        (record({"name": "a", "type": "int", "default": 1}), {}, True),
        (record({"name": "a", "type": "int", "default": 1}), {"b": 1}, False),
    ],
)  # fmt: skip
def test_defaults_are_checked_by_type(type_: Any, default: Any, fits: bool) -> None:
    schema: Any = {"type": "record", "name": "Outer", "fields": [field(type_, default=default)]}
    if fits:
        assert isinstance(parse(schema), Record)
    else:
        assert problems_of(schema)[0][0].startswith("$.fields[0].default")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"type": {"type": "int"}}, "$.type"),
        ({"type": {"type": {"type": "int"}}}, "$.type"),
        ({"type": ["int", "null"]}, "$.type"),
        ({"type": []}, "$.type"),
        ({"name": "E2", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}, "$.type"),
        ({"type": "array", "items": {"type": {"type": "int"}}}, "$.items.type"),
        ({"type": "map", "values": {"type": ["int"]}}, "$.values.type"),
        (["string", {"type": {"type": "int"}}], "$[1].type"),
        (record(field({"type": {"type": "int"}})), "$.fields[0].type.type"),
        (record(field({"type": ["null", "int"]})), "$.fields[0].type.type"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("strict", [True, False])
def test_a_type_object_in_a_type_object_is_refused_as_java_and_the_others_refuse_it(
    value: Any, path: str, strict: bool
) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(value, strict=strict)
    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize("value", [record(field({"type": "int"})), record(field(["null", {"type": "Outer"}]))])
def test_a_name_in_a_type_object_is_a_type(value: Any) -> None:
    """The specification says so, and Avro Java did until 1.12.2."""
    assert isinstance(parse({**value, "name": "Outer"}, strict=False), Record)


def test_lenient_reads_what_others_registered() -> None:
    node = parse(
        {"type": "record", "name": "a-b", "aliases": "old", "fields": [
            {"name": "x y", "type": {"type": "int"}, "default": "wrong"},
            {"name": "d", "type": {"type": "bytes", "logicalType": "decimal"}},
        ]},
        strict=False,
    )  # fmt: skip
    assert isinstance(node, Record)
    assert node.aliases == ("old",)
    second = node.fields[1].type
    assert isinstance(second, Primitive)
    assert second.logical is None, "an invalid logical type is ignored"


def test_unknown_logical_types_fall_back_to_the_base_type_and_are_kept() -> None:
    node = parse({"type": "int", "logicalType": "shoe-size", "unit": "EU"})
    assert isinstance(node, Primitive)
    assert node.logical is None
    assert node.props == {"logicalType": "shoe-size", "unit": "EU"}


@pytest.mark.parametrize(
    "value",
    [
        {"type": "int", "logicalType": "shoe-size", "unit": "EU"},
        {"type": "string", "logicalType": 5},
        {"type": "bytes", "logicalType": "decimal", "precision": 0},
        {"type": "int", "logicalType": "date", "precision": 3},
        {"type": "fixed", "name": "F", "size": 3, "logicalType": "uuid"},
        {"type": "bytes", "precision": 4, "scale": 2},
    ],
)
def test_a_logical_type_nobody_knows_survives_to_be_registered_and_is_a_meaning_of_its_own(value: Any) -> None:
    node = parse(value, strict=False)
    assert to_json(node) == value
    bare = {key: value[key] for key in ("type", "name", "size") if key in value}
    assert fingerprint(node) != fingerprint(parse(bare))


def test_valid_logical_types_are_read() -> None:
    node = parse({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2})
    assert isinstance(node, Primitive)
    assert node.logical == Logical(name="decimal", precision=9, scale=2)


def test_a_default_nested_too_deep_to_check_is_a_typed_error() -> None:
    chain = {"type": "record", "name": "R", "fields": [{"name": "next", "type": ["null", "R"]}]}
    default: Any = None
    for _ in range(400):
        default = {"next": default}
    problems = problems_of({"type": "record", "name": "O", "fields": [field(chain, default=default)]})
    assert problems == [("$.fields[0].default", "a default of moderate depth", "nesting too deep to check")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "depth"),
        ('{"type": "int", "type": "long"}', "twice"),
        ('{"type": "int", "x": NaN}', "NaN"),
        (f'{{"type": "int", "x": {"9" * 5_000}}}', "at most 4000 digits"),
        ('"' + "x" * 300_000 + '"', "at most 262144 bytes"),
    ],
    ids=["open", "empty", "deep", "duplicate-key", "nan", "digits", "large"],
)
def test_text_that_is_no_schema_ends_in_our_error(text: str, says: str) -> None:
    with pytest.raises(SchemaSyntaxError, match=says):
        parse(text)


def test_deeply_nested_values_end_in_our_error() -> None:
    schema: Any = "int"
    for _ in range(5_000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(SchemaSyntaxError, match="levels"):
        parse(schema)


def test_what_is_written_parses_to_the_same_meaning() -> None:
    source = record(
        field(["null", {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}], default=None),
        {"name": "g", "type": {"type": "map", "values": "E"}, "doc": "again"},
        doc="kept",
    )
    written = to_json(parse(source))
    assert to_json(parse(written)) == written
    assert canonical_form(parse(written)) == canonical_form(parse(source))


CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "decoding.jsonl"


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is absent")
def test_every_foreign_schema_of_the_decoding_cases_parses_leniently() -> None:
    lines = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    assert lines
    for line in lines:
        for side in ("writer", "reader"):
            if line[side] is not None:
                assert canonical_form(parse(line[side], strict=False))


@pytest.mark.parametrize("odd", [[], {}, [[]], [{}], 1, 1.5, True, None, ""], ids=repr)
@pytest.mark.parametrize("strict", [True, False])
def test_an_attribute_of_another_type_never_ends_in_a_traceback(odd: Any, strict: bool) -> None:
    shapes: list[Any] = [
        record({**field("int", default=1), "order": "ignore", "aliases": ["g"], "doc": "d"}) | {"aliases": ["Q"]},
        {"type": "enum", "name": "E", "namespace": "n", "symbols": ["A"], "default": "A", "aliases": ["F"]},
        {"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 1, "scale": 0},
        {"type": "bytes", "logicalType": "decimal", "precision": 1, "scale": 0},
        {"type": "array", "items": "int"},
        {"type": "map", "values": "int"},
    ]
    first = shapes[0]["fields"][0]
    sources = [{**shape, key: odd} for shape in shapes for key in shape]
    for source in [*sources, *(record({**first, key: odd}) for key in first)]:
        try:
            parse(source, strict=strict)
        except SchemaSyntaxError as error:
            assert str(error)  # noqa: PT017 - a refusal is as good as a node


def test_a_repeated_symbol_is_found_in_one_pass_over_many() -> None:
    """Comparing each symbol with all before it takes 200 million comparisons here, which the clock would show."""
    symbols = [f"S{i}" for i in range(20_000)]
    start = time.process_time()
    assert problems_of({"type": "enum", "name": "E", "symbols": [*symbols, "S19999"]}) == [
        ("$.symbols", "each symbol once", "'S19999'")
    ]
    assert time.process_time() - start < 1


def test_of_very_many_problems_the_first_are_told_with_the_number_of_the_rest() -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse([f"strin{i}" for i in range(1_000)], strict=False)
    problems = caught.value.problems
    assert len(problems) == 101
    assert (problems[-1].expected, problems[-1].found) == ("at most 100 problems", "900 more")
    assert problems[0].fix == 'did you mean "string"?'
    assert problems[99].fix == ""


def test_a_name_is_not_compared_with_very_many_others() -> None:
    names: Any = {f"t.N{i}": Primitive(name="null") for i in range(1_000)}
    with pytest.raises(SchemaSyntaxError) as caught:
        parse('["strnig"]', names=names)
    assert [problem.fix for problem in caught.value.problems] == [""]


def test_a_schema_shares_nothing_with_the_value_it_was_made_of() -> None:
    default: Any = [[1]]
    source = record({**field({"type": "array", "items": {"type": "array", "items": "int"}}, default=default)})
    node = parse(source)
    default[0].append("no int")
    assert isinstance(node, Record)
    assert node.fields[0].default == [[1]]


ENDLESS: Any = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("value", "path", "says"),
    [
        ({"type": "int", 1: 2}, "$", "one of type int"),
        ({"type": "int", "x": [{None: 2}]}, "$.x[0]", "one of type NoneType"),
        ({"type": "int", "x": (1, 2)}, "$.x", "tuple"),
        ({"type": "int", "x": 10**5000}, "$.x", "16610"),
        ({"type": "int", "x": ENDLESS}, "", "more"),
    ],
    ids=["integer-key", "null-key", "tuple", "large-number", "endless"],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_value_that_json_does_not_have_is_refused(value: Any, path: str, says: str, strict: bool) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(value, strict=strict)
    assert (caught.value.path, caught.value.found) == (path, says)


def _of_two(one: Any, two: Any) -> Any:
    return {"type": "record", "name": "a.M", "fields": [{"name": "h", "type": one}, {"name": "f", "type": two}]}


def test_lenient_takes_a_type_that_is_declared_twice_in_the_same_words() -> None:
    inner: Any = {"type": "record", "name": "a.N", "fields": [{"name": "x", "type": "int"}]}
    node = parse(_of_two(inner, inner), strict=False)
    assert isinstance(node, Record)
    assert node.fields[0].type is not node.fields[1].type, "Java has two nodes, each with its own path"
    assert to_json(node) == _of_two(inner, "a.N")
    with pytest.raises(SchemaSyntaxError, match="each name declared once"):
        parse(_of_two(inner, inner))
    with pytest.raises(SchemaSyntaxError, match="each name declared once"):
        parse(_of_two(inner, {**inner, "fields": []}), strict=False)


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"type": "fixed", "name": "F", "namespace": None, "size": 1}, {"type": "fixed", "name": "F", "size": 1}),
        (
            {"type": "enum", "name": "E", "symbols": ["A"], "default": 5},
            {"type": "enum", "name": "E", "symbols": ["A"]},
        ),
    ],
)
def test_lenient_takes_an_attribute_of_another_type_for_none_as_java_does(given: Any, means: Any) -> None:
    assert to_json(parse(given, strict=False)) == means
    with pytest.raises(SchemaSyntaxError):
        parse(given)


def test_lenient_knows_a_record_by_its_short_name_once_it_is_complete() -> None:
    hash_: Any = {"type": "fixed", "name": "K", "namespace": "", "size": 2}
    node = parse({**_of_two(hash_, "K"), "name": "z.K"}, strict=False)
    assert isinstance(node, Record)
    assert node.fields[1].type is node.fields[0].type, "as Java reads it"
    strict = parse({**_of_two(hash_, "K"), "name": "z.K"})
    assert isinstance(strict, Record)
    assert strict.fields[1].type is strict, "as the specification says"


def test_a_bad_default_is_told_with_what_is_wrong_elsewhere() -> None:
    fields: Any = [
        {"name": "a", "type": "strnig"},
        {"name": "b", "type": "int", "default": "x"},
        {"name": "c", "type": {"type": "array", "items": "strnig"}, "default": ["x"]},
        {"name": "d", "type": ["null", {"type": "fixed", "name": "F", "size": -1}], "default": "x"},
    ]
    with pytest.raises(SchemaSyntaxError) as raised:
        parse({"type": "record", "name": "R", "fields": fields})
    assert [problem.path for problem in raised.value.problems] == [
        "$.fields[0].type",
        "$.fields[2].type.items",
        "$.fields[3].type[1].size",
        "$.fields[1].default",
    ]


def test_lenient_knows_a_name_that_is_declared_further_down_as_java_does() -> None:
    kind: Any = {"type": "enum", "name": "E", "symbols": ["A"]}
    node = parse(_of_two(["null", {"type": "map", "values": "E"}], kind), strict=False)
    assert isinstance(node, Record)
    assert isinstance(node.fields[0].type, Union)
    inner = node.fields[0].type.branches[1]
    assert isinstance(inner, Map)
    assert inner.values is node.fields[1].type
    assert node.out_of_order == ("a.E",)
    assert parse(_of_two(kind, "E"), strict=False).out_of_order == ()


def test_strict_says_how_to_declare_a_name_in_time() -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(_of_two("E", {"type": "enum", "name": "E", "symbols": ["A"]}))
    assert [(p.path, p.expected) for p in caught.value.problems] == [
        ("$.fields[0].type", "a type that is declared before it is used")
    ]
    assert caught.value.problems[0].fix.startswith("declare a.E here")


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (_of_two("E", {"type": "enum", "name": "E", "namespace": "", "symbols": ["A"]}), '"E"'),
        (_of_two(["E", {"type": "enum", "name": "E", "symbols": ["A"]}], "int"), "a.E"),
        ({"type": "array", "items": "Nope"}, '"Nope"'),
    ],
)
def test_lenient_refuses_a_name_that_java_does_not_find_at_the_end(schema: Any, says: str) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(schema, strict=False)
    assert [p.found for p in caught.value.problems] == [says]


_ONE_FIELD: Any = {"type": "record", "name": "S", "fields": [{"name": "x", "type": "int"}]}
_SELF: Any = {"type": "record", "name": "S", "fields": [{"name": "x", "type": ["null", "S"]}]}
_ENUM: Any = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
_FIXED: Any = {"type": "fixed", "name": "F", "size": 12}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_ONE_FIELD, {**_ONE_FIELD, "doc": "again", "aliases": ["Old"]}),
        (_ONE_FIELD, {**_ONE_FIELD, "fields": [{"name": "x", "type": {"type": "int"}, "doc": "again"}]}),
        (_ONE_FIELD, {**_ONE_FIELD, "type": "error"}),
        (_ENUM, {**_ENUM, "default": "A"}),
        ({**_ENUM, "p": 1}, {**_ENUM, "p": 1}),
        ({**_FIXED, "logicalType": "duration"}, {**_FIXED, "logicalType": "duration"}),
    ],
)
def test_lenient_takes_a_second_declaration_that_java_finds_equal(first: Any, second: Any) -> None:
    node = parse(_of_two(first, second), strict=False)
    assert isinstance(node, Record)
    assert node.fields[0].type is not node.fields[1].type
    assert node.out_of_order == (f"a.{first['name']}",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_ONE_FIELD, {**_ONE_FIELD, "fields": [{"name": "x", "type": "int", "default": 1}]}),
        (_ONE_FIELD, {**_ONE_FIELD, "fields": [{"name": "x", "type": "long"}]}),
        ({**_ONE_FIELD, "p": 1}, {**_ONE_FIELD, "p": 1.0}),
        (_SELF, _SELF),
        (_ENUM, {**_ENUM, "symbols": ["B", "A"]}),
        (_FIXED, {**_FIXED, "logicalType": "duration"}),
        (_ENUM, {**_FIXED, "name": "E"}),
    ],
)
def test_lenient_refuses_a_second_declaration_that_java_finds_different(first: Any, second: Any) -> None:
    with pytest.raises(SchemaSyntaxError, match="each name declared once"):
        parse(_of_two(first, second), strict=False)


def test_an_unknown_branch_is_no_second_null() -> None:
    assert problems_of(["null", "Nope", {"type": "array"}]) == [
        ("$[1]", "a type name", '"Nope"'),
        ("$[2]", 'an object with "items"', "no items"),
    ]
    assert [path for path, _, _ in problems_of(["null", "Nope", "null"])] == ["$[1]", "$[2]"]
