"""`sasl.password_file: /run/secrets/x`: secrets that lie in files, as container platforms mount them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from avroad.config.given import Given
from avroad.config.setting import is_secret
from avroad.errors import Problem

__all__ = ["read_secret_files"]

_SUFFIX: Final = "_file"
_MAX_BYTES: Final = 64 * 1024


def read_secret_files(given: Iterable[Given], root: Path, problems: list[Problem]) -> list[Given]:
    """Return one layer with `<secret>_file` replaced by the secret in that file, less one newline at its end.

    root: what a relative path is relative to.
    """
    layer = list(given)
    names = {(item.section, item.name) for item in layer}
    found: list[Given] = []
    for item in layer:
        base = item.name.removesuffix(_SUFFIX)
        if base == item.name or item.section == "":
            found.append(item)
        elif not is_secret(base):
            fix = "only passwords, tokens and the like are read from files"
            problems.append(item.problem("a setting", f'"{item.name[:80]}"', fix))
        elif (item.section, base) in names:
            problems.append(item.problem(f"{base} or {item.name}", "both"))
        else:
            found.append(_read(item, base, root, problems))
    return found


def _read(item: Given, name: str, root: Path, problems: list[Problem]) -> Given:
    if item.value is None:
        return replace(item, name=name)
    origin = f"{item.origin} (file {item.value})"
    unread = replace(item, name=name, origin=origin, value=None)
    path = root / Path(item.value).expanduser()
    try:
        if path.stat().st_size > _MAX_BYTES:
            problems.append(item.problem("a file with a secret", f"{item.value[:200]}, which is too large to be one"))
            return unread
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or type(error).__name__
        problems.append(item.problem("a readable file with a secret", f"{item.value[:200]} ({reason})"))
        return unread
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        problems.append(item.problem("a file with a secret", f"{item.value[:200]}, which is empty"))
        return unread
    return replace(unread, value=text)
