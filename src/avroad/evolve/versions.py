"""Which versions of a subject are in play: those before, those that programs are pinned to, the candidate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from avroad.contracts import Catalog
from avroad.contracts.compat.modes import Version as Older
from avroad.contracts.declared import REPOSITORY, SubjectSpec, Use
from avroad.contracts.usage import readers_of
from avroad.schema import Named, Schema, fingerprint

__all__ = ["CANDIDATE", "InPlay", "Programs", "Version", "versions_in_play"]

CANDIDATE: Final = "candidate"
"""The label of the version that is rehearsed, unless it is one that is there already."""
_REVISION: Final = "git:"
_MAX_OLDER: Final = 8
"""Of a long history the newest ones are rehearsed: every pair of versions is played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version in play. label: its short name; origins: why it is in play; id: fingerprint of its meaning."""

    label: str
    schema: Schema
    origins: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Declared programs of one subject, by their names.

    readers: all that read it; pins: who reads or writes which version other than the repository's; keepers: the
    readers among those.
    """

    readers: tuple[str, ...] = ()
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keepers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog, spec: SubjectSpec) -> Programs:
        """Return those that a catalog declares; a shared type is read with every type that has it inside."""
        programs = sorted(catalog.applications.items())
        pairs = [(name, use) for name, each in programs for use in (*each.reads, *each.writes)]
        reads = [(name, use) for name, each in programs for use in each.reads]
        place = spec.topic, spec.type_name
        found = readers_of(catalog, spec.type_name)
        readers = [each for each in found if not spec.topic or (each.use.topic, each.use.type_name) == place]
        return cls(
            readers=tuple(dict.fromkeys(each.application.name for each in readers)),
            pins=_pins(spec, pairs), keepers=_pins(spec, reads),
        )  # fmt: skip


def _pins(spec: SubjectSpec, uses: Iterable[tuple[str, Use]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, use in uses:
        if (use.topic, use.type_name) == (spec.topic, spec.type_name):
            for version in use.versions:
                if version != REPOSITORY:
                    found.setdefault(version, {})[name] = None
    return {version: tuple(names) for version, names in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlay:
    """One subject with its versions, oldest first, the candidate last.

    changed: whether the newest version before means something else than the candidate: a new version, or an older one
    that is declared again; left_out: how many older ones are not played; readers: the declared programs that read the
    type; keepers: the labels of versions that some of them are pinned to, each with their names.
    """

    spec: SubjectSpec
    versions: tuple[Version, ...]
    changed: bool = True
    left_out: int = 0
    readers: tuple[str, ...] = ()
    keepers: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def candidate(self) -> Version:
        """The version that is rehearsed."""
        return self.versions[-1]


def versions_in_play(
    spec: SubjectSpec,
    candidate: Named,
    older: Iterable[Older],
    programs: Programs,
    pinned: Callable[[str], Schema],
    *,
    origins: tuple[str, str],
) -> InPlay:
    """Return what is in play of one subject, each meaning once.

    older: the versions before, oldest first; pinned: the schema of a pin that is none of them, which raises what its
    source raises when there is none; origins: what the older ones are, and where the candidate is from.
    """
    transitive = spec.level.value.endswith("_TRANSITIVE")
    before = [version for version in older if not version.deleted]
    kept = before[-_MAX_OLDER:] if transitive else before[-1:]
    named = {version.name: version.schema for version in before}
    found: dict[str, Version] = {}
    keepers: dict[str, dict[str, None]] = {}
    for pin, names in programs.pins.items():
        schema = named[pin] if pin in named else pinned(pin)
        _add(found, pin, schema, f"pinned by {', '.join(names)}")
        if pin in programs.keepers:
            keepers.setdefault(fingerprint(schema), {}).update(dict.fromkeys(programs.keepers[pin]))
    for version in kept:
        _add(found, version.name, version.schema, origins[0], newest=True)
    _add(found, CANDIDATE, candidate, origins[1], newest=True)
    played = {version.id for version in found.values()}
    left_out = len({fingerprint(version.schema) for version in before} - played)
    changed = not before or fingerprint(before[-1].schema) != fingerprint(candidate)
    return InPlay(
        spec=spec, versions=tuple(found.values()), changed=changed, left_out=left_out, readers=programs.readers,
        keepers=tuple((found[meaning].label, tuple(names)) for meaning, names in keepers.items()),
    )  # fmt: skip


def _add(found: dict[str, Version], label: str, schema: Schema, origin: str, *, newest: bool = False) -> None:
    """Add a version, or to the one that means the same another reason; newest: it stands where it came last.

    A pinned revision that is one of the versions before is called as that one is, as everywhere else.
    """
    meaning = fingerprint(schema)
    known = found.get(meaning)
    if known is None:
        found[meaning] = Version(label=label, schema=schema, origins=(origin,), id=meaning)
        return
    if newest:
        del found[meaning]
    origins = (*known.origins, origin)
    if newest and label != CANDIDATE and known.label.startswith(_REVISION):
        origins = (known.label, *origins)
    else:
        label = known.label
    found[meaning] = Version(label=label, schema=known.schema, origins=origins, id=meaning)
