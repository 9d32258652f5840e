"""The forms the registry's answers may have; nothing of another form passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from avroad.model import Level, Reference, RegisteredSchema, SchemaText
from avroad.schema import Json

__all__ = ["Shapes", "WrongShape"]

_MAX_ID: Final = 2**31 - 1
"""Largest id the wire format's four bytes carry in every implementation."""


class WrongShape(ValueError):
    """The body is JSON of another form than the call promises."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


class Shapes:
    """Readers of one body each: they return the value, or raise WrongShape."""

    @staticmethod
    def names(value: Json) -> tuple[str, ...]:
        """Read a list of subjects."""
        if not isinstance(value, list):
            raise WrongShape("a list of subjects")
        return tuple(_text(item, "a list of subjects") for item in value)

    @staticmethod
    def versions(value: Json) -> tuple[int, ...]:
        """Read a list of version numbers."""
        if not isinstance(value, list):
            raise WrongShape("a list of versions")
        return tuple(_number(item, "a list of versions") for item in value)

    @staticmethod
    def states(value: Json) -> tuple[tuple[int, bool], ...]:
        """Read Apicurio's own list of versions: each with whether it can be used."""
        expected = "Apicurio's list of versions"
        found = _object(value, expected).get("versions")
        if not isinstance(found, list):
            raise WrongShape(expected)
        objects = [_object(item, expected) for item in found]
        texts = [(_text(item.get("version"), expected), item.get("state") != "DISABLED") for item in objects]
        return tuple((int(version), usable) for version, usable in texts if version.isdecimal())

    @staticmethod
    def pairs(value: Json) -> tuple[tuple[str, int], ...]:
        """Read a list of subject and version pairs."""
        expected = "a list of subjects and versions"
        if not isinstance(value, list):
            raise WrongShape(expected)
        objects = [_object(item, expected) for item in value]
        return tuple((_text(item.get("subject"), expected), _number(item.get("version"), expected)) for item in objects)

    @staticmethod
    def new_id(value: Json) -> int:
        """Read the answer to a registration."""
        return _id(_object(value, "an id").get("id"), "an id")

    @staticmethod
    def level(value: Json) -> Level:
        """Read a compatibility level."""
        found = _object(value, "a compatibility level")
        name = found.get("compatibilityLevel", found.get("compatibility", found.get("config")))
        try:
            return Level(_text(name, "a compatibility level"))
        except ValueError:
            raise WrongShape("a compatibility level") from None

    @staticmethod
    def verdict(value: Json) -> tuple[bool, tuple[str, ...]]:
        """Read a verdict with its reasons."""
        found = _object(value, "a verdict")
        compatible, messages = found.get("is_compatible"), found.get("messages")
        if not isinstance(compatible, bool) or not isinstance(messages, list | None):
            raise WrongShape("a verdict")
        return compatible, tuple(item for item in messages or () if isinstance(item, str))

    @staticmethod
    def anything(value: Json) -> Json:
        """Take any JSON object."""
        return _object(value, "an object")

    @staticmethod
    def schema_text(value: Json) -> SchemaText:
        """Read text and references of a schema."""
        return _schema_text(_object(value, "a schema"))

    @staticmethod
    def registered(value: Json) -> RegisteredSchema:
        """Read one version of a subject."""
        return _registered(_object(value, "a version of a subject"))

    @staticmethod
    def listed(value: Json) -> tuple[RegisteredSchema, ...]:
        """Read a page of versions; schemas of other formats are left out."""
        if not isinstance(value, list):
            raise WrongShape("a list of versions of subjects")
        objects = [_object(item, "a list of versions of subjects") for item in value]
        return tuple(_registered(item) for item in objects if _is_avro(item))


def _registered(found: dict[str, Json]) -> RegisteredSchema:
    expected = "a version of a subject"
    content = _schema_text(found)
    return RegisteredSchema(
        subject=_text(found.get("subject"), expected),
        version=_number(found.get("version"), expected),
        id=_id(found.get("id"), expected),
        text=content.text,
        references=content.references,
        guid=_guid(found.get("guid")),
    )


def _guid(value: Json) -> UUID | None:
    expected = "a GUID, or none"
    try:
        return None if value is None else UUID(_text(value, expected))
    except ValueError:
        raise WrongShape(expected) from None


def _schema_text(found: dict[str, Json]) -> SchemaText:
    if not _is_avro(found):
        raise WrongShape("an Avro schema")
    references = found.get("references")
    if not isinstance(references, list | None):
        raise WrongShape("a list of references")
    text = _text(found.get("schema"), "a schema")
    return SchemaText(
        text=text, references=tuple(_reference(_object(item, "a reference")) for item in references or ())
    )


def _is_avro(found: dict[str, Json]) -> bool:
    kind = found.get("schemaType")
    return kind is None or kind == "AVRO"


def _reference(found: dict[str, Json]) -> Reference:
    return Reference(
        name=_text(found.get("name"), "a reference"),
        subject=_text(found.get("subject"), "a reference"),
        version=_number(found.get("version"), "a reference"),
    )


def _object(value: Json, expected: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise WrongShape(expected)
    return value


def _text(value: Json, expected: str) -> str:
    if not isinstance(value, str) or not value:
        raise WrongShape(expected)
    return value


def _number(value: Json, expected: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX_ID:
        raise WrongShape(expected)
    return value


def _id(value: Json, expected: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_ID:
        raise WrongShape(expected)
    return value
