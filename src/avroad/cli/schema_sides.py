"""What the arguments of `avroad schema diff` name: a file, a type, a revision, a folder, a registered version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from avroad.cli.context import find_root, given_name
from avroad.config.files import FileRefused, read_text
from avroad.config.shape import did_you_mean
from avroad.contracts import load_catalog
from avroad.contracts.references import scan
from avroad.errors import ConfigError, ContractError
from avroad.schema import MAX_TEXT_BYTES, Named, Schema, parse, read_json

if TYPE_CHECKING:
    from avroad.cli.context import Context
    from avroad.ports import Registry

__all__ = ["Side", "project_side", "read_side"]

_FORMS: Final = "a file, a type, git:REV, git:REV:TYPE, dir:PATH, registry:SUBJECT or registry:SUBJECT:VERSION"
_KINDS: Final = ("git", "dir", "registry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison. schema: the one that was named, else None, and then `types` are all there are.

    notes: what could not be read there, as sentences; declared: whether it is a type of the project as it is now.
    """

    name: str
    schema: Schema | None = None
    types: Mapping[str, Named] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    declared: bool = False

    def type(self, full_name: str) -> Named:
        """Return a type by name. Raises ConfigError with the nearest name, ContractError for an unreadable one."""
        found = self.types.get(full_name)
        if found is None:
            unread = next((note for note in self.notes if note.startswith(f"{full_name}.avsc ")), "")
            close = did_you_mean(full_name, self.types)
            hint = unread or (close[0].upper() + close[1:] if close else "")
            kind = ContractError if unread else ConfigError  # there, and broken; or a slip of the keyboard
            raise kind(f'{self.name} has no type "{full_name[:80]}"', hint=hint)
        return found


def project_side(context: Context) -> Side:
    """Return all declared types. Raises ContractError, ConfigError."""
    types = {name: kind.schema for name, kind in load_catalog(context.folder()).types.items()}
    return Side(name="the project", types=types)


def read_side(context: Context, given: str) -> Side:
    """Return what an argument names.

    Raises ConfigError, GitError, ContractError, SchemaSyntaxError, RegistryError.
    """
    kind, colon, what = given.partition(":")
    if kind == "git" and what:
        return _revision(context, what)
    if kind == "dir" and what:
        from avroad.cli.baselines import folder  # noqa: PLC0415  # a folder needs neither git nor a client

        found = folder(Path(what))
        return Side(name=given, types=found.types, notes=found.notes)
    if kind == "registry" and what:
        return _registered(context, what)
    if Path(given).is_file() or given.endswith(".avsc"):
        return Side(name=given, schema=_file(context, given))
    if colon or given in _KINDS:
        close = did_you_mean(kind, _KINDS).replace('"?', f':{what[:80]}"?') if kind not in _KINDS else ""
        raise ConfigError(
            "nothing to compare", expected=_FORMS, found=f'"{given[:80]}"', hint=close[:1].upper() + close[1:]
        )  # fmt: skip
    with given_name():
        return Side(name=given, schema=load_catalog(context.folder()).type(given).schema, declared=True)


def _revision(context: Context, given: str) -> Side:
    from avroad.cli.pins import types_at  # noqa: PLC0415  # only for git
    from avroad.git import open_repository  # noqa: PLC0415

    revision, _, name = given.partition(":")
    repository = open_repository(context.folder())
    commit = repository.commit(revision)
    types, notes = types_at(repository, commit)
    side = Side(name=f"git:{revision} ({commit.short} of {commit.day})", types=types, notes=notes)
    return Side(name=side.name, schema=side.type(name)) if name else side


def _registered(context: Context, given: str) -> Side:
    from avroad.model import SchemaText  # noqa: PLC0415  # only for the registry
    from avroad.registry.resolve import Resolver  # noqa: PLC0415

    subject, colon, number = given.rpartition(":")  # a subject in a context begins with :.NAME:
    if not colon or not number.isascii() or not number.isdigit():
        subject, number = given, ""
    registry = context.project().registry()
    try:
        versions = registry.versions(subject)
        if not versions:
            raise _unknown_subject(context, registry, subject)
        if number and int(number) not in versions:
            have = ", ".join(str(version) for version in versions[-20:])
            raise ConfigError(
                f"{subject} has no version {number[:20]} in the registry {registry.name}.", hint=f"It has: {have}"
            )
        found = registry.version(subject, int(number) if number else None)
        name = f"registry:{subject}:{found.version}"
        content = SchemaText(text=found.text, references=found.references)
        return Side(name=name, schema=Resolver(registry).parsed(content, name))
    finally:
        registry.close()


def _unknown_subject(context: Context, registry: Registry, subject: str) -> ConfigError:
    declared = load_catalog(context.folder()).subjects
    missing = f'the registry {registry.name} has no subject "{subject[:250]}", in any version'
    if any(spec.subject == subject for spec in declared):
        hint = f"It is declared, and not registered yet. Run: avroad apply -e {context.environment_name()}"
        return ConfigError(f"{missing}.", hint=hint)
    name, _, rest = subject.rpartition(":")
    if name and registry.versions(name):
        hint = f"For the newest version: registry:{name}"
        return ConfigError(f"{name} has no such version", expected="a number", found=f'"{rest[:20]}"', hint=hint)
    own = [spec.subject for spec in declared if spec.type_name == subject]
    close = f'did you mean "registry:{own[0]}"?' if own else did_you_mean(subject, registry.subjects())
    hint = close[0].upper() + close[1:] if close else "See: avroad subjects list"
    return ConfigError(f"{missing}.", hint=hint)


def _file(context: Context, given: str) -> Schema:
    """Return the schema in a file, references looked up in the project when there is one."""
    try:
        value = read_json(read_text(Path(given), MAX_TEXT_BYTES), file=given)
    except FileRefused as refused:
        raise ConfigError(expected=refused.expected, found=refused.found, file=given) from None
    names = scan(value)
    used = {name for _, written, full in names.used for name in (written, full)} - names.declared.keys()
    if not used:
        return parse(value, strict=False, file=given)
    try:
        types = load_catalog(context.root or find_root(Path.cwd())).types
    except ConfigError:
        types = {}
    return parse(value, names={name: types[name].schema for name in used if name in types}, strict=False, file=given)
