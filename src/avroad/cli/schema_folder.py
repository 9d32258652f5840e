"""The schema files of a folder that an option names: those in it, or in `schemas/` in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from avroad.config.files import FileRefused, read_bytes
from avroad.errors import ConfigError
from avroad.schema import MAX_TEXT_BYTES

__all__ = ["schema_files"]

_SCHEMAS: Final = "schemas"
_SUFFIX: Final = ".avsc"


def schema_files(path: Path, problem: str) -> tuple[Path, dict[str, bytes]]:
    """Return where they are, and their content by name without suffix. problem: begins the message of what is raised.

    Raises ConfigError when there is no such folder, no such file in it, or one that cannot be read.
    """
    if not path.is_dir():
        raise ConfigError(problem, expected="a folder", found=f"no folder {path}")
    place = path / _SCHEMAS if (path / _SCHEMAS).is_dir() else path
    files: dict[str, bytes] = {}
    for file in sorted(place.glob(f"*{_SUFFIX}")):
        try:
            files[file.name.removesuffix(_SUFFIX)] = read_bytes(file, MAX_TEXT_BYTES)
        except FileRefused as refused:
            raise ConfigError(expected=refused.expected, found=refused.found, file=str(file)) from None
    if not files:
        raise ConfigError(problem, expected=f"a folder with {_SUFFIX} files", found=f"none in {place}")
    return place, files
