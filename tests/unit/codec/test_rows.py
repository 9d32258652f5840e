"""Every known fault of other libraries has its test here: the measured rows, and where each is answered.

A row is one input or behaviour measured on fastavro 1.13.1, Apache avro 1.12.2 or confluent-kafka 2.16.0. The words
behind it are ids or names of tests in the file; a test says that they exist.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
BYTES, SCHEMAS, PUBLIC = "test_regressions.py", "test_schema_regressions.py", "test_public_cases.py"
DEFAULTS, FRAMING, FUZZ = "../schema/test_defaults.py", "test_framing.py", "../../fuzz/seeds.py"
ORACLE = "../../oracle/test_spec.py"

DECODING: dict[str, tuple[str, list[str]]] = {
    "string length 2**62, INT64_MIN, -1": (
        BYTES, ["string-length-2**62", "string-length-INT64_MIN", "string-length-minus-one", "bytes-length-2**39"]
    ),
    "truncated string, fixed, float; text that is not UTF-8, a surrogate, an overlong NUL": (
        BYTES, ["truncated-string", "truncated-fixed", "truncated-float", "not-utf8", "surrogate", "overlong-nul"]
    ),
    "truncated varint": (BYTES, ["truncated-varint", "truncated-varint-two-bytes"]),
    "NaN, infinity": (BYTES, ["test_what_ieee_numbers_can_be_is_read_and_written_as_it_is"]),
    "duplicate map keys": (BYTES, ["duplicate-map-key", "duplicate-map-key-in-two-blocks"]),
    "trailing bytes": (BYTES, ["trailing-bytes"]),
    "int outside 32 bits": (BYTES, ["int-beyond-32-bits"]),
    "boolean 2, 255": (BYTES, ["boolean-two", "boolean-255"]),
    "overlong varint of 11 and 101 bytes, of 20 MB": (
        BYTES, ["varint-of-11-bytes", "varint-of-101-bytes", "varint-not-minimal", "an_overlong_varint_of_20_megabytes"]
    ),
    "enum position -1, -3, -4, 3": (
        BYTES, ["enum-index-minus-one", "enum-index-minus-three", "enum-index-minus-four", "enum-index-three"]
    ),
    "union position -1, -3": (BYTES, ["union-index-minus-one", "union-index-minus-three"]),
    "block count INT64_MIN": (BYTES, ["array-count-INT64_MIN", "map-count-INT64_MIN"]),
    "negative count with a size that lies, or a negative one": (
        BYTES, ["block-size-lies", "block-size-negative", "block-size-beyond-the-end",
                "test_the_same_bytes_never_give_two_readers_two_values"]
    ),
    "faults inside a field that the reader skips": (
        BYTES, ["refused_read_and_skipped", "enum-index-99", "half-a-double"]
    ),
    "array of null with 10**8 items": (BYTES, ["AVRO-4241-array-of-null"]),
    "2**62 items of null, empty record, fixed(0), read and skipped": (
        BYTES, ["array-of-empty-record", "array-of-fixed-0", "2**62-nulls"]
    ),
    "linked list of 4,648 and more": (
        BYTES, ["linked-list-that-kills-fastavro", "test_depth_64_is_read_and_65_is_not"]
    ),
    "endless record; recursion through arrays, maps, the reader's schema, skipped fields": (
        BYTES, ["record-that-cannot-end", "recursion-through-an-array", "recursion-through-a-map",
                "test_recursion_that_only_the_reader_schema_has"]
    ),
    "decimal of 64 KiB to 1 MiB, beyond its precision": (
        BYTES, ["test_a_huge_decimal_costs_no_quadratic_time", "decimal-beyond-its-precision"]
    ),
    "timestamp and date at their ends, time of day outside the day": (
        BYTES, ["timestamp-millis-max", "date-max", "time-millis-minus-one", "time-millis-of-a-whole-day"]
    ),
    "schema that doubles at each level": (
        BYTES, ["test_a_schema_that_doubles_at_each_level_is_refused_without_being_written_out"]
    ),
}  # fmt: skip
ENCODING: dict[str, tuple[str, list[str]]] = {
    "1.7 or True into int, text into boolean, 2**40 into int, 1e300 into float": (
        BYTES, ["fraction-as-int", "bool-as-int", "text-as-boolean", "float-overflow-to-infinity"]
    ),
    "a missing nullable field, extra fields": (
        BYTES, ["missing-nullable-field", "missing-field-with-default", "extra-field"]
    ),
    "nested recursive record at depth 900, 2,000, 20,000": (
        BYTES, ["test_deep_data_of_a_recursive_record_is_refused_in_time"]
    ),
    "duplicate type and field names": (SCHEMAS, ["duplicate-type-name", "duplicate-field-name"]),
    "bad names": (
        SCHEMAS, ["name-that-starts-with-a-digit", "empty-name", "name-with-a-space", "record-called-int"]
    ),
    "bad unions": (SCHEMAS, ["nested-union", "duplicate-branch", "empty-union"]),
    "bad enums": (SCHEMAS, ["empty-enum", "symbols-as-a-string"]),
    "array default of the wrong element type": (SCHEMAS, ["array-default-of-wrong-items"]),
    "fixed size true, 1000.0, negative": (SCHEMAS, ["fixed-size-true", "fixed-size-1000.0", "fixed-size-negative"]),
    "decimal precision 0, 10**9": (SCHEMAS, ["decimal-precision-0", "a_precision_of_a_thousand_million"]),
    "JSON 3,000 deep, objects 50,000 deep": (SCHEMAS, ["test_json_3000_deep", "test_objects_50000_deep"]),
    "reader defaults of bytes, timestamps, decimals, nested records": (
        BYTES, ["test_reader_defaults_have_their_types_and_inner_defaults"]
    ),
    "a default list or map shared between messages": (
        BYTES, ["test_a_default_list_or_map_is_never_shared_between_messages"]
    ),
    "defaults inside defaults that are wrong or endless": (DEFAULTS, ["without_end", "own_default_is_of_another_type"]),
}  # fmt: skip
OTHERS: dict[str, tuple[str, list[str]]] = {
    "Apache avro: trailing bytes, int 2**40, boolean 2, truncated skipped string": (
        BYTES, ["trailing-bytes", "int-beyond-32-bits", "boolean-two", "truncated-string"]
    ),
    "Apache avro: RecursionError at depth 200": (BYTES, ["test_depth_64_is_read_and_65_is_not"]),
    "a legal message of 5 bytes": (BYTES, ["test_a_legal_message_of_five_bytes_is_decoded"]),
    "0 to 5 bytes, other first bytes": (FRAMING, ["def test_"]),
    "trailing garbage": (PUBLIC, ["integrations_core_21632"]),
    "the id of another record type; the same short name in another namespace": (
        BYTES, ["test_another_record_of_the_same_fields_is_not_read", "test_the_same_short_name_in_another_namespace"]
    ),
    "schema text that is not JSON, empty, a number, an unknown type": (
        SCHEMAS, ["test_text_that_is_no_schema_ends_in_one_error", "unknown-type", "a-number"]
    ),
}  # fmt: skip
ISSUES: dict[str, tuple[str, list[str]]] = {
    "CVE-2023-39410, AVRO-3819": (PUBLIC, ["cve_2023_39410_avro_3819"]),
    "CVE-2024-47561": (PUBLIC, ["cve_2024_47561"]),
    "AVRO-4241, AVRO-4300": (PUBLIC, ["avro_4241_avro_4300", "avro_4241_the_budget"]),
    "AVRO-4296, AVRO-4293, C 3836, Ruby 3944": (PUBLIC, ["avro_4296_avro_4293", "3836", "3944", "3876"]),
    "AVRO-4247 (container files)": (PUBLIC, ["avro_4247"]),
    "AVRO-4329, AVRO-4303": (PUBLIC, ["avro_4303_avro_4329"]),
    "C++ 1779, pg_lake 550": (PUBLIC, ["cpp_1779", "pg_lake_550"]),
    "ClickHouse 102853, 102417, 115437, 116156": (
        PUBLIC, ["clickhouse_102853", "clickhouse_102417", "clickhouse_115437_116156"]
    ),
    "fastavro 66, 362, 608, 765, 773": (PUBLIC, ["fastavro_66", "fastavro_362", "fastavro_608", "fastavro_765_773"]),
    "fastavro 814, 869, 888": (PUBLIC, ["fastavro_814", "fastavro_869_888"]),
    "integrations-core 21632": (PUBLIC, ["integrations_core_21632"]),
    "every rule of the oracle, every type of the fuzzer": (ORACLE, ["test_each_rule_is_broken_once"]),
    "recursion and zero-width items under the fuzzer": (FUZZ, ["zero-width", "linked-list", "mutual-recursion"]),
}  # fmt: skip
ROWS = {**DECODING, **ENCODING, **OTHERS, **ISSUES}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_tests(row: str) -> None:
    file, words = ROWS[row]
    text = (HERE / file).read_text("utf-8")
    assert words
    for word in words:
        assert word in text, f"{file} has no test called {word}"


def test_no_row_stands_twice() -> None:
    assert len(ROWS) == len(DECODING) + len(ENCODING) + len(OTHERS) + len(ISSUES)
