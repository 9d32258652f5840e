"""Three branches of the contracts for the demo: copies of them with one change each in `.avroad/branches/`."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avroad.project import open_project

__all__ = ["Branches", "make_branches"]

_FOLDER = ".avroad/branches"
_COPIED = ("schemas", "admin", "producers", "consumers")
_KMH, _MPH = "_kmh", "_mph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """type_name: the type every branch changes; schema: its file in each; changes: what each changes, in words."""

    type_name: str
    schema: str
    changes: dict[str, str]

    def folder(self, name: str) -> str:
        """Return the folder of a branch, relative to the project."""
        return f"{_FOLDER}/{name}"


def make_branches(root: Path, type_name: str) -> Branches:
    """Copy the contracts: `next` adds an optional field; upon it, `broken` changes a type, `unit` a unit by alias."""
    schema = open_project(root, "local").catalog.type(type_name).file
    shutil.rmtree(root / _FOLDER, ignore_errors=True)
    changes = {}
    for name, more in (("next", None), ("broken", _other_type), ("unit", _other_unit)):
        folder = root / _FOLDER / name
        for part in _COPIED:
            shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        document = json.loads((folder / schema).read_text("utf-8"))
        added = _optional_field(document)
        changes[name] = more(document) if more else added
        (folder / schema).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return Branches(type_name=type_name, schema=schema, changes=changes)


def _optional_field(document: dict[str, Any]) -> str:
    added = {"name": "weather", "type": ["null", "string"], "default": None, "doc": "Weather, in the source's words."}
    document["fields"].append(added)
    return "adds an optional field, weather"


def _other_type(document: dict[str, Any]) -> str:
    field = next(field for field in document["fields"] if field["type"] == "int")
    field["type"] = "string"
    return f"makes {field['name']} a string"


def _other_unit(document: dict[str, Any]) -> str:
    field = next(field for field in document["fields"] if field["name"].endswith(_KMH))
    before, field["name"] = field["name"], field["name"].removesuffix(_KMH) + _MPH
    field["aliases"] = [before]
    return f"renames {before} to {field['name']}, with the old name as an alias"
