"""YAML the way declarations need it: JSON-like types only, every key once, and a place for every value.

PyYAML reads YAML 1.1, where `on` is true, `1:30` is 90 and `2024-01-01` is a date. Here a plain scalar is null, true,
false, a decimal or hexadecimal number, or text (YAML 1.2 core schema); anchors, aliases, tags and further documents
are problems, because a declaration is read by people in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import yaml

from avroad.config.files import FileRefused, read_text
from avroad.errors import Problem
from avroad.schema import not_utf8

__all__ = ["Node", "plain_scalar", "read_file", "read_yaml"]

Scalar: TypeAlias = "str | int | float | bool | None"

_MAX_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 32
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})\Z")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KEY: Final = re.compile(r"[\w.*/-]{0,120}")
_QUOTES: Final = "needs quotes"
_SIMPLE_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One value with its place.

    value: a scalar, or None for lists and mappings, whose parts are in `items` and `entries`.
    kind: scalar, list or mapping. text: a scalar exactly as written, without quotes. plain: written without quotes.
    expanded: the text comes, at least in part, from a variable.
    path: JSONPath-like place in the file; line: 1-based.
    """

    kind: str
    path: str
    line: int
    file: str
    value: Scalar = None
    text: str = ""
    plain: bool = False
    expanded: bool = False
    items: tuple[Node, ...] = ()
    entries: dict[str, Node] = field(default_factory=dict)

    def problem(self, expected: str, found: str, fix: str = "") -> Problem:
        """Return a problem at this place."""
        return Problem(file=self.file, path=self.path, line=self.line, expected=expected, found=found, fix=fix)

    def describe(self) -> str:
        """Return what stands here, for a message; long text is cut, so a secret must not be described."""
        if self.kind != "scalar":
            return f"a {self.kind}"
        if self.expanded:
            return "the value of a variable"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, str):
            return f'the text "{self.text[:80]}"'
        return self.text[:80]


def read_file(path: Path, shown: str) -> tuple[Node | None, list[Problem]]:
    """Return the value in a file and every problem; the value is None when nothing usable stands there.

    shown: the path as messages name it.
    """
    try:
        text = read_text(path, _MAX_BYTES)
    except FileRefused as refused:
        return None, [Problem(file=shown, expected=refused.expected, found=refused.found, fix=refused.fix)]
    return read_yaml(text, shown)


def read_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Return the value of `text` and every problem; after a syntax error only what stands before it was checked."""
    reader = _Reader(file)
    try:
        node = reader.document(yaml.parse(text, Loader=yaml.SafeLoader))
    except _TooDeep as error:
        expected = f"at most {_MAX_DEPTH} levels"
        reader.problems.append(Problem(file=file, line=error.line, expected=expected, found="a deeper value"))
        return None, reader.problems
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        reader.problems.append(_syntax(error, file, line))
        return None, reader.problems
    except yaml.YAMLError:
        found = "a character YAML does not allow"
        reader.problems.append(Problem(file=file, expected="YAML", found=found))
        return None, reader.problems
    return node, reader.problems


def _syntax(error: yaml.MarkedYAMLError, file: str, line: int) -> Problem:
    """A text that begins with a sign of YAML's own is not shown: it may be a password."""
    problem = str(error.problem or "").removeprefix("found ").rpartition(", but found ")[2]
    fix = "a tab cannot indent: use spaces" if "'\\t'" in problem else ""
    if "cannot start any token" in problem and not fix:
        fix = f"a text that begins so {_QUOTES}"
    if "tag handle" in problem:
        problem, fix = "a tag", f"a text that begins with ! {_QUOTES}"
    found = " ".join(part for part in (problem, error.context) if part)
    return Problem(file=file, line=line, expected="YAML", found=found, fix=fix)


def plain_scalar(text: str) -> Scalar:
    """Return what an unquoted scalar means: null, a flag, a number or the text itself."""
    if text in _NULL:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if _WHOLE.match(text):
        return int(text)
    if _HEX.match(text):
        return int(text, 16)
    return float(text) if _FLOAT.match(text) and not text.lstrip("+-").isdigit() else text


class _TooDeep(Exception):
    """Ends a pass; `line` is where the value goes too deep."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def _shown(key: str) -> str:
    """Return a key for a message: what looks like no name may be a password in the wrong place."""
    return key if _KEY.fullmatch(key) else "..."


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Reader:
    """One pass over the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        """Return the first document's value; further documents are a problem."""
        node: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                start = next(events)
                value = self._node(start, events, "$", 0)
                node = value if documents == 1 else node
                if documents == 2:  # noqa: PLR2004  # the first one too many
                    self._say(event, "$", "one document", "a second one after ---")
        return node

    def _say(self, event: yaml.Event, path: str, expected: str, found: str, fix: str = "") -> None:
        line = _line(event)
        self.problems.append(Problem(file=self.file, path=path, line=line, expected=expected, found=found, fix=fix))

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            fix = f"write the value here; a text that begins with * {_QUOTES}"
            self._say(event, path, "the value itself", "an alias", fix)
            return Node(kind="scalar", path=path, line=line, file=self.file)
        assert isinstance(event, yaml.NodeEvent)  # the parser's grammar
        if event.anchor is not None:
            fix = f"write the value where it is needed; a text that begins with & {_QUOTES}"
            self._say(event, path, "no anchor", "one", fix)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._say(event, path, "no tag", "one", f"write a plain value; a text that begins with ! {_QUOTES}")
        if depth > _MAX_DEPTH:
            # Ends the pass: a megabyte of brackets would otherwise exhaust the stack.
            raise _TooDeep(line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(part := next(events), yaml.SequenceEndEvent):
                items.append(self._node(part, events, f"{path}[{len(items)}]", depth + 1))
            return Node(kind="list", path=path, line=line, file=self.file, items=tuple(items))
        if isinstance(event, yaml.MappingStartEvent):
            entries = self._entries(events, path, depth, flow=bool(event.flow_style))
            return Node(kind="mapping", path=path, line=line, file=self.file, entries=entries)
        assert isinstance(event, yaml.ScalarEvent)  # the last kind there is
        if not_utf8(event.value) is not None:
            fix = "write the character itself"
            self._say(event, path, "whole characters", "half of a surrogate pair", fix)
        elif _CONTROL.search(event.value):
            self._say(event, path, "printable text", "a control character")
        plain = event.style is None
        value = plain_scalar(event.value) if plain else event.value
        return Node(
            kind="scalar", path=path, line=line, file=self.file, value=value, text=event.value, plain=plain
        )  # fmt: skip

    def _entries(self, events: Iterator[yaml.Event], path: str, depth: int, *, flow: bool) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(part := next(events), yaml.MappingEndEvent):
            key = self._node(part, events, path, depth + 1)
            if key.kind != "scalar":
                self._say(part, path, "a name as key", f"a {key.kind} as key")
            place = f"{path}.{key.text}" if _SIMPLE_KEY.match(key.text) else f"{path}['{_shown(key.text)}']"
            behind = next(events)
            value = self._node(behind, events, place, depth + 1)
            if flow and value.plain and not value.text:
                # `{abc}` is YAML's way to write a key without a value, and a person's to begin a password.
                self._say(part, path, "key: value", "a key without a value", f"a text that begins with {{ {_QUOTES}")
                continue
            if key.text in entries:
                first = entries[key.text].line
                found = f"{_shown(key.text)} again, first in line {first}"
                self._say(part, place, "each key once", found, "keep one of them")
                continue
            if key.kind == "scalar":
                entries[key.text] = value
        return entries
