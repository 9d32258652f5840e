"""The rules of comparisons: Java's six types of findings, and what Java does not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avroad.contracts.rule import Rule, Severity

__all__ = ["RULES"]

_JAVA: Final = "Apache Avro Java, SchemaCompatibility"
_RUNTIME: Final = "Java applies the reader's logical type, Python libraries the writer's"

_ALL: Final = (
    Rule(
        id="NAME_MISMATCH",
        severity=Severity.ERROR,
        summary="A record, enum or fixed has another name, and the reader does not know the old one as an alias.",
        why="The registry refuses the version. Java's reader would still read a renamed record; Python's refuses it.",
        before='{"type": "record", "name": "roads.Jam", "fields": []}',
        after='{"type": "record", "name": "roads.Queue", "fields": []}',
        cure='Add "aliases": ["roads.Jam"] to the type with the new name.',
        source=_JAVA,
    ),
    Rule(
        id="FIXED_SIZE_MISMATCH",
        severity=Severity.ERROR,
        summary="A fixed has another size.",
        why="The reader would take bytes of the next field, or leave some of this one: nothing after it can be read.",
        before='{"type": "fixed", "name": "Hash", "size": 16}',
        after='{"type": "fixed", "name": "Hash", "size": 32}',
        cure="Keep the size. Declare a second fixed under another name, and a new field that uses it.",
        source=_JAVA,
    ),
    Rule(
        id="MISSING_ENUM_SYMBOLS",
        severity=Severity.ERROR,
        summary="The writer's enum has symbols the reader's lacks, and the reader's has no default symbol.",
        why="Records with such a symbol cannot be read; all others can.",
        before='{"type": "enum", "name": "Kind", "symbols": ["JAM", "CAMERA"]}',
        after='{"type": "enum", "name": "Kind", "symbols": ["JAM"]}',
        cure='Put the symbols back, or give the enum "default": "UNKNOWN" among its symbols.',
        source=_JAVA,
    ),
    Rule(
        id="READER_FIELD_MISSING_DEFAULT_VALUE",
        severity=Severity.ERROR,
        summary="The reader has a field that the writer does not write, and no default for it.",
        why="No record written without the field can be read.",
        before='{"name": "lat", "type": "double"}',
        after='{"name": "lat", "type": "double"}, {"name": "road", "type": "string"}',
        cure='Give the field a default, such as ["null", "string"] with "default": null; or, when it is an old field '
        "under a new name, the old name as an alias.",
        source=_JAVA,
    ),
    Rule(
        id="TYPE_MISMATCH",
        severity=Severity.ERROR,
        summary="A value has another type, and no promotion leads from the written one to the one that is read.",
        why="The bytes mean something else. Promotions go from int to long, float, double; from long to float, double; "
        "from float to double; between string and bytes.",
        before='{"name": "length_m", "type": "long"}',
        after='{"name": "length_m", "type": "int"}',
        cure="Keep the type, or add a new field with a default.",
        source=_JAVA,
    ),
    Rule(
        id="MISSING_UNION_BRANCH",
        severity=Severity.ERROR,
        summary="The writer may write a type that no branch of the reader's union takes.",
        why="Records with that branch cannot be read. Registries stop here; the reason is often deeper, in the branch "
        "that was meant: avroad lists it under `because`.",
        before='["null", "int", "string"]',
        after='["null", "int"]',
        cure="Put the branch back, or make the branch that was meant readable.",
        source=_JAVA,
    ),
    Rule(
        id="LOGICAL_UNIT_CHANGED",
        severity=Severity.ERROR,
        summary="A time has another unit or kind: milliseconds for microseconds, a date for an instant.",
        why="Every checker says yes. Java then reads 2024-01-01 as 1970-01-20, Python the right instant: two consumers "
        "of one topic disagree. avroad's reader refuses, unless the conversion is declared.",
        before='{"type": "long", "logicalType": "timestamp-millis"}',
        after='{"type": "long", "logicalType": "timestamp-micros"}',
        cure="Keep the unit; or add a new field, fill both, and retire the old one.",
        source=_RUNTIME,
    ),
    Rule(
        id="DECIMAL_SCALE_CHANGED",
        severity=Severity.ERROR,
        summary="A decimal has another scale.",
        why="Every checker says yes. Java then reads 12.34 as 0.1234.",
        before='{"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}',
        after='{"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 4}',
        cure="Keep the scale, or add a new field.",
        source=_RUNTIME,
    ),
    Rule(
        id="RENAME_WITHOUT_ALIAS",
        severity=Severity.ERROR,
        summary="A field is gone, and a new one of the same type and a similar name has a default.",
        why="Every checker says yes, and the value of all old records is lost: the default is read in its place.",
        before='{"name": "lat", "type": ["null", "double"], "default": null}',
        after='{"name": "latitude", "type": ["null", "double"], "default": null}',
        cure='Add "aliases": ["lat"] to the new field. Where the unit differs, keep both fields.',
    ),
    Rule(
        id="UNIT_CHANGED",
        severity=Severity.ERROR,
        summary="A field reads another one by alias, and their names end in different units.",
        why="The number is taken over as it is: 30 mph is read as 30 km/h by everybody.",
        before='{"name": "speed_mph", "type": "int"}',
        after='{"name": "speed_kmh", "type": "int", "aliases": ["speed_mph"]}',
        cure="No alias across units: add the new field beside the old one and fill both while readers change.",
    ),
    Rule(
        id="ALIAS_COLLISION",
        severity=Severity.ERROR,
        summary="Several written fields feed one field, or several fields or types claim one written name.",
        why="Java's checker raises or says yes, and its readers fail; swapped aliases are read by name, not swapped. "
        "An alias of a type counts wherever the name is used: Java renames every type of that name before it reads.",
        before='{"name": "a", "type": "int"}, {"name": "b", "type": "int"}',
        after='{"name": "a", "type": "int", "aliases": ["b"]}',
        cure="Remove the alias that names a field which is still written.",
    ),
    Rule(
        id="NAME_REUSED",
        severity=Severity.ERROR,
        summary="A field was removed and is back with another type.",
        why="Records with the old field are still there: they break, or their value means something else.",
        before='{"name": "level", "type": "int"}',
        after='{"name": "level", "type": ["null", "string"], "default": null}',
        cure="Take another name for the new field.",
    ),
    Rule(
        id="NAMESPACE_MOVED",
        severity=Severity.WARNING,
        summary="A type moved to another namespace.",
        why="Java's checker compares unqualified names and says yes. Its reader looks for full names in two places, "
        "where it is an error: of an enum or fixed among the branches of a union, unless both unions are alike, and of "
        "a record whose fields have aliases. Java ignores those aliases; it reads a default where there is one.",
        before='{"type": "enum", "name": "roads.Kind", "symbols": ["JAM"]}',
        after='{"type": "enum", "name": "roads.v2.Kind", "symbols": ["JAM"]}',
        cure="Add the old full name as an alias, or leave the namespace as it is.",
    ),
    Rule(
        id="ARRAY_ITEMS_GREW",
        severity=Severity.WARNING,
        summary="An array's items take more bytes, at least, as the reader declares them than they do as written.",
        why="Before it reads a block of items, Java compares the bytes that are left with the number of items times "
        "the least size of the reader's item. Items grow by a promotion (int to double: one byte becomes eight) and by "
        "every field that a record gains, also a nullable one with a default. Arrays near the end of a record are then "
        'refused: "Collection claims 3 elements with at least 8 bytes each, but only 4 bytes are available". Avro Java '
        "1.12.2 does so; 1.11.4, 1.11.5, 1.12.0 and 1.12.1 do not, nor does a DirectBinaryDecoder of 1.12.2; with its "
        "fast reader off, as in ReflectDatumReader, maps are refused as well. Python reads all of it.",
        before='{"name": "speeds", "type": {"type": "array", "items": "int"}}',
        after='{"name": "speeds", "type": {"type": "array", "items": "double"}}',
        cure='Read the items as a union, which counts as one byte: ["null", "double"]. Or add a new array, or keep '
        "Java readers on 1.12.1. Where no program in Java reads the data, accept the rule in admin/exceptions.yaml: "
        'with subject: "*" for all subjects.',
        source="Apache Avro Java 1.12.2, GenericDatumReader.ensureAvailableCollectionBytes",
    ),
    Rule(
        id="DECIMAL_PRECISION_REDUCED",
        severity=Severity.WARNING,
        summary="A decimal may have fewer digits than were written.",
        why="Java reads longer numbers unchecked, avroad refuses them.",
        before='{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}',
        after='{"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}',
        cure="Keep the precision.",
    ),
    Rule(
        id="CONVERSION_DECLARED",
        severity=Severity.WARNING,
        summary="Another unit or scale is converted, because the reader's type declares it.",
        why="avroad converts every value exactly, or refuses it; readers of other libraries do not know the "
        "declaration, and Java misreads every value.",
        before='{"type": "long", "logicalType": "timestamp-millis"}',
        after='{"type": "long", "logicalType": "timestamp-micros", "avroad.converts": ["timestamp-millis"]}',
        cure="Make sure that every reader of the schema uses avroad; else keep the unit, or add a new field.",
    ),
    Rule(
        id="FINITE_ADDED",
        severity=Severity.WARNING,
        summary="A float or double is read as one that is never NaN or infinite.",
        why="avroad refuses such values as the reader's type says; readers of other libraries do not know the policy.",
        before='"double"',
        after='{"type": "double", "avroad.finite": true}',
        cure="Do it only when no value ever was NaN or infinite.",
    ),
    Rule(
        id="LOGICAL_ADDED",
        severity=Severity.WARNING,
        summary="A plain value is read as a logical type.",
        why="Its type in code changes, and values that are no such thing (a string that is no UUID) cannot be read.",
        before='"string"',
        after='{"type": "string", "logicalType": "uuid"}',
        cure="Do it only when every value already was one.",
    ),
    Rule(
        id="LOGICAL_REMOVED",
        severity=Severity.WARNING,
        summary="A logical type is read as a plain value.",
        why="Its type in code changes: an instant becomes a number.",
        before='{"type": "int", "logicalType": "date"}',
        after='"int"',
        cure="Keep the logical type.",
    ),
    Rule(
        id="LOSSY_PROMOTION",
        severity=Severity.WARNING,
        summary="A whole number is read as a float or double that cannot hold all of them.",
        why="Numbers beyond 2^24 (float) or 2^53 (double) are rounded, silently.",
        before='"long"',
        after='"double"',
        cure="Keep long, or read int as long.",
    ),
    Rule(
        id="BYTES_TO_STRING",
        severity=Severity.WARNING,
        summary="Bytes are read as a string.",
        why="Bytes that are not UTF-8 become replacement characters in Java and an error in Python.",
        before='"bytes"',
        after='"string"',
        cure="Keep bytes, unless all of them always were UTF-8.",
    ),
    Rule(
        id="ENUM_REMAPPED",
        severity=Severity.WARNING,
        summary="A symbol was removed, and the enum's default is read in its place.",
        why="Old records with the symbol are read as something else, without an error.",
        before='{"type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "JAM"], "default": "UNKNOWN"}',
        after='{"type": "enum", "name": "Kind", "symbols": ["UNKNOWN"], "default": "UNKNOWN"}',
        cure="Keep the symbol for as long as records with it exist.",
    ),
    Rule(
        id="ENUM_SYMBOL_ADDED_NO_DEFAULT",
        severity=Severity.WARNING,
        summary="An enum grows, and the schema without the new symbol has no default symbol.",
        why="Readers that still have the other schema fail on the first record with the new symbol.",
        before='{"type": "enum", "name": "Kind", "symbols": ["JAM"]}',
        after='{"type": "enum", "name": "Kind", "symbols": ["JAM", "CAMERA"]}',
        cure='Give every enum "default": "UNKNOWN" from its first version on; here, update readers first.',
    ),
    Rule(
        id="DEFAULT_CHANGED",
        severity=Severity.WARNING,
        summary="A field has another default.",
        why="Of a record without the field, two consumers with two versions read two values.",
        before='{"name": "lanes", "type": "int", "default": 1}',
        after='{"name": "lanes", "type": "int", "default": 2}',
        cure="Keep the default, or update all readers together.",
    ),
    Rule(
        id="DEFAULT_REMOVED",
        severity=Severity.WARNING,
        summary="A field has no default any more.",
        why="Nothing breaks yet; but the field can no longer be left out, and full compatibility ends with it.",
        before='{"name": "lanes", "type": "int", "default": 1}',
        after='{"name": "lanes", "type": "int"}',
        cure="Keep the default.",
    ),
    Rule(
        id="UNION_DEFAULT_NOT_FIRST",
        severity=Severity.WARNING,
        summary="A union's default is not of its first branch.",
        why="Allowed since Avro 1.12; older readers refuse the schema. Where the writer has no such field it is an "
        "error if Java takes the default for another branch: the first of the JSON value's sort, where arrays, maps, "
        "enums and records take any. It reads [] for the null of [array, null], and 0 for the 0.5 of [int, double].",
        before="",
        after='{"name": "lanes", "type": ["null", "int"], "default": 1}',
        cure="Put the default's branch first.",
        source="Avro specification 1.12, Unions; Apache Avro Java 1.12.2, ResolvingGrammarGenerator.encode",
    ),
    Rule(
        id="DEFAULT_NOT_DECODED",
        severity=Severity.WARNING,
        summary="A field that was not written has a default with bytes or without inner fields, or NaN.",
        why="Python libraries hand out a default as it stands in the schema: fastavro gives text for bytes and fixed, "
        "and no inner fields; Apache avro gives bytes in UTF-8. Java and avroad read the value that it stands for. "
        'Java also reads text in the default of a float or double, such as "NaN"; others refuse such a schema.',
        before="",
        after='{"name": "token", "type": "bytes", "default": "\\u00ff"}',
        cure='Make the field nullable with "default": null; write all fields of a record out in its default.',
    ),
    Rule(
        id="UNION_ORDER",
        severity=Severity.WARNING,
        summary="A union's branches are in another order.",
        why="Data is read all the same; a default, in readers older than Avro 1.12, is of the first branch.",
        before='["null", "int"]',
        after='["int", "null"]',
        cure="Keep the order, add new branches at the end.",
    ),
    Rule(
        id="UNION_AMBIGUOUS",
        severity=Severity.WARNING,
        summary="A written type fits several branches of the reader's union, or is taken by one that does not fit it.",
        why="Libraries differ in which branch they take. fastavro takes the first that fits, by unqualified name or "
        "promotion: text as bytes where bytes stand before string. Java takes the one of the full name, after it "
        "renamed the type by the reader's aliases. Where they take different ones, or one that does not fit, it is an "
        "error.",
        before='"int"',
        after='["float", "double"]',
        cure="Keep the written type among the branches.",
    ),
    Rule(
        id="READER_DEFAULT_INVALID",
        severity=Severity.ERROR,
        summary="A field that was not written has a default that is no value of its type.",
        why="Every checker says yes: there is a default. Readers fail on it. avroad refuses such a schema of your own; "
        "foreign ones are read leniently.",
        before="",
        after='{"name": "lanes", "type": "int", "default": "one"}',
        cure="Give the field a default of its type.",
        source="Avro specification 1.12, Records",
    ),
    Rule(
        id="DECLARED_OUT_OF_ORDER",
        severity=Severity.ERROR,
        summary="A schema uses a name before its declaration, or declares a type twice.",
        why="Java's parser takes it from Avro 1.12 on, where the declarations are equal. Older ones, and Python's "
        "libraries, refuse the whole schema, whatever it is read with. avroad reads such schemas of others.",
        before='{"name": "from", "type": {"type": "fixed", "name": "Cell", "size": 8}}, {"name": "to", "type": "Cell"}',
        after='{"name": "from", "type": "Cell"}, {"name": "to", "type": {"type": "fixed", "name": "Cell", "size": 8}}',
        cure="Declare each type once, where its name is used first.",
        source="Avro specification 1.12, Names; Apache Avro Java 1.12.2, ParseContext",
    ),
    Rule(
        id="REMOVED_REQUIRED_FIELD",
        severity=Severity.INFO,
        summary="A field without a default is not read any more.",
        why="New readers are fine. Once producers leave the field out, readers that still have it fail.",
        before='{"name": "lat", "type": "double"}, {"name": "lon", "type": "double"}',
        after='{"name": "lat", "type": "double"}',
        cure="Update every reader before producers leave the field out.",
    ),
)
RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _ALL}
"""By id."""
