"""Who reads whom, judged by value: compatible changes, refused ones, and those that nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from avroad.codec import decoder_for
from avroad.contracts.compat.order import Order
from avroad.errors import DecodeError
from avroad.evolve.implementations import Payload, Strange, Unread
from avroad.evolve.libraries import Avroad, Fastavro
from avroad.evolve.matrix import Outcome
from avroad.model import Level
from avroad.schema import Schema
from tests.unit.evolve.evolution import NEW, OLD, cell, exemption, field, judged, long, record

ID = field("id", "string")


class Careless:
    """Reads bytes as the reader's schema says, whatever was written: as Apache Avro Java does with logical types."""

    name, detail, converts = "careless", "1", False

    def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
        decode = decoder_for(reader).decode

        def one(payload: Payload) -> Any:
            try:
                return decode(payload.body)
            except DecodeError as error:
                return Strange(reason=error.reason, path=error.path)

        return lambda payloads: [*map(one, payloads)]

    def close(self) -> None:
        pass


def test_a_new_optional_field_hurts_nobody_and_every_step_is_proven() -> None:
    matrix = judged(record(ID), record(ID, field("note", ["null", "string"], default=None)), level=Level.FULL)
    assert {cell.outcome for cell in matrix.cells} == {Outcome.ALL}
    assert matrix.required == ((NEW, OLD), (OLD, NEW))
    assert matrix.met
    assert matrix.disagreements == ()
    assert matrix.advice.order is Order.ANY
    assert [(step.pairs, step.holds) for step in matrix.steps] == [(((OLD, NEW), (NEW, OLD), (NEW, NEW)), True)]


def test_a_required_field_fails_backward_and_the_order_says_producers_first() -> None:
    matrix = judged(record(ID), record(ID, field("lanes", "int")), verdict=False)
    for library in ("avroad", "fastavro"):
        found = cell(matrix, OLD, NEW, library)
        assert (found.outcome, found.failed) == (Outcome.FAILS, found.records)
        assert found.example is not None
        assert found.example.path == "$.lanes"
    assert not matrix.met
    assert matrix.failing == ((OLD, NEW),)
    assert matrix.disagreements == ()
    assert matrix.advice.order is Order.PRODUCERS
    assert [step.holds for step in matrix.steps] == [True, None, True]


def test_a_changed_unit_is_found_by_value_although_the_registry_accepts_it() -> None:
    old, new = record(ID, field("at", long("timestamp-millis"))), record(ID, field("at", long("timestamp-micros")))
    matrix = judged(old, new, Careless())
    found = cell(matrix, OLD, NEW, "careless")
    assert found.outcome is Outcome.ELSE
    assert found.example is not None
    assert found.example.path == "$.at"
    assert found.example.what.startswith("wrote 2026-05-01 12:00:00.123000+00:00, read 1970-01-21")
    assert not matrix.met
    assert any("compatible for a registry, yet not read as it was meant" in said for said in matrix.disagreements)
    kind = judged(old, new)
    assert cell(kind, OLD, NEW, "avroad").outcome is Outcome.FAILS
    assert cell(kind, OLD, NEW, "fastavro").outcome is Outcome.ALL, "it reads the writer's unit"


def test_a_real_record_is_never_quoted() -> None:
    old, new = record(ID, field("at", long("timestamp-millis"))), record(ID, field("at", long("timestamp-micros")))
    found = cell(judged(old, new, Careless(), real=True), OLD, NEW, "careless")
    assert found.example is not None
    assert found.example.what == "another value than was written"
    assert found.real == found.records
    narrower = judged(record(field("v", ["int", "string"])), record(field("v", "int")), real=True)
    for library in ("avroad", "fastavro"):
        example = cell(narrower, OLD, NEW, library).example
        assert example is not None
        assert ":" not in example.what, "only the failure's class"


def test_a_moved_decimal_point_is_found() -> None:
    old, new = (
        record(field("price", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}))
        for scale in (2, 4)
    )
    found = cell(judged(old, new, Careless()), OLD, NEW, "careless")
    assert found.example is not None
    assert found.example.what == "wrote 12.34, read 0.1234"


def test_a_rename_without_alias_is_found_where_the_default_stands_for_the_value() -> None:
    old, new = record(ID, field("length_m", "int")), record(ID, field("length", "int", default=0))
    found = cell(judged(old, new), OLD, NEW, "fastavro")
    assert found.outcome is Outcome.ELSE
    assert found.example is not None
    assert (found.example.path, found.example.what) == ("$.length", "wrote 7, read 0")
    told = record(ID, field("length", "int", default=0, aliases=["length_m"]))
    assert cell(judged(old, told), OLD, NEW, "fastavro").outcome is Outcome.ALL


def test_a_unit_that_only_the_names_tell_is_found() -> None:
    old, new = record(field("speed_kmh", "int")), record(field("speed_mph", "int", aliases=["speed_kmh"]))
    matrix = judged(old, new)
    assert cell(matrix, OLD, NEW, "avroad").outcome is Outcome.ELSE
    assert not matrix.met


def test_an_unknown_symbol_fails_or_is_counted_where_a_default_takes_its_place() -> None:
    def kind(*symbols: str, **more: Any) -> dict[str, Any]:
        return record(ID, field("kind", {"type": "enum", "name": "road.Kind", "symbols": list(symbols), **more}))

    some = cell(judged(kind("A", "B"), kind("A"), verdict=False), OLD, NEW, "avroad")
    assert some.outcome is Outcome.SOME
    assert 0 < some.failed < some.records
    matrix = judged(kind("A", "B"), kind("A", default="A"))
    told = cell(matrix, OLD, NEW, "avroad")
    assert told.outcome is Outcome.ALL
    assert 0 < told.remapped < told.records
    assert told.example is not None
    assert told.example.what == "wrote 'B', read 'A'"
    assert matrix.warnings == ("ENUM_REMAPPED at $.kind: B of road.Kind is read as A",)


def test_bytes_that_are_no_text_are_no_text_in_any_library() -> None:
    class Replacing(Careless):
        def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
            return lambda payloads: [{"v": payload.body[1:].decode("utf-8", "replace")} for payload in payloads]

    found = cell(judged(record(field("v", "bytes")), record(field("v", "string")), Replacing()), OLD, NEW, "careless")
    assert found.outcome is Outcome.ELSE
    assert found.different < found.records


def test_what_a_library_cannot_represent_counts_as_something_else() -> None:
    class Odd(Careless):
        def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
            return lambda payloads: [Strange(reason="no value of its type", path="$.id")] * len(payloads)

    found = cell(judged(record(ID), record(ID, field("n", ["null", "int"], default=None)), Odd()), OLD, NEW, "careless")
    assert found.example is not None
    assert (found.outcome, found.example.path) == (Outcome.ELSE, "$.id")
    assert found.example.what == "read without an error, but what it read cannot be used: no value of its type"


def test_a_failure_that_the_engine_does_not_see_is_a_disagreement() -> None:
    class Broken(Careless):
        def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
            return lambda payloads: [Unread(kind="Oops")] * len(payloads)

    matrix = judged(record(ID), record(ID, field("n", ["null", "int"], default=None)), Broken())
    assert not matrix.met
    pairs = f"{OLD} -> {OLD}, {OLD} -> {NEW}, {NEW} -> {OLD}, {NEW} -> {NEW}"
    assert f"{pairs}: the engine sees no harm, and a reader showed some" in matrix.disagreements


def test_registry_and_engine_are_held_against_each_other() -> None:
    matrix = judged(record(ID), record(ID, field("n", ["null", "int"], default=None)), verdict=False)
    assert not matrix.met
    assert matrix.disagreements == ("the registry says incompatible, the engine compatible",)


MILLIS = record(ID, field("at", long("timestamp-millis")), field("stops", {"type": "array", "items": "int"}))


def micros(*others: dict[str, Any], converts: str = "") -> dict[str, Any]:
    declared = {"avroad.converts": [converts]} if converts else {}
    stops = field("stops", {"type": "array", "items": "int"})
    return record(ID, field("at", {**long("timestamp-micros"), **declared}), *(others or (stops,)))


def test_an_accepted_finding_excuses_what_readers_show_and_the_matrix_keeps_it() -> None:
    given = exemption("LOGICAL_UNIT_CHANGED", path="$.at")
    matrix = judged(MILLIS, micros(), Avroad(), Careless(), accepted=[given])
    assert (cell(matrix, OLD, NEW, "avroad").outcome, cell(matrix, OLD, NEW, "careless").outcome) == (
        Outcome.FAILS, Outcome.ELSE,
    )  # fmt: skip
    assert matrix.met
    assert matrix.failing == ()
    (accepted,) = matrix.acceptance.accepted
    assert accepted.words == "LOGICAL_UNIT_CHANGED at $.at, accepted until 2026-05-01: nobody reads it"
    assert accepted.pairs == ((OLD, NEW),)
    assert not matrix.history.safe, "the engine says what it finds"


def test_what_is_accepted_no_more_or_elsewhere_excuses_nothing() -> None:
    for given in (
        exemption("LOGICAL_UNIT_CHANGED", until=date(2026, 4, 30)),
        exemption("LOGICAL_UNIT_CHANGED", path="$.id"),
        exemption("DECIMAL_SCALE_CHANGED"),
    ):
        matrix = judged(MILLIS, micros(), Careless(), accepted=[given])
        assert not matrix.met
        assert matrix.failing == ((OLD, NEW),)
        assert matrix.acceptance.accepted == ()


def test_one_accepted_finding_does_not_excuse_another() -> None:
    old = record(field("at", long("timestamp-millis")), field("length_m", "int"))
    new = record(field("at", long("timestamp-micros")), field("length", "int", default=0))
    given = [exemption("LOGICAL_UNIT_CHANGED")]
    assert not judged(old, new, Careless(), accepted=given).met
    assert judged(old, new, Careless(), accepted=[*given, exemption("RENAME_WITHOUT_ALIAS")]).met


def test_harm_that_the_engine_does_not_see_is_not_excused_by_a_harmless_finding_that_is_accepted() -> None:
    class Wrong(Careless):
        def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
            return lambda payloads: [{"id": "x", "kind": "A"}] * len(payloads)

    def kind(*symbols: str) -> dict[str, Any]:
        enum = {"type": "enum", "name": "road.Kind", "symbols": list(symbols), "default": "A"}
        return record(ID, field("kind", enum))

    matrix = judged(kind("A", "B"), kind("A"), Wrong(), accepted=[exemption("ENUM_REMAPPED")])
    assert [each.rule for each in matrix.acceptance.accepted] == ["ENUM_REMAPPED"]
    assert not matrix.met


def test_a_registry_knows_no_exceptions() -> None:
    given = [exemption("READER_FIELD_MISSING_DEFAULT_VALUE")]
    new = record(ID, field("lanes", "int"))
    for verdict in (False, None, True):  # the engine speaks for registries that give no answer
        assert not judged(record(ID), new, verdict=verdict, accepted=given).met


def test_a_declared_conversion_is_done_by_our_codec_and_what_others_read_is_a_warning() -> None:
    matrix = judged(MILLIS, micros(converts="timestamp-millis"), Avroad(), Fastavro(), Careless(), readers=("board",))
    assert cell(matrix, OLD, NEW, "avroad").outcome is Outcome.ALL
    assert cell(matrix, OLD, NEW, "fastavro").outcome is Outcome.ALL, "it reads the writer's unit"
    other = cell(matrix, OLD, NEW, "careless")
    assert other.outcome is Outcome.ELSE
    assert 0 < other.unconverted == other.different
    assert matrix.unconverted == (other,)
    assert matrix.met
    assert not any(f"{OLD} -> {NEW}" in said for said in matrix.disagreements)
    assert matrix.steps[0].pairs == ((OLD, NEW),)
    assert matrix.steps[0].holds


def test_what_else_goes_wrong_beside_a_declared_conversion_counts() -> None:
    class Shorter(Careless):
        def bind(self, writer: Schema, reader: Schema) -> Callable[[Sequence[Payload]], list[Any]]:
            read = super().bind(writer, reader)

            def one_more(datum: Any) -> Any:
                return datum if isinstance(datum, Strange) else {**datum, "stops": [*datum["stops"], 7]}

            return lambda payloads: [*map(one_more, read(payloads))]

    matrix = judged(MILLIS, micros(converts="timestamp-millis"), Shorter())
    assert cell(matrix, OLD, NEW, "careless").unconverted == 0
    assert not matrix.met

    class Converting(Careless):
        converts = True

    matrix = judged(MILLIS, micros(converts="timestamp-millis"), Converting())
    assert not matrix.met, "who promises to convert has to"


def test_a_conversion_is_found_where_it_is_declared_below_arrays_and_maps_and_unions() -> None:
    def deep(at: dict[str, Any]) -> dict[str, Any]:
        stop = record(field("at", ["null", at]), name="road.Stop")
        return record(field("stops", {"type": "array", "items": {"type": "map", "values": stop}}))

    new = deep({**long("timestamp-micros"), "avroad.converts": ["timestamp-millis"]})
    matrix = judged(deep(long("timestamp-millis")), new, Careless())
    assert matrix.unconverted
    assert matrix.met
