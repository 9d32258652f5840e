"""Schema nodes with a name: records, enums, fixed."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.schema.json import NO_DEFAULT, Json, NoDefault
from avroad.schema.logical import Logical
from avroad.schema.nodes import Schema

__all__ = ["Enum", "Field", "Fixed", "Named", "Record"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Named(Schema):
    """A schema with a full name; aliases are full names too."""

    name: str
    aliases: tuple[str, ...] = ()
    doc: str = ""

    @property
    def short_name(self) -> str:
        """The name without its namespace; resolution compares these (Java's rule)."""
        return self.name.rpartition(".")[2]

    @property
    def namespace(self) -> str:
        """The name's namespace, "" for the null namespace."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field(Schema):
    """One record field; default is the JSON value as written, NO_DEFAULT when there is none."""

    name: str
    type: Schema
    default: Json | NoDefault = NO_DEFAULT
    aliases: tuple[str, ...] = ()
    doc: str = ""
    order: str = "ascending"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record(Named):
    """A record. A recursive record's fields point back at the record itself."""

    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enum(Named):
    """An enum; default is the symbol read for unknown ones, None when there is none."""

    symbols: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixed(Named):
    """Exactly `size` bytes."""

    size: int
    logical: Logical | None = None
