"""The rules of logical types, events, personal data and size."""

from __future__ import annotations

from typing import Final

from avroad.contracts.rule import Rule, Severity

__all__ = ["MORE_RULES"]

MORE_RULES: Final = (
    Rule(
        id="DECIMAL_PRECISION_TOO_LARGE",
        severity=Severity.WARNING,
        summary="A decimal has more than 38 digits.",
        why="Spark, Flink, Hive and most databases stop at 38: the column cannot be made.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 40, '
        '"scale": 2}, "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 38, '
        '"scale": 2}, "doc": "A fact."}]}',
        cure="Use a precision of at most 38.",
    ),
    Rule(
        id="DECIMAL_SCALE_MISSING",
        severity=Severity.INFO,
        summary="A decimal does not say its scale.",
        why="It is 0 then, which is seldom meant, and tools differ in showing it.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9}, '
        '"doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, '
        '"scale": 0}, "doc": "A fact."}]}',
        cure='Write "scale": 0 when that is meant (`--fix` does), or the scale that is meant.',
        source="Avro specification 1.12",
    ),
    Rule(
        id="LOGICAL_TYPE_UNKNOWN",
        severity=Severity.ERROR,
        summary="A logical type is none that Avro names.",
        why="It is ignored without a word: `timestamp-milis` is read as a bare number.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-milis"}, "doc": "A '
        'fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "A '
        'fact."}]}',
        cure="Correct the spelling. One of your own needs an ignore with its reason.",
        source="Avro specification 1.12",
    ),
    Rule(
        id="LOGICAL_TYPE_MISPLACED",
        severity=Severity.ERROR,
        summary="A logical type stands on a type or size it does not fit, or beside a field's type.",
        why="It is ignored by some libraries and refused by others (uuid takes 16 bytes, duration 12). Beside the type "
        "of a field, instead of inside it, all ignore it: the value is a plain number.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "int", "logicalType": "timestamp-millis"}, "doc": "A '
        'fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "A '
        'fact."}]}',
        cure="Use the type the message names.",
        source="Avro specification 1.12",
    ),
    Rule(
        id="NAME_TWICE",
        severity=Severity.WARNING,
        summary="Two namespaces have a type of the same simple name.",
        why="Java and registries compare names without namespace, and generated classes collide.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "old", "type": {"type": "record", "name": "Order", "namespace": "shop.old", '
        '"doc": "An order.", "fields": [{"name": "code", "type": "string", "doc": "A fact."}]}, '
        '"doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "old", "type": {"type": "record", "name": "PastOrder", "namespace": "shop", '
        '"doc": "An order.", "fields": [{"name": "code", "type": "string", "doc": "A fact."}]}, '
        '"doc": "A fact."}]}',
        cure="Take another name.",
    ),
    Rule(
        id="RECURSIVE_TYPE",
        severity=Severity.INFO,
        summary="A record contains itself.",
        why="Data may be nested deeper than readers follow, and tables cannot hold it.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "part_of", "type": ["null", "shop.Order"], "doc": "A fact.", "default": null}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "part_of", "type": ["null", "string"], "doc": "A fact.", "default": null}]}',
        cure="Refer by an identifier, or say in the doc how deep it gets.",
    ),
    Rule(
        id="EVENT_WITHOUT_ID",
        severity=Severity.WARNING,
        summary="An event has no field that identifies it.",
        why="Receivers cannot drop repeats, and Kafka delivers some records twice.",
        before="",
        after='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "A '
        'fact."}]}',
        cured='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "event_id", "type": "string", "doc": "A fact."}, {"name": "paid_at", "type": '
        '{"type": "long", "logicalType": "timestamp-millis"}, "doc": "A fact."}]}',
        cure="Add event_id, the same for the same event.",
    ),
    Rule(
        id="EVENT_WITHOUT_TIME",
        severity=Severity.WARNING,
        summary="An event has no instant.",
        why="Order and lateness can only be guessed from when it arrived.",
        before="",
        after='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "event_id", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "event_id", "type": "string", "doc": "A fact."}, {"name": "paid_at", "type": '
        '{"type": "long", "logicalType": "timestamp-millis"}, "doc": "A fact."}]}',
        cure="Add a field with a timestamp type.",
    ),
    Rule(
        id="EVENT_WITHOUT_OWNER",
        severity=Severity.WARNING,
        summary="Nobody owns an event.",
        why="Nobody can be asked before it changes.",
        before="",
        after='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "event_id", "type": "string", "doc": "A fact."}, {"name": "paid_at", "type": '
        '{"type": "long", "logicalType": "timestamp-millis"}, "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Paid", "namespace": "shop", "doc": "An order.", "owner": '
        '"team-shop", "fields": [{"name": "event_id", "type": "string", "doc": "A fact."}, {"name": '
        '"paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "A fact."}]}',
        cure="Name the team under owner of its topic.",
    ),
    Rule(
        id="PII_TAG_UNKNOWN",
        severity=Severity.ERROR,
        summary="A tag of personal data is not of the vocabulary.",
        why="Tools that mask or delete look for the known words and pass this one over.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "phone", "type": "string", "doc": "A fact.", "pii": "privat"}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "phone", "type": "string", "doc": "A fact.", "pii": "personal"}]}',
        cure="Use one of none, pseudonymous, personal, sensitive.",
    ),
    Rule(
        id="PII_TAG_MISSING",
        severity=Severity.WARNING,
        summary="A field looks personal and does not say so.",
        why="It is copied to places where personal data may not be.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "email", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "email", "type": "string", "doc": "A fact.", "pii": "personal"}]}',
        cure='Add "pii" with one of none, pseudonymous, personal, sensitive.',
    ),
    Rule(
        id="SCHEMA_TOO_LARGE",
        severity=Severity.WARNING,
        summary="A schema file has more than 64 KiB.",
        why="Registries cap the size, and every consumer holds it in memory.",
        before="",
        after="",
        cured="",
        cure="Declare parts of it in files of their own.",
    ),
)
