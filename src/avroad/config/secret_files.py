"""`sasl.password_file: /run/secrets/x`: secrets that lie in files, as container platforms mount them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from avroad.config.files import FileRefused, named_path, read_text
from avroad.config.given import Given
from avroad.config.masking import is_secret, shown_name
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
            problems.append(item.problem("a setting", shown_name(item.name), fix))
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
    try:
        text = read_text(named_path(root, item.value), _MAX_BYTES)
    except FileRefused as refused:
        # What names no file may be the secret itself, in the wrong place.
        found = refused.found if refused.error is not None else f"{refused.found} ({item.value[:200]})"
        problems.append(item.problem(refused.expected, found, refused.fix))
        return unread
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        problems.append(item.problem("a file with a secret", f"{item.value[:200]}, which is empty"))
        return unread
    return replace(unread, value=text)
