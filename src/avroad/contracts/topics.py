"""The files of `admin/topics/`: one topic each, checked against the declared types; dead-letter topics derived."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avroad.config.shape import Fields, Shape, did_you_mean, fit
from avroad.config.strict_yaml import Node, read_file
from avroad.contracts.key_time import field_problems
from avroad.contracts.schemas import Declarations
from avroad.contracts.topic_settings import DEFAULT_MAX_MESSAGE_BYTES, is_compacted, setting_problem
from avroad.errors import Problem
from avroad.model import Framing, Level, SubjectStrategy, TopicSpec
from avroad.schema import Record

__all__ = ["TopicDeclarations", "load_topics"]

_FOLDER: Final = "admin/topics"
_SUFFIX: Final = ".yaml"
_DLQ: Final = ".dlq"
_DLQ_HEADROOM_BYTES: Final = 64 * 1024
_MAX_NAME: Final = 249
_NAME: Final = re.compile(r"[A-Za-z0-9.-]+\Z")
_TRANSITIVE: Final = frozenset({Level.BACKWARD_TRANSITIVE, Level.FULL_TRANSITIVE})
_ENVIRONMENT: Final = "it differs per environment: set it in admin/environments"
_SHAPE: Final = Fields(
    known={
        "topic": Shape(kind="text"),
        "description": Shape(kind="text"),
        "owner": Shape(kind="text"),
        "subjects": Shape(kind="text", choices=tuple(SubjectStrategy)),
        "values": Shape(kind="list", items=Shape(kind="text")),
        "key": Shape(kind="text", choices=("string",)),
        "key_from": Shape(kind="text"),
        "time_from": Shape(kind="text"),
        "compatibility": Shape(kind="text", choices=tuple(Level)),
        "partitions": Shape(kind="whole", low=1, high=100_000),
        "framing": Shape(kind="text", choices=tuple(Framing)),
        "config": Shape(kind="table", items=Shape(kind="setting")),
        "dlq": Shape(kind="flag"),
    },
    required=("topic", "description", "owner", "values", "partitions"),
    refused={
        "replication_factor": _ENVIRONMENT,
        "replicas": _ENVIRONMENT,
        "min_insync_replicas": _ENVIRONMENT,
        "dlq_of": "a dead-letter topic follows from dlq: true of its source",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDeclarations:
    """Topics by name, each derived dead-letter topic after its source, and every problem.

    unusable: names of files in which there is no topic to go on with, for a reason among the problems.
    """

    topics: dict[str, TopicSpec] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def load_topics(root: Path, declared: Declarations) -> TopicDeclarations:
    """Read every file of `admin/topics/` below `root` and check it against the declared types."""
    folder = root / _FOLDER
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        return TopicDeclarations(problems=(Problem(file=_FOLDER, expected="a folder with topic files", found=found),))
    problems: list[Problem] = []
    nodes: dict[str, Node] = {}
    stems: set[str] = set()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {_SUFFIX, ".yml"}):
        shown = path.relative_to(root).as_posix()
        if path.parent != folder or path.suffix != _SUFFIX:
            fix = f"move it to {_FOLDER}/{path.stem}{_SUFFIX}"
            problems.append(
                Problem(file=shown, expected=f"topic files named {_FOLDER}/<topic>{_SUFFIX}", found=path.name, fix=fix)
            )
            continue
        stems.add(path.stem)
        node, wrong = read_file(path, shown)
        problems.extend(wrong)
        if node is None and not wrong:
            problems.append(Problem(file=shown, expected="a topic declaration", found="an empty file"))
        if node is not None:
            nodes[path.stem] = node
    if not nodes and not problems:
        problems.append(Problem(file=_FOLDER, expected=f"at least one {_SUFFIX} file", found="none"))
    topics: dict[str, TopicSpec] = {}
    places: dict[str, Node] = {}
    for stem, node in nodes.items():
        spec = _Declaration(node, declared, problems).topic(stem)
        if spec is None:
            continue
        if spec.name in topics:
            place = node.entries["topic"]
            problems.append(place.problem("each topic in one file", f'"{spec.name}", also in {topics[spec.name].file}'))
            continue
        topics[spec.name] = spec
        places[spec.name] = node
    _refuse_declared_dead_letters(topics, places, problems)
    return TopicDeclarations(
        topics=dict(_with_dead_letters(topics.values())),
        unusable=frozenset(stems - topics.keys()),
        problems=tuple(problems),
    )


class _Declaration:
    """One file's checks."""

    def __init__(self, node: Node, declared: Declarations, problems: list[Problem]) -> None:
        self._node = node
        self._declared = declared
        self._problems = problems

    def topic(self, stem: str) -> TopicSpec | None:
        """Return the topic, None when its name or partitions are unusable; problems are noted either way."""
        found = fit(self._node, _SHAPE, self._problems)
        if found is None:
            return None
        name = found.get("topic", "")
        if name:
            self._check_name(name, stem)
        values = self._values(found.get("values", []))
        strategy = SubjectStrategy(found.get("subjects", SubjectStrategy.TOPIC))
        level = Level(found.get("compatibility", Level.BACKWARD_TRANSITIVE))
        config = self._config(found.get("config", {}))
        if strategy is SubjectStrategy.TOPIC and len(values) > 1:
            self._say(
                "subjects",
                "subjects: topic-record for several types",
                f"subjects: topic with {len(values)} values",
                "the second type could never be registered under the subject of the first",
            )
        self._check_key(found, values)
        if is_compacted(config):
            self._check_compacted(found, values, level)
        if not name or "partitions" not in found:
            return None
        return TopicSpec(
            name=name,
            partitions=found["partitions"],
            description=found.get("description", ""),
            owner=found.get("owner", ""),
            subjects=strategy,
            values=values,
            key_from=found.get("key_from", ""),
            time_from=found.get("time_from", ""),
            compatibility=level,
            framing=Framing(found.get("framing", Framing.ID)),
            config=config,
            dlq=f"{name}{_DLQ}" if found.get("dlq", False) else "",
            file=self._node.file,
        )

    def _say(self, key: str, expected: str, found: str, fix: str = "") -> None:
        self._problems.append(self._node.entries.get(key, self._node).problem(expected, found, fix))

    def _check_name(self, name: str, stem: str) -> None:
        if "_" in name:
            self._say(
                "topic",
                "a topic name with dots",
                f'"{name[:80]}"',
                f'did you mean "{name.replace("_", ".")[:80]}"? metrics fold _ and . into one',
            )
        elif not _NAME.match(name) or name.strip(".") == "":
            self._say("topic", "a topic name of letters, digits, . and -", f'"{name[:80]}"')
        longest = _MAX_NAME - len(_DLQ)
        if len(name) > longest:
            self._say("topic", f"at most {longest} characters, so that {_DLQ} fits behind", f"{len(name)}")
        if name != stem:
            self._say(
                "topic",
                f'the topic "{stem}", after which the file is named',
                f'"{name[:80]}"',
                f"rename the file to {_FOLDER}/{name[:80]}{_SUFFIX}?",
            )

    def _values(self, names: list[str]) -> tuple[str, ...]:
        """Return the types that exist, each once."""
        values: list[str] = []
        listing = self._node.entries.get("values", self._node)
        if listing.kind == "list" and not listing.items:
            self._problems.append(listing.problem("at least one type", "an empty list"))
        places = {item.text: item for item in listing.items}
        for name in names:
            place = places.get(name, listing)
            if name in values:
                self._problems.append(place.problem("each type once", f'"{name[:80]}" again'))
                continue
            if name not in self._declared.names:
                fix = did_you_mean(name, self._declared.names) or f"add schemas/{name[:80]}.avsc"
                self._problems.append(place.problem("a type of schemas/", f'"{name[:80]}"', fix))
                continue
            values.append(name)
            event_type = self._declared.types.get(name)
            if event_type is not None and not isinstance(event_type.schema, Record):
                kind = type(event_type.schema).__name__.lower()
                self._problems.append(place.problem("a record", f"{name}, of kind {kind}", "wrap it in a record"))
        return tuple(values)

    def _config(self, found: Mapping[str, Any]) -> dict[str, str]:
        config: dict[str, str] = {}
        for name, value in found.items():
            text = str(value)
            if name == "cleanup.policy":
                text = ",".join(sorted(part.strip() for part in text.split(",")))
            wrong = setting_problem(name, text)
            if wrong is None:
                config[name] = text
            else:
                self._problems.append(self._node.entries["config"].entries[name].problem(*wrong))
        return config

    def _check_key(self, found: Mapping[str, Any], values: tuple[str, ...]) -> None:
        if "key" in found and "key_from" not in found:
            self._say("key", "key_from beside key", "no key_from", "name the field whose value is the key")
        for key in ("key_from", "time_from"):
            if key not in found:
                continue
            place = self._node.entries[key]
            for name in values:
                event_type = self._declared.types.get(name)
                if event_type is not None and isinstance(event_type.schema, Record):
                    self._problems.extend(
                        place.problem(*wrong) for wrong in field_problems(event_type.schema, found[key], key)
                    )

    def _check_compacted(self, found: Mapping[str, Any], values: tuple[str, ...], level: Level) -> None:
        config = self._node.entries["config"].entries["cleanup.policy"]
        if len(values) > 1:
            self._problems.append(
                config.problem(
                    "one type on a compacted topic",
                    f"{len(values)} types",
                    "under one key the later type would erase the earlier: use delete, or one topic per type",
                )
            )
        if "key_from" not in found:
            self._problems.append(
                config.problem("key_from on a compacted topic", "no key_from", "the broker refuses records without key")
            )
        if level not in _TRANSITIVE:
            self._say(
                "compatibility",
                "BACKWARD_TRANSITIVE or FULL_TRANSITIVE on a compacted topic",
                level.value,
                "compacted data never expires: readers must read every version",
            )


def _refuse_declared_dead_letters(
    topics: dict[str, TopicSpec], places: Mapping[str, Node], problems: list[Problem]
) -> None:
    for name in [name for name in topics if name.endswith(_DLQ)]:
        source = name.removesuffix(_DLQ)
        fix = f"write dlq: true in {_FOLDER}/{source}{_SUFFIX}"
        problems.append(places[name].entries["topic"].problem("no declared dead-letter topic", f'"{name[:80]}"', fix))
        del topics[name]


def _dead_letter_config(size_bytes: int) -> dict[str, str]:
    """Dead letters keep the time of the original record, so any retention might delete one before it is seen."""
    limit = str(min(size_bytes, 2**31 - 1))
    return {"cleanup.policy": "delete", "max.message.bytes": limit, "retention.ms": "-1"}


def _with_dead_letters(topics: Iterable[TopicSpec]) -> Iterable[tuple[str, TopicSpec]]:
    """Yield each topic and, after it, its dead-letter topic: same partitions and key, room for the headers added."""
    for topic in topics:
        yield topic.name, topic
        if not topic.dlq:
            continue
        size_bytes = int(topic.config.get("max.message.bytes", DEFAULT_MAX_MESSAGE_BYTES)) + _DLQ_HEADROOM_BYTES
        yield (
            topic.dlq,
            TopicSpec(
                name=topic.dlq,
                partitions=topic.partitions,
                description=f"Records of {topic.name} that nobody could handle.",
                owner=topic.owner,
                key_from=topic.key_from,
                config=_dead_letter_config(size_bytes),
                dlq_of=topic.name,
                file=topic.file,
            ),
        )
