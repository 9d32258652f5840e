"""The rules of names and documentation."""

from __future__ import annotations

from typing import Final

from avroad.contracts.rule import Rule, Severity

__all__ = ["NAME_RULES"]

NAME_RULES: Final = (
    Rule(
        id="SCHEMA_INVALID",
        severity=Severity.ERROR,
        summary="The file is no valid Avro schema.",
        why="Nothing can be made from it: no class, no registration.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "strnig"}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Follow the message; it names the place and what is allowed there.",
        source="Avro specification 1.12",
    ),
    Rule(
        id="DEFAULT_INVALID",
        severity=Severity.ERROR,
        summary="A default is not of its field's type.",
        why="Old data without the field cannot be read: the default is what would be read in its place.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": "int", "doc": "A fact.", "default": "many"}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": "int", "doc": "A fact.", "default": 0}]}',
        cure="Give a default of the type; of a union, of its first branch.",
        source="Avro specification 1.12",
    ),
    Rule(
        id="RECORD_WITHOUT_DOC",
        severity=Severity.WARNING,
        summary="A record has no doc.",
        why="Its readers have to guess what one of them stands for.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "fields": [{"name": "code", '
        '"type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure='Say in "doc" what one record is, and of when.',
    ),
    Rule(
        id="ENUM_WITHOUT_DOC",
        severity=Severity.WARNING,
        summary="An enum has no doc.",
        why="Its readers have to guess what the symbols tell apart.",
        before="",
        after='{"type": "enum", "name": "Kind", "namespace": "shop", "symbols": ["A", "UNKNOWN"], '
        '"default": "UNKNOWN"}',
        cured='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["A", '
        '"UNKNOWN"], "default": "UNKNOWN"}',
        cure='Say in "doc" what the symbols tell apart.',
    ),
    Rule(
        id="FIELD_WITHOUT_DOC",
        severity=Severity.WARNING,
        summary="A field has no doc.",
        why="Its readers have to guess unit, origin and what null means.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string"}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure='Say in "doc" what it holds, in which unit, and what null means.',
    ),
    Rule(
        id="NAMESPACE_MISSING",
        severity=Severity.ERROR,
        summary="A type has no namespace.",
        why="Its name collides with that of any other team, and a later namespace is a rename.",
        before="",
        after='{"type": "record", "name": "Order", "doc": "An order.", "fields": [{"name": "code", "type": '
        '"string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure='Add "namespace" with the name of the domain.',
    ),
    Rule(
        id="NAMESPACE_STYLE",
        severity=Severity.WARNING,
        summary="A namespace is not in lower case.",
        why="It becomes a package or module name, and file systems differ in case.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "Shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Use lower case, parts joined by dots. For a registered type the old full name stays as an alias.",
    ),
    Rule(
        id="NAMESPACE_MIXED",
        severity=Severity.WARNING,
        summary="A type is declared inside a type of another namespace.",
        why="A domain's types lie in its own files; this one is hard to find and cannot be shared.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "item", "type": {"type": "record", "name": "Item", "doc": "An item.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}], "namespace": "stock"}, "doc": "A '
        'fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "item", "type": {"type": "record", "name": "Item", "doc": "An item.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}, "doc": "A fact."}]}',
        cure="Declare it in a file of its own and refer to it by its full name.",
    ),
    Rule(
        id="TYPE_NAME_STYLE",
        severity=Severity.WARNING,
        summary="A type's name is not in PascalCase.",
        why="It becomes a class name in every language.",
        before="",
        after='{"type": "record", "name": "order_line", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "OrderLine", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Use PascalCase. For a registered type the old name stays as an alias.",
    ),
    Rule(
        id="FIELD_NAME_STYLE",
        severity=Severity.WARNING,
        summary="A field's name is in another style than the file's others.",
        why="Code that reads it has to know each name by heart.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "order_code", "type": "string", "doc": "A fact."}, {"name": "item_count", "type": '
        '"int", "doc": "A fact."}, {"name": "shopName", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "order_code", "type": "string", "doc": "A fact."}, {"name": "item_count", "type": '
        '"int", "doc": "A fact."}, {"name": "shop_name", "type": "string", "doc": "A fact."}]}',
        cure="Use one style. For a registered field the old name stays as an alias, or leave it as it is.",
    ),
    Rule(
        id="SYMBOL_STYLE",
        severity=Severity.WARNING,
        summary="A symbol is not in upper case.",
        why="Symbols become constants; two that differ in case only collide in some languages.",
        before="",
        after='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["paid", '
        '"UNKNOWN"], "default": "UNKNOWN"}',
        cured='{"type": "enum", "name": "Kind", "namespace": "shop", "doc": "A kind.", "symbols": ["PAID", '
        '"UNKNOWN"], "default": "UNKNOWN"}',
        cure="Use UPPER_CASE for new symbols. A symbol that is in use cannot be renamed.",
    ),
    Rule(
        id="ATTRIBUTE_MISSPELLED",
        severity=Severity.ERROR,
        summary="An attribute is nearly one that Avro knows.",
        why="Unknown attributes are allowed and ignored, so the typo takes effect nowhere.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": "int", "doc": "A fact.", "defualt": 0}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "count", "type": "int", "doc": "A fact.", "default": 0}]}',
        cure="Correct the spelling, or take a name that looks like none of Avro's.",
        source="Avro specification 1.12",
    ),
    Rule(
        id="ALIAS_USELESS",
        severity=Severity.INFO,
        summary="An alias is given twice, or is the name itself.",
        why="It does nothing, and hides what was meant.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact.", "aliases": ["code"]}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}]}',
        cure="Remove it; `avroad schema lint --fix` does.",
    ),
    Rule(
        id="ALIAS_TAKEN",
        severity=Severity.ERROR,
        summary="An alias is also another field's name or alias.",
        why="One written field would feed two: Java raises or fails, Python picks one.",
        before="",
        after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact.", "aliases": ["number"]}, {"name": '
        '"number", "type": "string", "doc": "A fact."}]}',
        cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": '
        '[{"name": "code", "type": "string", "doc": "A fact."}, {"name": "number", "type": "string", '
        '"doc": "A fact."}]}',
        cure="Give each old name to one field only, and to none while a field has it.",
    ),
)
