"""`avroad schema types`: typed classes from the schemas."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

import click

from avroad.cli.context import Context, given_name
from avroad.cli.output import say
from avroad.cli.words import counted
from avroad.config.replace import replace_text
from avroad.contracts import Catalog
from avroad.errors import Problem, StaleTypes

__all__ = ["stale_modules", "types"]

_EXAMPLES = """\b
Examples:
  avroad schema types
  avroad schema types --check
  avroad schema types --namespace traffic
"""


@click.command(epilog=_EXAMPLES, short_help="Generate one module of event classes per namespace.")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when a module does not match the schemas.")
@click.option("--namespace", metavar="NS", default="", help="Only this namespace (default: all of them).")
@click.pass_obj
def types(context: Context, *, check: bool, namespace: str) -> None:
    """Generate one module of event classes per namespace, beside the schemas.

    The classes are frozen dataclasses and enums; a schema is their only source. Modules of namespaces that no
    longer exist are removed.
    """
    from avroad.contracts import load_catalog  # noqa: PLC0415  # parses YAML: only this command pays for it
    from avroad.contracts.codegen import generate  # noqa: PLC0415

    root = context.folder()
    catalog = load_catalog(root)
    wanted = _modules(root, catalog)
    if namespace:
        with given_name():
            generate(catalog, namespace)  # refuses an unknown namespace with the list of known ones
        wanted = {path: space for path, space in wanted.items() if space == namespace}
    texts = {path: generate(catalog, space) for path, space in wanted.items()}
    leftover = [] if namespace else _leftovers(root / "schemas", texts)
    if check:
        _check(root, texts, leftover)
        return
    for path, text in texts.items():
        changed = _read(path) != text
        if changed:
            replace_text(path, text)
        say(f"{_shown(root, path)}  {'written' if changed else 'up to date'}")
    for path in leftover:
        path.unlink()
        say(f"{_shown(root, path)}  removed: its namespace has no schema")


def stale_modules(root: Path, catalog: Catalog) -> tuple[str, ...]:
    """Return the generated modules of a project that no longer match its schemas, as paths from `root`.

    One that is not there is none, nor is a person's own file: not everybody uses the classes.
    """
    from avroad.contracts.codegen import generate  # noqa: PLC0415

    there = {path: space for path, space in _modules(root, catalog).items() if _is_generated(path)}
    return tuple(_shown(root, path) for path, space in there.items() if _read(path) != generate(catalog, space))


def _modules(root: Path, catalog: Catalog) -> dict[Path, str]:
    """Return the namespace that each generated module is for."""
    from avroad.contracts.codegen import modules  # noqa: PLC0415

    return {root / "schemas" / f"{name}.py": space for name, space in modules(catalog).items()}


def _check(root: Path, texts: dict[Path, str], leftover: list[Path]) -> None:
    """Say that all is well, or raise StaleTypes with one problem per module."""
    problems = [
        Problem(file=_shown(root, path), expected="the classes of the schemas", found=_difference(_read(path), text))
        for path, text in texts.items()
        if _read(path) != text
    ]
    problems += [
        Problem(file=_shown(root, path), expected="no module", found="classes of a namespace without schemas")
        for path in leftover
    ]
    if problems:
        raise StaleTypes(
            "generated classes do not match the schemas",
            hint="Run: avroad schema types",
            problems=tuple(problems),
        )
    say(f"{len(texts)} generated {'module matches' if len(texts) == 1 else 'modules match'} the schemas")


def _difference(old: str | None, new: str) -> str:
    """Return a summary of how a module on disk differs: lines, and the classes they stand in."""
    if old is None:
        return "no file"
    removed, added, classes = 0, 0, list[str]()
    lines = (old.splitlines(), new.splitlines())
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=lines[0], b=lines[1], autojunk=False).get_opcodes():
        if tag != "equal":
            removed, added = removed + i2 - i1, added + j2 - j1
            classes += _classes_at(lines[0], i1, i2)
            classes += _classes_at(lines[1], j1, j2)
    names = list(dict.fromkeys(classes))
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
    return f"{counted(removed, 'line')} to remove and {added} to add" + (f", in {shown}" if shown else "")


def _classes_at(lines: list[str], start: int, end: int) -> Iterable[str]:
    """Yield the classes that the lines from `start` to `end` (not included) belong to."""
    current = ""
    for number, line in enumerate(lines[:end]):
        if line.startswith("class "):
            current = line[6:].split("(")[0].rstrip(":")
        elif line and not line.startswith((" ", "@")):
            current = ""
        if number >= start and current and line.strip():
            yield current


def _leftovers(folder: Path, wanted: Iterable[Path]) -> list[Path]:
    """Return generated modules in the folder that no namespace accounts for; a person's own files never."""
    kept = set(wanted)
    return [path for path in sorted(folder.glob("*.py")) if path not in kept and _is_generated(path)]


def _is_generated(path: Path) -> bool:
    from avroad.contracts.codegen import MARK  # noqa: PLC0415

    return MARK in (_read(path) or "").partition("\n")[0]


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
