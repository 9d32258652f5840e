"""The rules of types, unions and defaults."""

from __future__ import annotations

from typing import Final

from avroad.contracts.rule import Rule, Severity

__all__ = ["TYPE_RULES"]

TYPE_RULES: Final = (
    Rule(
        id="ENUM_WITHOUT_DEFAULT",
        severity=Severity.WARNING,
        summary="An enum has no default symbol.",
        why="The first new symbol breaks every reader that does not know it yet.",
        before="",
        after='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["PAID", "UNKNOWN"]}',
        cured='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["PAID", '
        '"UNKNOWN"], "default": "UNKNOWN"}',
        cure='Add "default": "UNKNOWN" (the enum\'s own, not the field\'s). `--fix` does where such a symbol exists.',
        source="Avro specification 1.12",
    ),
    Rule(
        id="ENUM_DEFAULT_MEANS_SOMETHING",
        severity=Severity.WARNING,
        summary="An enum's default is a symbol with a meaning of its own.",
        why="Readers cannot tell a new symbol from data that says so.",
        before="",
        after='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["PAID", '
        '"UNKNOWN"], "default": "PAID"}',
        cured='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["PAID", '
        '"UNKNOWN"], "default": "UNKNOWN"}',
        cure="Take a symbol like UNKNOWN as the default.",
    ),
    Rule(
        id="NULL_NOT_FIRST",
        severity=Severity.WARNING,
        summary="A nullable field does not have null first, with null as its default.",
        why="null cannot become its default for readers before Avro 1.12, so it can never be left out. With another "
        "default a value that nobody gave looks like one that was given.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "note", "type": ["string", "null"], "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "note", "type": ["null", "string"], "doc": "A fact.", "default": null}]}',
        cure='Put "null" first with "default": null. The order is part of the bytes: it is a new version, '
        "never done by --fix.",
    ),
    Rule(
        id="NULLABLE_WITHOUT_DEFAULT",
        severity=Severity.WARNING,
        summary="A nullable field has no default.",
        why="New readers cannot read data that was written before the field was there.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "note", "type": ["null", "string"], "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "note", "type": ["null", "string"], "doc": "A fact.", "default": null}]}',
        cure='Add "default": null; `avroad schema lint --fix` does.',
    ),
    Rule(
        id="UNION_SIMILAR_BRANCHES",
        severity=Severity.WARNING,
        summary="A union has several numbers, or several kinds of text.",
        why="Libraries choose the branch by the value and differ: 2**40 becomes a float in one, fails in another.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": ["int", "double"], "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": "double", "doc": "A fact."}]}',
        cure="Keep the widest, or use two nullable fields.",
    ),
    Rule(
        id="UNION_OF_ONE",
        severity=Severity.INFO,
        summary="A union has one branch.",
        why="It costs a byte per value and tells nothing.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": ["string"], "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Write the type alone. The bytes change: it is a new version.",
    ),
    Rule(
        id="EMPTY_RECORD",
        severity=Severity.ERROR,
        summary="A record has no fields.",
        why="confluent-kafka-python refuses payloads of five bytes and less: it cannot read one.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": []}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Add a field.",
        source="measured with confluent-kafka-python 2.16",
    ),
    Rule(
        id="TIME_WITHOUT_TYPE",
        severity=Severity.WARNING,
        summary="A time is a bare number or text.",
        why="Seconds or milliseconds, UTC or local: each reader guesses, and some land in January 1970.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": "long", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "A '
        'fact."}]}',
        cure="Give a new field a logical type; for one in use that is a change of meaning. A number of "
        "seconds says so: _s.",
    ),
    Rule(
        id="COORDINATE_TYPE",
        severity=Severity.WARNING,
        summary="A latitude or longitude is no double.",
        why="A float is metres off, a whole number has a hidden factor, text has to be parsed.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "lat", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "lat", "type": "double", "doc": "A fact."}]}',
        cure="Use double, in degrees, in a new field.",
    ),
    Rule(
        id="UNIT_MISSING",
        severity=Severity.WARNING,
        summary="A measured number does not say its unit.",
        why="30 mph and 30 km/h look the same.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "weight", "type": "int", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "weight_g", "type": "int", "doc": "A fact."}]}',
        cure="End the name with the unit, as in _kmh, _m, _s.",
    ),
    Rule(
        id="MONEY_AS_FLOAT",
        severity=Severity.WARNING,
        summary="An amount of money is a float or double.",
        why="0.1 + 0.2 is not 0.3: sums are off by cents.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": "double", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, '
        '"scale": 2}, "doc": "A fact."}]}',
        cure="Use a decimal with its scale.",
    ),
)
