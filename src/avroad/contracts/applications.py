"""The files of `admin/applications/`: who reads and who writes what, with which versions, checked against topics."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from avroad.config.shape import Fields, Shape, did_you_mean, fit
from avroad.config.strict_yaml import Node, read_file
from avroad.contracts.declared import REPOSITORY, Application, Use
from avroad.contracts.topics import TopicDeclarations
from avroad.errors import Problem

__all__ = ["ApplicationDeclarations", "load_applications"]

_FOLDER: Final = "admin/applications"
_SUFFIX: Final = ".yaml"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}\Z")
_REVISION: Final = re.compile(r"git:[^-\s:~^][^\s:]*\Z")
_VERSION: Final = f"{REPOSITORY}, the number of a registered version, or git:REV"
_TEXT: Final = Shape(kind="text")
_USE: Final = Fields(
    known={
        "topic": _TEXT,
        "type": _TEXT,
        "versions": Shape(kind="list", items=Shape(kind="setting")),
        "stateful": Shape(kind="flag"),
    },
    refused={
        "version": "write versions: with a list, such as [3]",
        "subject": "name the topic and the type; the subject follows from them",
    },
)
_SHAPE: Final = Fields(
    known={
        "application": _TEXT,
        "description": _TEXT,
        "owner": _TEXT,
        "reads": Shape(kind="list", items=_USE),
        "writes": Shape(kind="list", items=_USE),
    },
    required=("application", "description", "owner"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeclarations:
    """Applications by name, and every problem."""

    applications: dict[str, Application] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load_applications(root: Path, types: frozenset[str], topics: TopicDeclarations) -> ApplicationDeclarations:
    """Read every file of `admin/applications/` below `root`; there need be none, then nobody is known.

    types: the names of all declared types, also of those that could not be parsed. What names a topic that is
    declared and unusable is no problem here: the topic's own problems are reported once, not by all who use it.
    """
    folder = root / _FOLDER
    if not folder.exists():
        return ApplicationDeclarations()
    if not folder.is_dir():
        problem = Problem(file=_FOLDER, expected="a folder with application files", found="a file")
        return ApplicationDeclarations(problems=(problem,))
    problems: list[Problem] = []
    applications: dict[str, Application] = {}
    world = _World(types, topics)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {_SUFFIX, ".yml"}):
        shown = path.relative_to(root).as_posix()
        if path.parent != folder or path.suffix != _SUFFIX:
            expected = f"application files named {_FOLDER}/<application>{_SUFFIX}"
            fix = f"move it to {_FOLDER}/{path.stem}{_SUFFIX}"
            problems.append(Problem(file=shown, expected=expected, found=path.name, fix=fix))
            continue
        node, wrong = read_file(path, shown)
        problems += wrong
        if node is None and not wrong:
            problems.append(Problem(file=shown, expected="an application declaration", found="an empty file"))
        found = None if node is None else _Declaration(node, world, problems).application(path.stem)
        if found is not None:
            applications[found.name] = found
    return ApplicationDeclarations(applications=applications, problems=tuple(problems))


class _World:
    """What applications can name; found once, however many there are."""

    def __init__(self, types: frozenset[str], declared: TopicDeclarations) -> None:
        self.types = types
        self.topics = declared.topics
        self.unusable = declared.unusable
        self.carriers: dict[str, list[str]] = {}
        for topic in self.topics.values():
            for name in topic.values:
                self.carriers.setdefault(name, []).append(topic.name)


class _Declaration:
    """One file's checks."""

    def __init__(self, node: Node, world: _World, problems: list[Problem]) -> None:
        self._node = node
        self._world = world
        self._problems = problems

    def application(self, stem: str) -> Application | None:
        """Return the application, None when it has no usable name; problems are noted either way."""
        found = fit(self._node, _SHAPE, self._problems)
        if found is None:
            return None
        for key in ("owner", "description"):
            if found.get(key, "x").strip() == "":
                self._problems.append(self._node.entries[key].problem("a text", "an empty one"))
        reads, writes = self._uses("reads"), self._uses("writes")
        entries = self._node.entries.keys()
        if not {"reads", "writes"} & entries and entries <= _SHAPE.known.keys():  # else one may be misspelt
            self._problems.append(self._node.problem("reads, writes or both", "neither", "say what it does"))
        name = found.get("application", "")
        if not name:
            return None
        place = self._node.entries["application"]
        if not _NAME.match(name):
            self._problems.append(place.problem("a name of letters, digits, ., _ and -", place.describe()))
        elif name != stem:
            expected = f'the application "{stem}", after which the file is named'
            fix = f"rename the file to {_FOLDER}/{name}{_SUFFIX}?"
            self._problems.append(place.problem(expected, f'"{name}"', fix))
        return Application(
            name=name, owner=found.get("owner", ""), description=found.get("description", ""), reads=reads,
            writes=writes, file=self._node.file,
        )  # fmt: skip

    def _uses(self, key: str) -> tuple[Use, ...]:
        """Return what is read or written, each type of each topic once."""
        listing = self._node.entries.get(key)
        uses: dict[tuple[str, str], Use] = {}
        for node in () if listing is None else listing.items:
            if node.kind != "mapping":
                continue  # noted already
            for use in self._expanded(node, key):
                place = (use.topic, use.type_name)
                if place in uses:
                    what = f"{use.type_name} of {use.topic}" if use.type_name else use.topic
                    self._problems.append(
                        node.problem("each type of a topic once", f"{what} again", "list all its versions in one entry")
                    )
                uses.setdefault(place, use)
        return tuple(uses.values())

    def _expanded(self, node: Node, key: str) -> list[Use]:
        """Return one use for each type of each topic that an entry names."""
        texts = {name: part.text for name, part in node.entries.items() if isinstance(part.value, str)}
        topic, kind = texts.get("topic", ""), texts.get("type", "")
        if not {"topic", "type"} & node.entries.keys():
            self._problems.append(node.problem("a topic, a type or both", "neither"))
        stateful = node.entries.get("stateful")
        if stateful is not None and key == "writes":
            self._problems.append(stateful.problem("no stateful under writes", "stateful", "only readers read again"))
        pairs = self._pairs(node, topic, kind)
        versions = self._versions(node, pairs)
        return [
            Use(topic=t, type_name=k, versions=versions, stateful=stateful is not None and stateful.value is True)
            for t, k in pairs
        ]

    def _pairs(self, node: Node, topic: str, kind: str) -> list[tuple[str, str]]:
        world = self._world
        known = True
        if topic and topic not in world.topics:
            known = False
            fix = did_you_mean(topic, world.topics) or f"add admin/topics/{topic[:80]}.yaml"
            if topic.removesuffix(".dlq") not in world.unusable:
                self._problems.append(node.entries["topic"].problem("a declared topic", f'"{topic[:80]}"', fix))
        if kind and kind not in world.types:
            known = False
            fix = did_you_mean(kind, world.types) or f"add schemas/{kind[:80]}.avsc"
            self._problems.append(node.entries["type"].problem("a type of schemas/", f'"{kind[:80]}"', fix))
        if not known:
            return []
        if topic and kind:
            if kind in world.topics[topic].values:
                return [(topic, kind)]
            carried = ", ".join(world.topics[topic].values) or "no event type"
            fix = f"{kind} is on {', '.join(world.carriers[kind])}" if kind in world.carriers else ""
            self._problems.append(node.entries["type"].problem(f"a type of {topic}: {carried}", f'"{kind}"', fix))
            return []
        if topic:
            return [(topic, name) for name in world.topics[topic].values] or [(topic, "")]
        if kind and kind not in world.carriers and not world.unusable:
            fix = "name the type that uses it, or add it under values of a topic"
            self._problems.append(node.entries["type"].problem("a type that a topic carries", f'"{kind}"', fix))
        return [(name, kind) for name in world.carriers.get(kind, ())]

    def _versions(self, node: Node, pairs: list[tuple[str, str]]) -> tuple[str, ...]:
        """Return the versions that are some, each once; REPOSITORY when none are given."""
        listing = node.entries.get("versions")
        if listing is None or listing.kind != "list":
            return (REPOSITORY,)
        if not listing.items:
            self._problems.append(listing.problem("at least one version", "an empty list", f"[{REPOSITORY}]?"))
        versions: list[str] = []
        for item in listing.items:
            text = item.text
            if item.value is None:
                continue  # noted already
            if text in versions:
                self._problems.append(item.problem("each version once", f'"{text[:80]}" again'))
            elif text == REPOSITORY or _NUMBER.match(text) or _REVISION.match(text):
                versions.append(text)
            else:
                self._problems.append(item.problem(_VERSION, f'"{text[:80]}"', _likely(text)))
        if len(pairs) > 1 and any(_NUMBER.match(text) for text in versions):
            # Each subject counts for itself: version 3 of one has nothing to do with version 3 of another.
            found = f"{len(pairs)} of them under one number"
            self._problems.append(listing.problem("a topic and a type beside a number", found, "one entry for each"))
        return tuple(versions) or (REPOSITORY,)


def _likely(text: str) -> str:
    digits = text.lstrip("vV0")
    if _NUMBER.match(digits):
        return f"did you mean {digits}?"
    close = did_you_mean(text, (REPOSITORY,))
    return close or (f"did you mean git:{text[:80]}?" if _REVISION.match(f"git:{text}") else "")
