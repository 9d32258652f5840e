"""Our own answer to "can this be registered?", for registries that cannot give one in advance.

It compares by the resolution rules of the codec, in the directions and with the versions the level asks for. The
registry decides at registration; this tells beforehand what will be hard to read.
"""

from __future__ import annotations

from collections.abc import Sequence

from avroad.admin.desired import DesiredSubject
from avroad.admin.meaning import Meaning
from avroad.codec import resolve
from avroad.errors import SchemaSyntaxError
from avroad.model import Level
from avroad.schema import Schema

__all__ = ["local_findings"]

_MAX_FINDINGS = 20


def local_findings(
    wanted: DesiredSubject, versions: Sequence[tuple[int, Meaning]]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the versions compared with, and one sentence per conflict.

    versions: (number, meaning), newest first; unreadable ones are left out of both answers.
    """
    level, schema = wanted.level, wanted.schema
    if level is Level.NONE or schema is None:
        return (), ()
    chosen = versions if level.value.endswith("_TRANSITIVE") else versions[:1]
    compared: list[int] = []
    findings: list[str] = []
    for number, meaning in chosen:
        if meaning.schema is None:
            continue
        compared.append(number)
        if level.value.startswith(("BACKWARD", "FULL")):
            findings += _conflicts(meaning.schema, schema, f"the new schema cannot read version {number}")
        if level.value.startswith(("FORWARD", "FULL")):
            findings += _conflicts(schema, meaning.schema, f"version {number} cannot read the new schema")
    return tuple(compared), tuple(findings[:_MAX_FINDINGS])


def _conflicts(writer: Schema, reader: Schema, sentence: str) -> list[str]:
    try:
        conflicts = resolve(writer, reader).conflicts
    except SchemaSyntaxError as error:  # a stored schema too deep to walk is news, not a reason to make no plan
        return [f"{sentence}: {error}"]
    return [f"{sentence}: {c.path} expected {c.expected}, found {c.found}" for c in conflicts if not c.partial]
