"""What Java does not see: values that change their meaning, readers that fail although the verdict is yes."""

from __future__ import annotations

import pytest

from avroad.contracts.compat import Finding, PairReport, Readable, Severity, compare
from avroad.schema import Json, parse


def pair(reader: Json, writer: Json) -> PairReport:
    return compare(parse(reader, strict=False), parse(writer, strict=False))


def record(*fields: Json, name: str = "R", **more: Json) -> dict[str, Json]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Json, **more: Json) -> dict[str, Json]:
    return {"name": name, "type": kind, **more}


def logical(base: str, name: str, **more: Json) -> Json:
    return {"type": base, "logicalType": name, **more}


def only(report: PairReport, rule: str) -> Finding:
    found = [finding for finding in report.findings if finding.rule == rule]
    assert len(found) == 1, [finding.rule for finding in report.findings]
    return found[0]


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (logical("long", "timestamp-millis"), logical("long", "timestamp-micros")),
        (logical("long", "timestamp-micros"), logical("long", "local-timestamp-micros")),
        (logical("int", "time-millis"), logical("long", "time-micros")),
        (logical("int", "date"), logical("long", "timestamp-millis")),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_another_unit_passes_java_and_changes_every_value(writer: Json, reader: Json, nested: bool) -> None:
    if nested:
        writer, reader = record(field("t", ["null", writer])), record(field("t", ["null", reader]))
    report = pair(reader, writer)
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, False)
    finding = only(report, "LOGICAL_UNIT_CHANGED")
    assert finding.severity is Severity.ERROR
    assert finding.field_path == ("$.t" if nested else "$")
    assert report.readable is Readable.INCOMPATIBLE


def test_another_decimal_scale_changes_every_value() -> None:
    report = pair(logical("bytes", "decimal", precision=8, scale=4), logical("bytes", "decimal", precision=8, scale=2))
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, False)
    assert only(report, "DECIMAL_SCALE_CHANGED")


MILLIS, MICROS = logical("long", "timestamp-millis"), "timestamp-micros"


def converting(base: str, name: str, *read: str, **more: Json) -> Json:
    return {"type": base, "logicalType": name, "avroad.converts": list(read), **more}


@pytest.mark.parametrize("nested", [False, True])
def test_a_declared_conversion_is_no_silent_shift(nested: bool) -> None:
    reader, writer = converting("long", MICROS, "timestamp-millis"), MILLIS
    if nested:
        reader, writer = record(field("t", ["null", reader])), record(field("t", ["null", writer]))
    report = pair(reader, writer)
    assert (report.compatible, report.safe, report.same_meaning) == (True, True, True)
    assert report.readable is Readable.FULL
    finding = only(report, "CONVERSION_DECLARED")
    assert finding.severity is Severity.WARNING
    assert "Java misreads" in finding.data


def test_a_declared_conversion_that_loses_digits_is_unsafe_but_no_shift() -> None:
    report = pair(converting("long", "timestamp-millis", MICROS), logical("long", MICROS))
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
    assert report.readable is Readable.PARTIAL
    assert "no whole timestamp-millis" in only(report, "CONVERSION_DECLARED").data


@pytest.mark.parametrize(
    "reader",
    [
        converting("long", MICROS),
        converting("long", MICROS, "timestamp-milis"),
        logical("long", MICROS, **{"avroad.converts": "timestamp-millis"}),
        converting("long", "local-timestamp-micros", "timestamp-millis"),  # another kind: nothing converts it
    ],
)
def test_what_is_not_declared_or_cannot_be_converted_stays_a_shift(reader: Json) -> None:
    report = pair(reader, MILLIS)
    assert (report.safe, report.same_meaning) == (False, False)
    only(report, "LOGICAL_UNIT_CHANGED")


def test_the_cure_names_the_declaration_only_where_it_would_help() -> None:
    finding = only(pair(logical("long", MICROS), MILLIS), "LOGICAL_UNIT_CHANGED")
    assert 'declare "avroad.converts": ["timestamp-millis"]' in finding.fix
    finding = only(pair(logical("long", "timestamp-millis"), logical("int", "date")), "LOGICAL_UNIT_CHANGED")
    assert "avroad.converts" not in finding.fix


@pytest.mark.parametrize("base", ["bytes", "fixed"])
def test_a_declared_scale_is_no_moved_point(base: str) -> None:
    def money(scale: int, **more: Json) -> Json:
        extra: dict[str, Json] = {"name": "Money", "size": 8} if base == "fixed" else {}
        return {"type": base, "logicalType": "decimal", "precision": 10 + scale, "scale": scale, **extra, **more}

    declared: dict[str, Json] = {"avroad.converts": ["decimal scale 2"]}
    report = pair(money(4, **declared), money(2))
    assert (report.safe, report.same_meaning, report.readable) == (True, True, Readable.FULL)
    only(report, "CONVERSION_DECLARED")
    finding = only(pair(money(4), money(2)), "DECIMAL_SCALE_CHANGED")
    assert '["decimal scale 2"]' in finding.fix


def test_fewer_digits_are_refused_by_some_readers() -> None:
    report = pair(logical("bytes", "decimal", precision=3, scale=2), logical("bytes", "decimal", precision=8, scale=2))
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
    assert report.readable is Readable.PARTIAL
    assert only(report, "DECIMAL_PRECISION_REDUCED").severity is Severity.WARNING


def test_a_rename_without_alias_loses_old_values() -> None:
    report = pair(
        record(field("latitude", ["null", "double"], default=None)),
        record(field("lat", ["null", "double"], default=None)),
    )
    assert (report.compatible, report.safe, report.same_meaning) == (True, True, False)
    finding = only(report, "RENAME_WITHOUT_ALIAS")
    assert finding.patch is not None
    assert finding.patch.operations == ({"op": "add", "path": "/fields/0/aliases", "value": ["lat"]},)


def test_a_rename_with_alias_is_fine() -> None:
    report = pair(
        record(field("latitude", "double", aliases=["lat"])),
        record(field("lat", "double")),
    )
    assert (report.compatible, report.safe, report.same_meaning) == (True, True, True)


def test_a_rename_to_another_unit_is_not_cured_by_an_alias() -> None:
    kmh, mph = field("speed_kmh", "int", default=0), field("speed_mph", "int", default=0)
    finding = only(pair(record(mph), record(kmh)), "RENAME_WITHOUT_ALIAS")
    assert finding.patch is None
    assert "units differ" in finding.fix
    report = pair(record({**mph, "aliases": ["speed_kmh"]}), record(kmh))
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, False)
    assert only(report, "UNIT_CHANGED")


def test_two_fields_that_claim_one_break_every_reader() -> None:
    report = pair(record(field("a", "int", aliases=["x"]), field("b", "int", aliases=["x"])), record(field("x", "int")))
    assert report.compatible is True
    assert report.safe is False
    assert [f.rule for f in report.findings] == ["ALIAS_COLLISION", "ALIAS_COLLISION"]


def test_swapped_aliases_read_by_name() -> None:
    reader = record(field("a", "int", aliases=["b"]), field("b", "int", aliases=["a"]))
    report = pair(reader, record(field("a", "int"), field("b", "int")))
    assert report.compatible is None
    assert report.same_meaning is False
    assert {f.rule for f in report.findings} == {"ALIAS_COLLISION"}


def test_a_moved_enum_breaks_only_in_a_nullable_reader() -> None:
    old: Json = {"type": "enum", "name": "a.K", "symbols": ["A"]}
    new: Json = {"type": "enum", "name": "b.K", "symbols": ["A"]}
    plain = pair(record(field("k", new)), record(field("k", old)))
    assert (plain.compatible, plain.safe) == (True, True)
    assert only(plain, "NAMESPACE_MOVED").severity is Severity.WARNING
    nullable = pair(record(field("k", ["null", new])), record(field("k", old)))
    assert (nullable.compatible, nullable.safe) == (True, False)
    assert only(nullable, "NAMESPACE_MOVED").severity is Severity.ERROR


@pytest.mark.parametrize(
    ("rule", "reader", "writer"),
    [
        ("LOSSY_PROMOTION", "float", "int"),
        ("LOSSY_PROMOTION", "float", "long"),
        ("LOSSY_PROMOTION", "double", "long"),
        ("LOGICAL_ADDED", logical("int", "date"), "int"),
        ("LOGICAL_REMOVED", "string", logical("string", "uuid")),
        ("UNION_ORDER", ["int", "null"], ["null", "int"]),
        ("UNION_AMBIGUOUS", ["float", "double"], "long"),
    ],
)
def test_warnings_that_leave_the_data_readable(rule: str, reader: Json, writer: Json) -> None:
    report = pair(reader, writer)
    assert (report.compatible, report.safe, report.same_meaning) == (True, True, True)
    assert only(report, rule).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("rule", "reader", "writer"),
    [("BYTES_TO_STRING", "string", "bytes"), ("LOGICAL_ADDED", logical("string", "uuid"), "string")],
)
def test_warnings_about_data_that_may_not_be_readable(rule: str, reader: Json, writer: Json) -> None:
    report = pair(reader, writer)
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
    assert only(report, rule)


@pytest.mark.parametrize("pair_of", [("double", "int"), ("double", "float"), ("long", "int"), ("bytes", "string")])
def test_promotions_without_loss_say_nothing(pair_of: tuple[str, str]) -> None:
    assert pair(*pair_of).findings == ()


def test_a_removed_symbol_is_remapped_by_the_default() -> None:
    old: Json = {"type": "enum", "name": "K", "symbols": ["A", "B"], "default": "A"}
    new: Json = {"type": "enum", "name": "K", "symbols": ["A"], "default": "A"}
    assert "B of K is read as A" in only(pair(new, old), "ENUM_REMAPPED").message
    assert pair(old, new).findings == ()


def test_a_new_symbol_without_default_is_told_beforehand() -> None:
    old: Json = {"type": "enum", "name": "K", "symbols": ["A"]}
    new: Json = {"type": "enum", "name": "K", "symbols": ["A", "B"]}
    assert only(pair(new, old), "ENUM_SYMBOL_ADDED_NO_DEFAULT")


def test_defaults_that_change_or_go() -> None:
    assert only(pair(record(field("a", "int", default=2)), record(field("a", "int", default=1))), "DEFAULT_CHANGED")
    assert only(pair(record(field("a", "int")), record(field("a", "int", default=1))), "DEFAULT_REMOVED")
    assert pair(record(field("a", "double", default=1)), record(field("a", "double", default=1.0))).findings == ()


def test_a_new_default_of_a_later_branch() -> None:
    reader = record(field("a", ["null", "int"], default=3))
    assert only(pair(reader, record()), "UNION_DEFAULT_NOT_FIRST")
    assert pair(reader, reader).findings == ()


def test_causes_below_a_union_name_what_the_meant_branch_lacks() -> None:
    old = record(field("lat", "double"), name="Location")
    new = record(field("lat", "double"), field("road", "string"), name="Location")
    report = pair(record(field("location", ["null", new])), record(field("location", ["null", old])))
    finding = report.findings[0]
    assert (finding.rule, finding.pointer) == ("MISSING_UNION_BRANCH", "/fields/0/type/1")
    cause = finding.causes[0]
    assert (cause.rule, cause.message) == ("READER_FIELD_MISSING_DEFAULT_VALUE", "road")
    assert cause.field_path == "$.location<Location>.road"
    assert finding.patch == cause.patch
    assert finding.patch is not None
    assert finding.patch.type == "Location"


def test_a_branch_in_which_java_raises_has_findings_and_no_traceback() -> None:
    """The branch that readers try first is looked into, also where Java's checker gives up."""

    def inner(*fields: dict[str, Json]) -> dict[str, Json]:
        return {"type": "record", "name": "a.Inner", "fields": list(fields)}

    one: dict[str, Json] = {"name": "one", "type": "int"}
    two: dict[str, Json] = {"name": "two", "type": "int"}
    old: dict[str, Json] = {"name": "f", "type": ["null", inner(one, two)]}
    new: dict[str, Json] = {"name": "f", "type": ["null", inner({**one, "aliases": ["two"]})]}
    writer = parse({"type": "record", "name": "R", "fields": [old]})
    report = compare(parse({"type": "record", "name": "R", "fields": [new]}), writer)
    assert report.compatible is None
    assert "ALIAS_COLLISION" in {finding.rule for finding in report.findings}
    assert not report.safe


def test_a_default_that_is_no_value_of_its_type_is_safe_for_no_reader() -> None:
    reader = parse(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}, strict=False
    )
    report = compare(reader, parse({"type": "record", "name": "R", "fields": []}))
    assert report.compatible is True
    assert not report.safe
    assert [finding.rule for finding in report.findings] == ["READER_DEFAULT_INVALID"]


def test_a_default_that_its_logical_type_cannot_hold_is_none() -> None:
    report = pair(record(field("t", logical("int", "time-millis"), default=-5)), record())
    assert (report.compatible, report.safe) == (True, False)
    assert only(report, "READER_DEFAULT_INVALID").field_path == "$.t"


@pytest.mark.parametrize("union", [False, True])
def test_a_branch_of_the_same_full_name_that_does_not_fit_is_the_one_readers_take(union: bool) -> None:
    """Java's checker is content with the other branch of the same unqualified name; no reader is."""

    def fixed(space: str, size: int) -> Json:
        return {"type": "fixed", "name": "Hash", "namespace": space, "size": size}

    writer: Json = [fixed("a", 4), fixed("b", 4)] if union else fixed("b", 4)
    report = pair([fixed("a", 4), fixed("b", 8)], writer)
    assert (report.compatible, report.safe) == (True, False)
    assert report.readable is not Readable.FULL
    finding = only(report, "UNION_AMBIGUOUS")
    assert finding.severity is Severity.ERROR
    assert "branch b.Hash has the writer's name and does not fit" in finding.message


def test_a_policy_of_finite_numbers_is_safe_only_where_the_writer_has_it() -> None:
    policy: dict[str, Json] = {"type": "double", "avroad.finite": True}
    report = pair(policy, "double")
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
    assert report.readable is Readable.PARTIAL
    assert "NaN" in only(report, "FINITE_ADDED").data
    for reader, writer in ((policy, policy), ("double", policy), (policy, {**policy, "type": "float"})):
        assert pair(reader, writer).findings == ()
    assert [finding.rule for finding in pair(policy, "long").findings] == ["LOSSY_PROMOTION"]


@pytest.mark.parametrize("again", [False, True])
def test_what_only_javas_parser_takes_is_compatible_and_not_safe(again: bool) -> None:
    kind: Json = {"type": "enum", "name": "E", "symbols": ["A"]}
    good = record(field("a", kind), field("b", "E"))
    odd = record(field("a", kind if again else "E"), field("b", kind))
    for reader, writer, side in ((odd, good, "reader"), (good, odd, "writer")):
        report = pair(reader, writer)
        assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
        assert side in only(report, "DECLARED_OUT_OF_ORDER").message
    assert not pair(odd, odd).safe, "the same schema is refused, too"
    assert pair(good, good).safe
