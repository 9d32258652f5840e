"""One environment from all its sources, validated as single values and as combinations, with every origin kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from avroad.config.environment_file import EnvironmentFile, read_environment_file
from avroad.config.given import Given, winners
from avroad.config.kafka_rules import kafka_problems
from avroad.config.secret_files import read_secret_files
from avroad.config.security_rules import kafka_combinations, registry_problems
from avroad.config.setting import Environment, Setting, is_secret
from avroad.config.sources import from_flags, from_settings_file, from_stack, from_variables
from avroad.config.state import state_dir
from avroad.errors import ConfigError, Problem

__all__ = ["load_environment"]

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
    file, that over the running stack (for `stack: true`, addresses and sizes only), that over the environment file.
    Raises ConfigError with every problem of every source.
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
    if file.readable:
        problems += _missing(file, found, uses_stack=uses_stack)
    replicas, minimum = _replicas(own, problems)
    if problems:
        raise ConfigError(_headline(name, problems), problems=tuple(problems))
    lock = _text(own, "lock") or str(state_dir(root) / name / "schemas.lock.json")
    return Environment(
        name=name,
        description=_text(own, "description"),
        cluster_id=_text(own, "cluster_id"),
        stack=uses_stack,
        insecure=insecure,
        replication_factor=replicas,
        min_insync_replicas=minimum,
        lock=(root / Path(lock).expanduser()).absolute(),
        kafka=_settings(sections["kafka"]),
        registry=_settings(sections["registry"]),
        origins={key: given.origin for key, given in own.items()},
    )


def _text(own: Mapping[str, Given], name: str) -> str:
    return (own[name].value or "") if name in own else ""


def _settings(section: Mapping[str, Given]) -> dict[str, Setting]:
    """Return the settings under the names they were given by, so that librdkafka sees what the user wrote."""
    return {
        given.name: Setting(value=given.value or "", origin=given.origin, secret=is_secret(given.name))
        for given in section.values()
    }


def _flag(own: Mapping[str, Given], name: str, problems: list[Problem]) -> bool:
    given = own.get(name)
    if given is None or given.value is None:
        return False
    if given.value not in {"true", "false"}:
        problems.append(given.problem("true or false", f'"{given.value[:80]}"'))
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
            problems.append(given.problem(f"a whole number from 1 to {_MAX_REPLICAS}", f'"{given.value[:80]}"'))
    if len(numbers) < 2:  # noqa: PLR2004  # one of the two is missing or wrong, and reported as such
        return 1, 1
    if numbers[1] > numbers[0]:
        expected = f"at most the replication factor, {numbers[0]}"
        problems.append(own["min_insync_replicas"].problem(expected, str(numbers[1]), "no write would ever succeed"))
    return numbers[0], numbers[1]


def _missing(file: EnvironmentFile, found: _Winners, *, uses_stack: bool) -> list[Problem]:
    """Return a problem for each address that no source gives."""
    fix = "run: avroad stack up" if uses_stack else "add it to the file"
    return [
        Problem(
            file=file.shown, path=f"$.{section}", expected=f'the setting "{name}"', found="no such setting", fix=fix
        )
        for section, name in (("kafka", "bootstrap.servers"), ("registry", "url"))
        if (section, name) not in found
    ]


def _headline(name: str, problems: list[Problem]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f'the environment "{name}" has {count}:'
