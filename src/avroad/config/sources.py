"""The places settings come from besides the environment file: flags, variables, a settings file, the running stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from avroad.config.environment_file import table_entries
from avroad.config.files import FileRefused, read_text
from avroad.config.given import OWN, Given, split_name
from avroad.config.masking import is_name, is_secret, shown_name
from avroad.config.properties import read_properties
from avroad.config.shape import Fields, Shape, did_you_mean, fit
from avroad.config.state import state_dir
from avroad.config.strict_yaml import read_file
from avroad.errors import Problem
from avroad.schema import not_utf8

__all__ = ["from_flags", "from_settings_file", "from_stack", "from_variables"]

_PREFIX: Final = "AVROAD_"
_SECTIONS: Final = {"KAFKA": "kafka", "REGISTRY": "registry"}
_MAX_BYTES: Final = 1024 * 1024
_SETTING: Final = Shape(kind="setting")
_TABLE: Final = Shape(kind="table", items=_SETTING)
_FILE_SHAPE: Final = Fields(known={**dict.fromkeys(OWN, _SETTING), "kafka": _TABLE, "registry": _TABLE})
_SAFE_REPLICAS: Final = 3


def from_flags(overrides: Mapping[str, str], problems: list[Problem]) -> list[Given]:
    """Return what `-X name=value` gives. A secret there is a problem: every user of the machine can read it."""
    found: list[Given] = []
    for flag, value in overrides.items():
        section, name = split_name(flag)
        if not is_name(flag):
            problems.append(Problem(path="-X", expected="the name of a setting before =", found=shown_name(flag)))
            continue
        given = Given(section=section, name=name, value=value, origin=f"flag -X {flag}", path=f"-X {flag}")
        if is_secret(name):
            variable = f"{_PREFIX}{section.upper()}__{name.replace('.', '_').upper()}"
            fix = f"set {variable}, or give -X {flag}_file=PATH"
            problems.append(given.problem("no secret on the command line", "one that `ps` would show", fix))
            continue
        found.append(_checked(given, problems))
    return found


def from_variables(environ: Mapping[str, str], problems: list[Problem]) -> list[Given]:
    """Return what AVROAD_KAFKA__..., AVROAD_REGISTRY__... and AVROAD_LOCK and its like give.

    Two underscores nest, one stands for a dot. Other AVROAD_ variables belong to other parts and are passed over.
    """
    found: list[Given] = []
    own = {f"{_PREFIX}{name.upper()}": name for name in OWN}
    for variable in sorted(name for name in environ if name.startswith(_PREFIX)):
        origin = f"variable {variable}"
        place = Given(section="", name=own.get(variable, ""), value=environ[variable], origin=origin, path=variable)
        if variable in own:
            found.append(_checked(place, problems))
            continue
        section, nested, name = variable.removeprefix(_PREFIX).partition("__")
        if nested and section in _SECTIONS and name:
            dotted = name.lower().replace("_", ".")
            base = dotted.removesuffix(".file")
            if base != dotted and is_secret(base):
                dotted = f"{base}_file"
            given = Given(section=_SECTIONS[section], name=dotted, value=place.value, origin=origin, path=variable)
            found.append(_checked(given, problems))
        elif nested:
            known = [f"{_PREFIX}{known}__" for known in _SECTIONS]
            fix = did_you_mean(f"{_PREFIX}{section}__", known)
            problems.append(place.problem(f"{' or '.join(f'{name}...' for name in known)}", variable[:80], fix))
        else:
            head = next((s for s in _SECTIONS if variable.startswith(f"{_PREFIX}{s}_")), None)
            if head is not None:
                rest = variable.removeprefix(f"{_PREFIX}{head}_")
                fix = f'did you mean "{_PREFIX}{head}__{rest}"?'
                problems.append(place.problem(f"two underscores after {_PREFIX}{head}", variable[:80], fix))
    return found


def from_settings_file(path: Path, problems: list[Problem]) -> list[Given]:
    """Return what a `--config` file gives: YAML with `kafka:` and `registry:`, or .properties with flat names."""
    shown = str(path)
    if path.suffix in {".yaml", ".yml"}:
        node, wrong = read_file(path, shown)
        problems.extend(wrong)
        if node is None:
            return []
        fit(node, _FILE_SHAPE, problems)
        return table_entries(node, OWN)
    try:
        lines, wrong = read_properties(read_text(path, _MAX_BYTES), shown)
    except FileRefused as refused:
        problems.append(Problem(file=shown, expected=refused.expected, found=refused.found, fix=refused.fix))
        return []
    problems.extend(wrong)
    found: list[Given] = []
    for name, value, line in lines:
        section, short = split_name(name)
        if not is_name(name):
            expected = "the name of a setting"
            problems.append(Problem(file=shown, line=line, expected=expected, found=shown_name(name)))
            continue
        place = f"$.{name}"
        origin = f"{shown}:{line}"
        given = Given(section=section, name=short, value=value, origin=origin, file=shown, path=place, line=line)
        found.append(_checked(given, problems))
    return found


def from_stack(root: Path, problems: list[Problem]) -> list[Given]:
    """Return the addresses and sizes of the local stack as its `up` wrote them; nothing when it does not run."""
    path = state_dir(root) / "stack" / "endpoints.json"
    shown = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    try:
        document = json.loads(read_text(path, _MAX_BYTES))
    except FileRefused as refused:
        if isinstance(refused.error, FileNotFoundError):
            return []
        document = None
    except (ValueError, RecursionError):
        document = None
    fix = "run: avroad stack up"
    if not isinstance(document, dict) or str(document.get("format_version", "")).partition(".")[0] != "1":
        problems.append(Problem(file=shown, expected="the endpoints of a stack", found="another text", fix=fix))
        return []
    texts = [document.get(key) for key in ("bootstrap_servers", "registry_url", "cluster_id")]
    brokers = document.get("brokers")
    if not all(isinstance(text, str) and text for text in texts) or type(brokers) is not int or brokers < 1:
        problems.append(Problem(file=shown, expected="addresses, cluster id and brokers", found="less", fix=fix))
        return []
    minimum = _SAFE_REPLICAS - 1 if brokers >= _SAFE_REPLICAS else 1
    values = (
        ("kafka", "bootstrap.servers", texts[0]),
        ("registry", "url", texts[1]),
        ("", "cluster_id", texts[2]),
        ("", "replication_factor", str(min(brokers, _SAFE_REPLICAS))),
        ("", "min_insync_replicas", str(minimum)),
    )
    return [
        Given(section=section, name=name, value=value, origin=shown, file=shown, path="$")
        for section, name, value in values
    ]


def _checked(given: Given, problems: list[Problem]) -> Given:
    """Return the setting, without its value when the clients could not be told it: they take UTF-8 without zeros."""
    text = given.value or ""
    if not_utf8(text) is None and "\0" not in text:
        return given
    problems.append(given.problem("UTF-8 text", "other bytes"))
    return replace(given, value=None)
