"""Subjects follow from topics: one per topic and type, and one per shared type, named by its full name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from avroad.contracts.declared import EventType, SubjectSpec
from avroad.model import Level, TopicSpec

__all__ = ["derive_subjects", "strictest"]

_WORDS: Final = ("NONE", "BACKWARD", "FORWARD", "FULL")


def derive_subjects(types: Mapping[str, EventType], topics: Iterable[TopicSpec]) -> tuple[SubjectSpec, ...]:
    """Return all subjects, each after those it refers to.

    No two are the same: a type name has no dash, so the last dash of a subject divides it in one way only, and the
    subject of a shared type has none.

    types: referenced types first. A shared type gets the strictest level of all that use it, directly or through
    others, because one schema change must hold for each of them.
    """
    specs = list(topics)
    levels: dict[str, Level] = {}
    for topic in specs:
        for name in topic.values:
            for shared in types[name].references if name in types else ():
                levels[shared] = strictest(levels.get(shared), topic.compatibility)
    for name in reversed(list(types)):
        if name in levels:
            for shared in types[name].references:
                levels[shared] = strictest(levels.get(shared), levels[name])
    subjects = [
        SubjectSpec(subject=name, type_name=name, topic="", level=levels[name], references=types[name].references)
        for name in types
        if name in levels
    ]
    subjects += [
        SubjectSpec(
            subject=topic.subject(name),
            type_name=name,
            topic=topic.name,
            level=topic.compatibility,
            references=types[name].references,
        )
        for topic in specs
        for name in topic.values
        if name in types
    ]
    return tuple(subjects)


def strictest(one: Level | None, other: Level) -> Level:
    """Return the weakest level that promises what both promise: BACKWARD and FORWARD_TRANSITIVE: FULL_TRANSITIVE."""
    if one is None:
        return other
    words = {word for level in (one, other) for word in _WORDS[1:3] if word in level or "FULL" in level}
    name = "FULL" if len(words) > 1 else next(iter(words), "NONE")
    transitive = "TRANSITIVE" in one or "TRANSITIVE" in other
    return Level(f"{name}_TRANSITIVE" if transitive else name)
