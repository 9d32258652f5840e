"""What the commands of `avroad codec` are told about schemas: by id, GUID, file or name, or by the bytes themselves."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from avroad.cli.context import Context, find_root
from avroad.cli.output import say
from avroad.errors import ConfigError, ContractError, FramingError, SchemaSyntaxError

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.contracts import Catalog
    from avroad.schema import Limits, Schema

__all__ = ["FORMS", "Given", "open_limits", "schema_options"]

FORMS: Final = ("bare", "id", "guid", "single", "container")
"""What can be before a body."""


def schema_options(forms: tuple[str, ...] = FORMS) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command --id, --guid, --writer and --form: which schema wrote the bytes."""
    options = (
        click.option("--id", "schema_id", type=click.IntRange(0, 2**31 - 1), metavar="N",
                     help="The writer's schema by its registry id."),
        click.option("--guid", metavar="GUID", help="The writer's schema by its registry GUID."),
        click.option("--writer", metavar="SCHEMA", help="The writer's schema: an .avsc file or a type of the project."),
        click.option("--form", type=click.Choice(forms), help="What is before the body: avroad codec --help."),
    )  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The schemas a command was given, and how to get at those it was not. At most one of the first three is set."""

    context: Context
    schema_id: int | None
    guid: str | None
    writer: str | None

    @property
    def names_writer(self) -> bool:
        """Whether an option says which schema wrote the bytes."""
        return (self.schema_id, self.guid, self.writer) != (None, None, None)

    def explicit(self) -> Schema | None:
        """Return the writer's schema that was named by an option, None without one. Raises ConfigError for several."""
        named = [name for name, value in (("--id", self.schema_id), ("--guid", self.guid), ("--writer", self.writer))
                 if value is not None]  # fmt: skip
        if len(named) > 1:
            raise ConfigError("name the writer's schema once", expected="one of --id, --guid and --writer",
                              found=" and ".join(named))  # fmt: skip
        if self.schema_id is not None:
            return self.registered(self.schema_id)
        if self.guid is not None:
            try:
                return self.registered(UUID(self.guid))
            except ValueError:
                raise ConfigError("the GUID cannot be read", expected="a UUID in its 36-character form",
                                  found=self.guid[:40], path="--guid") from None  # fmt: skip
        return None if self.writer is None else self.named(self.writer)

    def registered(self, schema: int | UUID) -> Schema:
        """Return the schema of a registry id or GUID."""
        from avroad.registry import schema_of  # noqa: PLC0415  # loads the HTTP client

        with closing(self.context.project().registry()) as registry:
            return schema_of(registry, schema, limits=open_limits())

    def named(self, text: str) -> Schema:
        """Return the schema in a file, or of a type of the project. Types the file refers to are the project's.

        Raises SchemaSyntaxError for a file that holds none, ConfigError for a text that is neither.
        """
        from avroad.schema import MAX_TEXT_BYTES, parse  # noqa: PLC0415

        path = Path(text)
        if not path.is_file():
            catalog = self._catalog()
            if catalog is not None and text in catalog.types:
                return catalog.types[text].schema
            close = difflib.get_close_matches(text, catalog.types if catalog is not None else (), n=1)
            hint = f'Did you mean "{close[0]}"?' if close else ""
            if catalog is None:
                hint = "This is not an avroad project, so it declares no type: change into one or give --root DIR."
            raise ConfigError("the schema was not found", expected="an .avsc file or the full name of a declared type",
                              found=text[:200], hint=hint)  # fmt: skip
        with path.open("rb") as file:
            source = file.read(MAX_TEXT_BYTES + 1).decode("utf-8", "replace")
        try:
            return parse(source, strict=False, file=text)
        except SchemaSyntaxError as error:
            try:
                catalog = self._catalog()
            except ContractError:  # not what was asked about
                raise error from None
            if catalog is None:
                raise
            own = path.name.removesuffix(".avsc")
            names = {name: event.schema for name, event in catalog.types.items() if name != own}
            return parse(source, names=names, strict=False, file=text)

    def frame(self, payload: bytes, form: str | None) -> tuple[Schema, int]:
        """Return (writer's schema, start of the body) of a payload that has one datum.

        form: what is before the body; None when the bytes are to say it themselves, or when a schema is named and
        the bytes are the bare body. Raises FramingError for another frame, ConfigError when nothing names a schema.
        """
        from avroad.model import Framing  # noqa: PLC0415
        from avroad.wire.frames import read_frame  # noqa: PLC0415
        from avroad.wire.single_object import SINGLE_OBJECT_SIZE, SchemaStore, fingerprint_in  # noqa: PLC0415

        named, asked = self.explicit(), form
        if form is None:
            form = "bare" if named is not None else "single" if payload[:2] == b"\xc3\1" else "id"
        if form == "bare":
            if named is None:
                raise ConfigError("a bare body does not say who wrote it", expected="--id, --guid or --writer",
                                  found="none of them")  # fmt: skip
            return named, 0
        if form == "single":
            fingerprint_in(payload)
            catalog = None if named is not None else self._catalog()
            known = [event.schema for event in catalog.types.values()] if catalog is not None else []
            return SchemaStore([named] if named is not None else known).writer_of(payload), SINGLE_OBJECT_SIZE
        try:
            found = read_frame(payload, framing=Framing(form))
        except FramingError as error:
            if asked is None:
                error.hint = "A bare body? Say who wrote it: --id, --guid or --writer."
            raise
        if named is None:
            return self.registered(found.schema), found.start
        if self.schema_id is not None and found.schema != self.schema_id:
            say(f"note: the frame names schema id {found.schema}, read with {self.schema_id} as asked")
        return named, found.start

    def _catalog(self) -> Catalog | None:
        """Return the project's declarations, None outside a project."""
        from avroad.contracts import load_catalog  # noqa: PLC0415  # parses YAML

        try:
            root = self.context.root or find_root(Path.cwd())
        except ConfigError:
            return None
        return load_catalog(root)


def open_limits() -> Limits:
    """Return limits for schemas of others: recursion and items of no byte are allowed, each within its own budget."""
    from avroad.schema import Limits  # noqa: PLC0415

    return Limits(recursion=True, empty_items=True)
