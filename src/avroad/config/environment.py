"""One environment from all its sources, validated as single values and as combinations, with every origin kept."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from avroad.config.environment_file import EnvironmentFile, read_environment_file
from avroad.config.files import named_path
from avroad.config.given import Given, winners
from avroad.config.kafka_rules import kafka_problems
from avroad.config.masking import is_secret
from avroad.config.secret_files import read_secret_files
from avroad.config.security_rules import kafka_combinations, registry_problems
from avroad.config.setting import ADDRESSES, Environment, Setting
from avroad.config.sources import from_flags, from_settings_file, from_stack, from_variables
from avroad.config.state import state_dir
from avroad.errors import ConfigError, Problem

__all__ = ["environment_error", "load_environment", "read_environment"]

_MAX_REPLICAS: Final = 1000
_Winners = Mapping[tuple[str, str], Given]


def load_environment(
    root: Path,
    name: str,
    *,
    overrides: Mapping[str, str] | None = None,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Environment:
    """Return the environment `name` of the project folder `root`.

    overrides: settings given as flags, by name (`bootstrap.servers`, `registry.url`, `lock`). config: a settings
    file. environ: variables, those of the process when None. A flag wins over a variable, that over the settings
    file, that over the running stack (for `stack: true`: addresses, cluster id and sizes), that over the environment
    file. An environment whose stack does not run has no addresses unless one of the others gives them; whoever asks
    for them is told. Raises ConfigError with every problem of every source.
    """
    environment, problems = read_environment(root, name, overrides=overrides, config=config, environ=environ)
    if problems:
        raise environment_error(name, problems)
    return environment


def read_environment(
    root: Path,
    name: str,
    *,
    overrides: Mapping[str, str] | None = None,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Environment, tuple[Problem, ...]]:
    """Return what `load_environment` does and what is wrong with it: with a problem it is fit to be shown only.

    Raises ConfigError when there is no such environment, or its file is none that can be read.
    """
    variables = os.environ if environ is None else environ
    problems: list[Problem] = []
    file = read_environment_file(root, name, variables, problems)
    flags = from_flags(overrides or {}, problems)
    uses_stack = any(given.name == "stack" and given.value == "true" for given in file.given if not given.section)
    layers = [
        file.given,
        from_stack(root, problems) if uses_stack else [],
        from_settings_file(config, problems) if config is not None else [],
        from_variables(variables, problems),
        flags,
    ]
    found = winners([read_secret_files(layer, root, problems) for layer in layers])
    own = {given.name: given for (section, _), given in found.items() if not section}
    insecure = _flag(own, "insecure", problems)
    sections = {
        section: {key: given for (part, key), given in found.items() if part == section}
        for section in ("kafka", "registry")
    }
    problems += kafka_problems(sections["kafka"])
    problems += kafka_combinations(sections["kafka"], insecure=insecure)
    problems += registry_problems(sections["registry"], insecure=insecure)
    if uses_stack:
        problems += _addresses_beside_stack(file)
    elif file.readable:
        problems += _missing(file, found)
    replicas, minimum = _replicas(own, problems)
    if not file.readable:
        raise environment_error(name, problems)
    bad = {(problem.file, problem.path) for problem in problems}
    lock = _text(own, "lock") or str(state_dir(root) / name / "schemas.lock.json")
    environment = Environment(
        name=name,
        description=_text(own, "description"),
        cluster_id=_text(own, "cluster_id"),
        stack=uses_stack,
        insecure=insecure,
        replication_factor=replicas,
        min_insync_replicas=minimum,
        lock=named_path(root, lock),
        kafka=_settings(sections["kafka"], bad),
        registry=_settings(sections["registry"], bad),
        origins={key: given.origin for key, given in own.items()},
        unaddressed=tuple(section for section, name in ADDRESSES if (section, name) not in found),
        problems={key: why for key, given in own.items() if (why := _why_none(given, bad))},
    )
    return environment, tuple(problems)


def _text(own: Mapping[str, Given], name: str) -> str:
    return (own[name].value or "") if name in own else ""


def _settings(section: Mapping[str, Given], bad: Collection[tuple[str, str]]) -> dict[str, Setting]:
    """Return the settings under the names they were given by, so that librdkafka sees what the user wrote.

    bad: file and path of what has a problem.
    """
    return {
        given.name: Setting(
            value=given.value or "",
            origin=given.origin,
            secret=is_secret(given.name),
            problem=_why_none(given, bad),
        )
        for given in section.values()
    }


def _why_none(given: Given, bad: Collection[tuple[str, str]]) -> str:
    """Return why a value cannot be used, "" when it can. What has a problem may be a secret under a wrong name."""
    if given.unset:
        return f"missing: set {', '.join(given.unset)}"
    return "unusable: see its problem" if given.value is None or (given.file, given.path) in bad else ""


def _flag(own: Mapping[str, Given], name: str, problems: list[Problem]) -> bool:
    given = own.get(name)
    if given is None or given.value is None:
        return False
    if given.value not in {"true", "false"}:
        problems.append(given.problem("true or false", given.shown))
    return given.value == "true"


def _replicas(own: Mapping[str, Given], problems: list[Problem]) -> tuple[int, int]:
    """Return replication factor and smallest number of replicas in sync."""
    numbers: list[int] = []
    for name in ("replication_factor", "min_insync_replicas"):
        given = own.get(name)
        if given is None or given.value is None:
            continue
        fits = given.value.isascii() and given.value.isdigit() and 1 <= int(given.value) <= _MAX_REPLICAS
        if fits:
            numbers.append(int(given.value))
        else:
            problems.append(given.problem(f"a whole number from 1 to {_MAX_REPLICAS}", given.shown))
    if len(numbers) < 2:  # noqa: PLR2004  # one of the two is missing or wrong, and reported as such
        return 1, 1
    if numbers[1] > numbers[0]:
        expected = f"at most the replication factor, {numbers[0]}"
        problems.append(own["min_insync_replicas"].problem(expected, str(numbers[1]), "no write would ever succeed"))
    return numbers[0], numbers[1]


def _missing(file: EnvironmentFile, found: _Winners) -> list[Problem]:
    """Return a problem for each address that no source gives."""
    return [
        Problem(
            file=file.shown,
            path=f"$.{section}",
            expected=f'the setting "{name}"',
            found="no such setting",
            fix="add it to the file",
        )
        for section, name in ADDRESSES
        if (section, name) not in found
    ]


def _addresses_beside_stack(file: EnvironmentFile) -> list[Problem]:
    """Return a problem for each address in the file of a stack's environment: another stack may answer there."""
    fix = "remove it, or stack: true; a flag or variable may name another address"
    return [
        given.problem("no address beside stack: true, which takes that of the running stack", "one", fix)
        for given in file.given
        if (given.section, given.canonical) in ADDRESSES
    ]


def environment_error(name: str, problems: Sequence[Problem]) -> ConfigError:
    """Return the error of an environment with problems."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return ConfigError(f'the environment "{name}" has {count}:', problems=tuple(problems))
