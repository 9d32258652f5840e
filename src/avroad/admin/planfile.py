"""Plans as JSON: written by `plan --out`, read strictly by `apply FILE`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from avroad.admin.plan import Plan
from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig
from avroad.config.files import FileRefused, read_text
from avroad.errors import PlanError
from avroad.schema import not_utf8

__all__ = ["plan_from_json", "plan_to_json", "read_plan", "write_plan"]

_FORMAT: Final = "1.1"
_CHECKSUM: Final = "checksum"
_MAX_BYTES: Final = 64 * 1024 * 1024
_ACTIONS: Final[Mapping[str, type]] = {
    "create_topic": CreateTopic,
    "add_partitions": AddPartitions,
    "set_config": SetConfig,
    "set_level": SetLevel,
    "register_schema": RegisterSchema,
}
_NAMES: Final = {kind: name for name, kind in _ACTIONS.items()}
_FIX: Final = "Make a new one: avroad plan --out FILE"


class _Bad(Exception):  # private signal, always turned into PlanError
    """Something in the document is not what a plan has there."""


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as a JSON document; `plan_from_json` of it gives an equal plan."""
    summary = {"create": len(plan.created), "change": len(plan.changed), "refused": len(plan.refusals)}
    document = {"format_version": _FORMAT, **_fields(plan), "summary": summary}
    return {**document, _CHECKSUM: _checksum(document)}


def plan_from_json(document: object, *, file: str = "") -> Plan:
    """Return the plan a document holds. Raises PlanError with the place of the first thing that is wrong."""
    try:
        plan = _read(Plan, _body(document), "$")
    except _Bad as error:
        raise PlanError(f"this is not a plan: {error}", file=file, hint=_FIX) from None
    assert isinstance(plan, Plan)
    return plan


def _body(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise _Bad("expected an object - at $")
    half = not_utf8(document)
    if half is not None:
        raise _Bad(f"expected whole characters, found half of a surrogate pair - at {half}")
    if "format_version" not in document:
        raise _Bad("expected a key 'format_version' - at $")
    version = document["format_version"]
    if not isinstance(version, str) or version.partition(".")[0] != _FORMAT.partition(".")[0]:
        raise _Bad(f"expected format_version {_FORMAT!r}; was it written by a newer avroad? - at $.format_version")
    return {key: value for key, value in document.items() if key not in {"format_version", "summary", _CHECKSUM}}


def read_plan(path: Path) -> Plan:
    """Return the plan in a file. Raises PlanError when it is missing or not exactly a plan."""
    try:
        document = json.loads(read_text(path, _MAX_BYTES))
    except FileRefused as refused:
        raise PlanError(
            "the plan cannot be read", expected=refused.expected, found=refused.found, file=str(path), hint=_FIX
        ) from None
    except (ValueError, RecursionError) as error:
        raise PlanError("this is not a plan: it is not JSON", file=str(path), hint=_FIX) from error
    plan = plan_from_json(document, file=str(path))
    # What is destructive, allowed or refused was decided when the plan was made: an edited one would bypass that.
    rest = {key: value for key, value in document.items() if key != _CHECKSUM}
    if document.get(_CHECKSUM) != _checksum(rest):
        raise PlanError("the plan was changed after it was made", file=str(path), hint=_FIX)
    return plan


def _checksum(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_plan(path: Path, plan: Plan) -> None:
    """Write the plan. Raises OSError when the file cannot be written."""
    path.write_text(json.dumps(plan_to_json(plan), indent=2, ensure_ascii=False) + "\n", "utf-8")


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any of the plan's dataclasses
    action = {"action": _NAMES[type(value)]} if type(value) in _NAMES else {}
    return action | {field.name: _write(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _write(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _write(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    return value


def _read(hint: Any, value: object, path: str) -> object:  # noqa: ANN401  # a type hint
    """Return `value` as the type `hint` says. The plan's classes use only what is handled here."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise _Bad(f"expected a list - at {path}")
        return tuple(_read(arguments[0], item, f"{path}[{index}]") for index, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _Bad(f"expected an object - at {path}")
        return {key: _read(arguments[1], item, f"{path}[{key[:100]!r}]") for key, item in value.items()}
    if origin in {types.UnionType, typing.Union}:
        return _read_union(arguments, value, path)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _read_fields(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if not isinstance(value, str) or value not in list(hint):
            raise _Bad(f"expected one of {', '.join(hint)} - at {path}")
        return hint(value)
    if type(value) is not hint:
        words = {str: "text", int: "a whole number", bool: "true or false"}
        raise _Bad(f"expected {words[hint]} - at {path}")
    return value


def _read_union(arguments: tuple[Any, ...], value: object, path: str) -> object:
    if type(None) in arguments:
        kind = next(item for item in arguments if item is not type(None))
        if value is None:
            return None
        if kind not in _NAMES:
            return _read(kind, value, path)
        if not isinstance(value, dict) or value.get("action") != _NAMES[kind]:
            raise _Bad(f"expected the action {_NAMES[kind]} - at {path}.action")
    action = value.get("action") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(action, str) or action not in _ACTIONS:
        raise _Bad(f"expected an action, one of {', '.join(_ACTIONS)} - at {path}.action")
    return _read_fields(_ACTIONS[action], {k: v for k, v in value.items() if k != "action"}, path)


def _read_fields(kind: type, value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise _Bad(f"expected an object - at {path}")
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    wrong = next((name for name in names if name not in value), None) or next(
        (k for k in value if k not in names), None
    )
    if wrong is not None:
        expected = f"a key {wrong!r}" if wrong in names else f"no key {wrong[:60]!r}"
        raise _Bad(f"expected {expected} - at {path}")
    return kind(**{name: _read(hints[name], value[name], f"{path}.{name}") for name in names})
