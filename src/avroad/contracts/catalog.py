"""The catalog: every declared type, topic, subject and application, loaded once; all else asks it for names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from avroad.config.shape import did_you_mean
from avroad.contracts.applications import load_applications
from avroad.contracts.declared import Application, EventType, SubjectSpec
from avroad.contracts.schemas import load_schemas
from avroad.contracts.subjects import derive_subjects
from avroad.contracts.topics import load_topics
from avroad.errors import ContractError, Problem, UnknownEventType
from avroad.model import TopicSpec

__all__ = ["Catalog", "load_catalog"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What the repository declares.

    types: every file of `schemas/` by full name, referenced types first. topics: declared and derived ones by name,
    each dead-letter topic after its source. subjects: what to register, in an order in which it can be registered.
    applications: who reads and writes, by name, as far as it is declared.
    """

    types: Mapping[str, EventType] = field(default_factory=dict)
    topics: Mapping[str, TopicSpec] = field(default_factory=dict)
    subjects: tuple[SubjectSpec, ...] = ()
    applications: Mapping[str, Application] = field(default_factory=dict)

    def type(self, full_name: str) -> EventType:
        """Return a declared type. Raises UnknownEventType."""
        found = self.types.get(full_name)
        if found is None:
            raise _unknown("type", full_name, self.types, f"add schemas/{full_name}.avsc")
        return found

    def topic(self, name: str) -> TopicSpec:
        """Return a declared or derived topic. Raises UnknownEventType."""
        found = self.topics.get(name)
        if found is None:
            raise _unknown("topic", name, self.topics, f"add admin/topics/{name}.yaml")
        return found

    def topics_of(self, full_name: str) -> tuple[TopicSpec, ...]:
        """Return the topics that carry a type, in the order of their names; may be empty."""
        return tuple(topic for topic in self.topics.values() if full_name in topic.values)

    def topic_of(self, full_name: str, topic: str | None = None) -> TopicSpec:
        """Return the topic to which events of a type go.

        topic: which one, needed when several carry the type; None or "" for the only one.
        Raises UnknownEventType for an undeclared type or topic and for a type on no topic, ContractError when the
        topic does not carry the type or when several do and none was named.
        """
        self.type(full_name)
        carriers = self.topics_of(full_name)
        if topic:
            chosen = self.topic(topic)
            if full_name not in chosen.values:
                raise ContractError(
                    f"{topic} does not carry {full_name}", expected=" or ".join(chosen.values) or "no event type",
                    found=full_name, file=chosen.file, path="$.values",
                )  # fmt: skip
            return chosen
        if not carriers:
            hint = "Add it under values of a file in admin/topics."
            raise UnknownEventType(f"no topic carries {full_name}", hint=hint)
        first, *others = carriers
        if others:
            names = ", ".join(spec.name for spec in carriers)
            raise ContractError(f"{full_name} is on several topics: {names}", hint="Name the topic.")
        return first


def load_catalog(root: Path) -> Catalog:
    """Load the declarations below the project folder `root`.

    Raises ContractError with every problem of every file: nothing is left out because something else is wrong.
    """
    declared = load_schemas(root)
    topics = load_topics(root, declared)
    applications = load_applications(root, declared.names, topics)
    problems = [*declared.problems, *topics.problems, *applications.problems]
    if problems:
        raise ContractError(_headline(problems), problems=tuple(problems))
    subjects = derive_subjects(declared.types, topics.topics.values())
    return Catalog(
        types=declared.types, topics=topics.topics, subjects=subjects, applications=applications.applications
    )


def _headline(problems: list[Problem]) -> str:
    files = len({problem.file for problem in problems})
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"the contracts have {count} in {files} {'file' if files == 1 else 'files'}:"


def _unknown(what: str, name: str, known: Mapping[str, object], otherwise: str) -> UnknownEventType:
    close = did_you_mean(name, known)
    hint = close[0].upper() + close[1:] if close else f"Is it new? {otherwise[0].upper()}{otherwise[1:]}."
    return UnknownEventType(f'no {what} "{name[:80]}" is declared', hint=hint)
