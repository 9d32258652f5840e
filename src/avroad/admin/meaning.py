"""What registered schemas mean: references followed, so that they compare with declared ones by meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from avroad.errors import SchemaNotFound, SchemaSyntaxError
from avroad.model import RegisteredSchema
from avroad.schema import Named, Schema, fingerprint, named_types, parse

__all__ = ["Meaning", "Meanings", "matches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One registered version, read. schema: None with `problem` saying why it cannot be read.

    references: the meaning of what each referenced name is bound to.
    """

    schema: Schema | None = None
    fingerprint: str = ""
    problem: str = ""
    references: Mapping[str, Meaning] = field(default_factory=dict)


class Meanings:
    """Reads each (subject, version) once, however many others refer to it.

    fetch: gives a version that is not among `known`; raises SchemaNotFound.
    """

    def __init__(self, fetch: Callable[[str, int], RegisteredSchema], known: Iterable[RegisteredSchema] = ()) -> None:
        self._fetch = fetch
        self._known = {(item.subject, item.version): item for item in known}
        self._meanings: dict[tuple[str, int], Meaning] = {}
        self._open: set[tuple[str, int]] = set()

    def of(self, registered: RegisteredSchema) -> Meaning:
        """Return the meaning of one version; a text that cannot be read gives a meaning with a problem."""
        key = (registered.subject, registered.version)
        if key in self._meanings:
            return self._meanings[key]
        if key in self._open:
            return Meaning(problem=f"{registered.subject} version {registered.version} refers to itself")
        self._open.add(key)
        meaning = self._read(registered)
        self._open.discard(key)
        self._meanings[key] = meaning
        return meaning

    def _read(self, registered: RegisteredSchema) -> Meaning:
        references: dict[str, Meaning] = {}
        names: dict[str, Named] = {}
        for reference in registered.references:
            key = (reference.subject, reference.version)
            try:
                target = self._known.get(key) or self._fetch(*key)
            except SchemaNotFound:
                return Meaning(problem=f"refers to {reference.subject} version {reference.version}, which is gone")
            self._known[key] = target
            meaning = self.of(target)
            if meaning.schema is None:
                return Meaning(problem=f"refers to {reference.subject}: {meaning.problem}")
            references[reference.name] = meaning
            for name, node in named_types(meaning.schema).items():
                names.setdefault(name, node)
        try:
            schema = parse(registered.text, names=names, strict=False)
        except SchemaSyntaxError as error:
            first = error.problems[0] if error.problems else None
            reason = f"expected {first.expected}, found {first.found} at {first.path}" if first else str(error)
            return Meaning(problem=f"is not readable as Avro: {reason}", references=references)
        return Meaning(schema=schema, fingerprint=fingerprint(schema), references=references)


def matches(meaning: Meaning, wanted: str, fingerprints: Mapping[str, str]) -> bool:
    """Return whether a registered version means the schema with fingerprint `wanted`.

    fingerprints: of every declared type by full name. What the version refers to must match as well: one type can
    be reached on two ways, and the fingerprint of the whole sees only the first.
    """
    waiting, seen = [(meaning, wanted)], set[tuple[int, str]]()
    while waiting:
        found, expected = waiting.pop()
        if found.fingerprint != expected:
            return False
        if (id(found), expected) in seen:
            continue
        seen.add((id(found), expected))
        waiting.extend(
            (found.references[name], fingerprints[name]) for name in found.references if name in fingerprints
        )
    return True
