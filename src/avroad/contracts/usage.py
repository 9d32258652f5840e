"""Who reads and who writes a type, as far as it is declared, also where another type carries it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from avroad.contracts.catalog import Catalog
from avroad.contracts.declared import Application, Use

__all__ = ["TypeUse", "readers_of", "writers_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeUse:
    """One program and one of its uses; use.type_name: the type that was asked for, or one that has it inside."""

    application: Application
    use: Use


def readers_of(catalog: Catalog, type_name: str) -> tuple[TypeUse, ...]:
    """Return the declared programs that read a type, in the order of their names."""
    return tuple(_uses(catalog, type_name, reads=True))


def writers_of(catalog: Catalog, type_name: str) -> tuple[TypeUse, ...]:
    """Return the declared programs that write a type, in the order of their names."""
    return tuple(_uses(catalog, type_name, reads=False))


def _uses(catalog: Catalog, type_name: str, *, reads: bool) -> Iterator[TypeUse]:
    wanted = {type_name}
    for name, kind in catalog.types.items():  # referenced types first: one pass finds all
        if not wanted.isdisjoint(kind.references):
            wanted.add(name)
    for _, application in sorted(catalog.applications.items()):
        for use in application.reads if reads else application.writes:
            if use.type_name in wanted:
                yield TypeUse(application=application, use=use)
