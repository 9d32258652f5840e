"""The files of `schemas/`: one named type each, names resolved across files, every problem of every file noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from avroad.config.files import FileRefused, read_text
from avroad.contracts.declared import EventType
from avroad.contracts.references import order
from avroad.contracts.resolve import SchemaFile, resolve_files
from avroad.errors import Problem, SchemaSyntaxError
from avroad.schema import MAX_TEXT_BYTES, Json, Named, check_limits, fingerprint, parse, read_json, to_json

__all__ = ["Declarations", "load_schemas", "parse_schemas"]

_SUFFIX: Final = ".avsc"
_FOLDER: Final = "schemas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What `schemas/` holds. types: what could be parsed, referenced types first; names: all declared file names."""

    types: dict[str, EventType] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def load_schemas(root: Path) -> Declarations:
    """Read and parse every file of `schemas/` below `root`; a file is read once and a type parsed once."""
    folder = root / _FOLDER
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        return Declarations(problems=(Problem(file=_FOLDER, expected="a folder with schema files", found=found),))
    problems: list[Problem] = []
    raw: dict[str, tuple[str, Json]] = {}
    names: set[str] = set()
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        shown = path.relative_to(root).as_posix()
        if path.parent != folder:
            expected, fix = f"schema files directly in {_FOLDER}/", f"move it to {_FOLDER}/{path.name}"
            problems.append(Problem(file=shown, expected=expected, found="a folder between", fix=fix))
            continue
        name = path.name.removesuffix(_SUFFIX)
        names.add(name)
        value = _value(partial(read_text, path, MAX_TEXT_BYTES), shown, problems)
        if value is not None:
            raw[name] = (shown, value)
    if not names and not problems:
        problems.append(Problem(file=_FOLDER, expected=f"at least one {_SUFFIX} file", found="none"))
    types = _parse_all(resolve_files(raw, names, problems), problems)
    return Declarations(types=types, names=frozenset(names), problems=tuple(problems))


def parse_schemas(files: Mapping[str, tuple[str, bytes | None]]) -> Declarations:
    """Parse the content of schema files from wherever they are, as strictly as those of `schemas/`.

    files: by name without suffix, what people call each, and its content, None for one that is too large.
    """
    problems: list[Problem] = []
    raw: dict[str, tuple[str, Json]] = {}
    for name, (shown, content) in sorted(files.items()):
        value = _value(partial(_text, content), shown, problems)
        if value is not None:
            raw[name] = (shown, value)
    names = set(files)
    types = _parse_all(resolve_files(raw, names, problems), problems)
    return Declarations(types=types, names=frozenset(names), problems=tuple(problems))


def _text(content: bytes | None) -> str:
    if content is None or len(content) > MAX_TEXT_BYTES:
        raise FileRefused(f"at most {MAX_TEXT_BYTES} bytes", "more")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("UTF-8 text", "other bytes") from None


def _value(read: Callable[[], str], shown: str, problems: list[Problem]) -> Json:
    """Return the JSON in a file, None when there is none to use; the reason is then among the problems."""
    expected, found, place, fix = "a schema", "null", "", ""
    try:
        value = read_json(read(), file=shown)
        if value is not None:
            return value
    except SchemaSyntaxError as error:
        expected, found, place = error.expected, error.found, error.path
        if not expected:
            wanted, said, found = error.message.removeprefix("expected ").partition(", found ")
            expected, found = (wanted, found) if said else ("JSON", f"text that is none ({wanted})")
            found = found.replace("not JSON: ", "")
    except FileRefused as refused:
        expected, found, fix = refused.expected, refused.found, refused.fix
    problems.append(Problem(file=shown, path=place, expected=expected, found=found, fix=fix))
    return None


def _parse_all(files: dict[str, SchemaFile], problems: list[Problem]) -> dict[str, EventType]:
    ordered, circles = order({name: file.references for name, file in files.items()})
    fix = "put types that need each other into one file, or drop one reference"
    for circle in circles:
        file, chain = files[circle[0]].shown, " -> ".join(circle)
        expected = "files that do not refer in a circle"
        problems.append(Problem(file=file, path="$", expected=expected, found=chain, fix=fix))
    types: dict[str, EventType] = {}
    for name in ordered:
        event_type = _parse(files[name], types, problems)
        if event_type is not None:
            types[name] = event_type
    return types


def _parse(file: SchemaFile, types: dict[str, EventType], problems: list[Problem]) -> EventType | None:
    """Parse one file with only its own references as known names, so that the cost does not grow with the folder."""
    known = {name: types[name].schema for name in file.references if name in types}
    try:
        schema = parse(file.value, names=known, file=file.shown)
        check_limits(schema, file=file.shown)
    except SchemaSyntaxError as error:
        # Names of other files were judged before, with the whole folder in view.
        problems.extend(problem for problem in error.problems if problem.path not in file.paths)
        return None
    if not isinstance(schema, Named) or schema.name != file.name:
        return None
    return EventType(
        name=schema.name,
        schema=schema,
        text=json.dumps(to_json(schema, known=file.references), ensure_ascii=False, separators=(",", ":")),
        file=file.shown,
        references=file.references,
        fingerprint=fingerprint(schema),
    )
