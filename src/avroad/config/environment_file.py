"""The files of `admin/environments/`: found by name, expanded, checked key by key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avroad.config.expand import expand, has_default, has_variable
from avroad.config.given import Given
from avroad.config.masking import is_secret
from avroad.config.shape import Fields, Shape, did_you_mean, fit, setting_text
from avroad.config.strict_yaml import Node, read_file
from avroad.errors import ConfigError, Problem

__all__ = ["EnvironmentFile", "read_environment_file", "table_entries"]

FOLDER: Final = "admin/environments"
_SUFFIX: Final = ".yaml"
_OWN: Final = ("description", "stack", "cluster_id", "replication_factor", "min_insync_replicas", "lock", "insecure")
_NOTHING: Final[Mapping[str, Sequence[str]]] = {}
_SETTING: Final = Shape(kind="setting")
_TABLE: Final = Shape(kind="table", items=_SETTING)
_SHAPE: Final = Fields(
    known={
        "environment": Shape(kind="text"),
        "description": Shape(kind="text"),
        "stack": Shape(kind="flag"),
        "cluster_id": Shape(kind="text"),
        "replication_factor": Shape(kind="whole", low=1, high=1000),
        "min_insync_replicas": Shape(kind="whole", low=1, high=1000),
        "lock": Shape(kind="text"),
        "insecure": Shape(kind="flag"),
        "kafka": _TABLE,
        "registry": _TABLE,
    },
    required=("environment", "replication_factor", "min_insync_replicas"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """What one file gives. readable: false when the text is no mapping, so that nothing is known to be missing."""

    shown: str
    given: tuple[Given, ...] = ()
    readable: bool = True


def read_environment_file(
    root: Path, name: str, environ: Mapping[str, str], problems: list[Problem]
) -> EnvironmentFile:
    """Return what `admin/environments/<name>.yaml` gives.

    Raises ConfigError when there is no such file; everything wrong inside it is appended to `problems`.
    """
    folder = root / FOLDER
    known = sorted(path.stem for path in folder.glob(f"*{_SUFFIX}"))
    if name not in known:
        hint = did_you_mean(name, known)
        raise ConfigError(
            f'there is no environment "{name[:80]}"',
            expected=f"one of {', '.join(known)}" if known else f"a file {FOLDER}/<name>{_SUFFIX}",
            found=f'"{name[:80]}"',
            hint=hint[:1].upper() + hint[1:],
        )
    shown = f"{FOLDER}/{name}{_SUFFIX}"
    raw, wrong = read_file(folder / f"{name}{_SUFFIX}", shown)
    problems.extend(wrong)
    if raw is None:
        if not wrong:
            problems.append(Problem(file=shown, expected="an environment", found="an empty file"))
        return EnvironmentFile(shown=shown, readable=False)
    unusable: dict[str, list[str]] = {}
    node = expand(raw, environ, problems, unusable)
    _refuse_written_secrets(raw, problems, unusable)
    wrong = []
    fit(node, _SHAPE, wrong)
    # What a variable left empty is one problem, not two.
    problems.extend(problem for problem in wrong if problem.path not in unusable)
    unusable |= {problem.path: [] for problem in wrong if problem.path not in unusable}
    own = node.entries.get("environment")
    if own is not None and own.path not in unusable and own.value != name:
        problems.append(own.problem(f'the environment "{name}", after which the file is named', own.describe()))
    return EnvironmentFile(
        shown=shown, given=tuple(table_entries(node, _OWN, unusable)), readable=node.kind == "mapping"
    )


def table_entries(node: Node, own: Collection[str], unusable: Mapping[str, Sequence[str]] = _NOTHING) -> list[Given]:
    """Return the settings of a YAML file: `own` ones at the top, and those below `kafka` and `registry`.

    unusable: paths of values that cannot be used, each with the variables that are not set.
    """
    found = [_given("", name, child, unusable) for name, child in node.entries.items() if name in own]
    for section in ("kafka", "registry"):
        entries = node.entries[section].entries if section in node.entries else {}
        found += [_given(section, name, child, unusable) for name, child in entries.items()]
    return found


def _given(section: str, name: str, node: Node, unusable: Mapping[str, Sequence[str]]) -> Given:
    usable = node.path not in unusable and node.kind == "scalar" and node.value is not None
    return Given(
        section=section,
        name=name,
        value=setting_text(node) if usable else None,
        origin=f"{node.file}:{node.line}",
        file=node.file,
        path=node.path,
        line=node.line,
        unset=tuple(dict.fromkeys(unusable.get(node.path, ()))),
    )


def _refuse_written_secrets(raw: Node, problems: list[Problem], unusable: dict[str, list[str]]) -> None:
    """An environment file is committed, so a secret in it is no secret."""
    for section in ("kafka", "registry"):
        entries = raw.entries[section].entries if section in raw.entries else {}
        for name, node in entries.items():
            if is_secret(name) and node.kind == "scalar" and (not has_variable(node) or has_default(node)):
                unusable[node.path] = []
                fix = f"write ${{VAR}}, or {name}_file: PATH"
                problems.append(node.problem("a secret from outside the file", "one written into it", fix))
