"""Registered schemas as nodes: references followed, each referenced version read and parsed once."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from uuid import UUID

from avroad.errors import Problem, RegistryError, SchemaNotFound, SchemaSyntaxError
from avroad.model import Reference, RegisteredSchema, SchemaText
from avroad.ports import Registry
from avroad.schema import Limits, Named, Schema, check_limits, fingerprint, named_types, parse

__all__ = ["Resolver", "schema_of", "vet"]

_CAPACITY: Final = 1000
_MAX_DEPTH: Final = 32
_MAX_REFERENCES: Final = 1000


def schema_of(registry: Registry, schema_id: int | UUID, *, limits: Limits | None = None) -> Schema:
    """Return the schema of an id or a GUID, references followed, from cache when this registry gave it before.

    limits: what the schema may cost; None takes the usual ones, which refuse recursion.
    Raises SchemaNotFound for an unknown one or reference, SchemaSyntaxError for a text that is not a schema, exceeds
    the limits or refers to itself in a circle, and what the registry raises when it does not answer.
    """
    return _resolver(registry).schema(schema_id, limits)


def vet(
    registry: Registry, schema_id: int, content: SchemaText, version: Callable[[str, int], RegisteredSchema]
) -> bool | None:
    """Return whether a text is a schema within the usual limits, with what it refers to; None when that is not read.

    version: reads what is referred to. What passes is kept for `schema_of`, so that it is followed once only.
    """
    try:
        _resolver(registry).keep(schema_id, content, version)
    except (SchemaSyntaxError, SchemaNotFound, RecursionError):
        return False
    except RegistryError:
        return None
    return True


def _resolver(registry: Registry) -> Resolver:
    with _LOCK:
        resolver = _RESOLVERS.get(registry)
        if resolver is None:
            resolver = _RESOLVERS[registry] = Resolver(registry)
    return resolver


class Resolver:
    """Reads schemas of one registry and keeps the last 1,000 by id. Thread-safe."""

    def __init__(self, registry: Registry, *, capacity: int = _CAPACITY) -> None:
        # Weakly: the cache of `schema_of` lives as long as the registry and must not keep it alive.
        self._registry = weakref.ref(registry)
        self._capacity = capacity
        self._lock = threading.Lock()
        self._schemas: OrderedDict[tuple[int | UUID, Limits | None], Schema] = OrderedDict()

    def schema(self, schema_id: int | UUID, limits: Limits | None = None) -> Schema:
        """Return the schema of an id or a GUID; see `schema_of`."""
        key = (schema_id, limits)
        if (known := self._kept(key)) is not None:
            return known
        registry = self._alive()
        if isinstance(schema_id, UUID):
            place, content = f"schema GUID {schema_id} of {registry.name}", registry.by_guid(schema_id)
        else:
            place, content = _place(registry, schema_id), registry.by_id(schema_id)
            if (known := self._kept(key)) is not None:
                return known  # vetted while it was read
        return self._keep(key, self.parsed(content, place), place)

    def keep(self, schema_id: int, content: SchemaText, version: Callable[[str, int], RegisteredSchema]) -> None:
        """Take the text of an id; raises as `schema_of` does. version: reads what it refers to."""
        place = _place(self._alive(), schema_id)
        self._keep((schema_id, None), _Reading(version).read(content, place), place)

    def parsed(self, content: SchemaText, place: str) -> Schema:
        """Return the schema of a text that need not be registered, whatever it costs; place: its name in messages."""
        return _Reading(self._alive().version).read(content, place)

    def _kept(self, key: tuple[int | UUID, Limits | None]) -> Schema | None:
        with self._lock:
            if key in self._schemas:
                self._schemas.move_to_end(key)
            return self._schemas.get(key)

    def _keep(self, key: tuple[int | UUID, Limits | None], schema: Schema, place: str) -> Schema:
        check_limits(schema, key[1], file=place)
        with self._lock:
            schema = self._schemas.setdefault(key, schema)
            while len(self._schemas) > self._capacity:
                self._schemas.popitem(last=False)
        return schema

    def _alive(self) -> Registry:
        registry = self._registry()
        assert registry is not None  # whoever calls holds the registry
        return registry


_LOCK: Final = threading.Lock()
_RESOLVERS: Final[weakref.WeakKeyDictionary[Registry, Resolver]] = weakref.WeakKeyDictionary()


class _Reading:
    """One schema with everything it refers to; keeps what each referenced version declares."""

    def __init__(self, version: Callable[[str, int], RegisteredSchema]) -> None:
        self._version = version
        self._declared: dict[tuple[str, int], dict[str, Named]] = {}

    def read(self, content: SchemaText, place: str) -> Schema:
        return parse(content.text, names=self._names(content, place, ()), strict=False, file=place)

    def _names(self, content: SchemaText, place: str, chain: tuple[tuple[str, int], ...]) -> dict[str, Named]:
        """Return every named type that the references of `content` bring in."""
        names: dict[str, Named] = {}
        for reference in content.references:
            for name, node in self._follow(reference, place, chain).items():
                known = names.setdefault(name, node)
                if known is not node and fingerprint(known) != fingerprint(node):
                    raise _refused(place, f"one meaning of {name}", f"two, one of them through {_shown(reference)}")
        return names

    def _follow(self, reference: Reference, place: str, chain: tuple[tuple[str, int], ...]) -> dict[str, Named]:
        key = (reference.subject, reference.version)
        if key in chain:
            circle = " -> ".join(f"{subject} v{version}" for subject, version in (*chain[chain.index(key) :], key))
            raise _refused(place, "references without a circle", circle)
        if key in self._declared:
            return self._declared[key]
        if len(chain) >= _MAX_DEPTH or len(self._declared) >= _MAX_REFERENCES:
            raise _refused(place, f"at most {_MAX_DEPTH} levels and {_MAX_REFERENCES} referenced versions", "more")
        target = self._version(reference.subject, reference.version)
        content = SchemaText(text=target.text, references=target.references)
        where = f"{_shown(reference)}, referred to by {place}"
        schema = parse(content.text, names=self._names(content, place, (*chain, key)), strict=False, file=where)
        self._declared[key] = named_types(schema)
        return self._declared[key]


def _place(registry: Registry, schema_id: int) -> str:
    return f"schema id {schema_id} of {registry.name}"


def _shown(reference: Reference) -> str:
    return f"{reference.subject} version {reference.version}"


def _refused(place: str, expected: str, found: str) -> SchemaSyntaxError:
    return SchemaSyntaxError(problems=(Problem(file=place, path="references", expected=expected, found=found),))
