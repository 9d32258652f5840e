"""The changelog of the contracts of one environment: an entry per version that a release registered. Pure.

It stands beside the environment's lock, because versions and ids are those of the environment's registry. Each entry
begins with a mark that says which version it is of; all else in the file belongs to people, and is kept as it is.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from avroad.admin.plan import Plan
from avroad.admin.render_subjects import engine_words
from avroad.admin.subject_changes import Answer, RegisterSchema
from avroad.evolve.certificate import Certificate

__all__ = ["Entry", "changelog_path", "entries_of", "has_entry", "with_entries"]

_WIDTH: Final = 80
_FINGERPRINT: Final = 12
_MARK: Final = re.compile(r"^<!-- avroad: ", re.MULTILINE)
_INTRODUCTION: Final = """\
# Contract changelog of environment {environment}

Every version that `avroad evolve release` registered, the newest first. What
people add or change here stays.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be said of a new version. fingerprint: of its meaning; day: YYYY-MM-DD; body: Markdown, a list."""

    subject: str
    fingerprint: str
    day: str
    body: str

    def text(self, version: int | None = None, schema_id: int | None = None) -> str:
        """Return the entry as Markdown; without version and id, which the registry gives, as it is announced."""
        number = "a new version" if version is None else f"version {version}, id {schema_id}"
        mark = "" if version is None else f"{_mark(self, version)}\n"
        return f"{mark}## {self.day}: {_safe(self.subject)}, {number}\n\n{self.body}\n"


def changelog_path(lock: Path) -> Path:
    """Return where the changelog beside a lock stands: for `schemas.lock.json` it is `schemas.changelog.md`.

    Beside it, so that both are committed together or neither is; named after it, since locks may share a folder.
    """
    return lock.with_name(f"{lock.name.removesuffix('.json').removesuffix('.lock')}.changelog.md")


def entries_of(plan: Plan, certificates: Mapping[str, Certificate], *, by: str) -> tuple[Entry, ...]:
    """Return an entry for each version that a plan registers.

    certificates: by subject, those that are valid; by: whose release it is, "" when that is not known.
    """
    return tuple(
        Entry(
            subject=change.subject, fingerprint=change.fingerprint, day=plan.observed_at[:10],
            body="\n".join(_body(plan, change, certificates.get(change.subject), by)),
        )
        for change in plan.changes
        if isinstance(change, RegisterSchema)
    )  # fmt: skip


def has_entry(text: str, entry: Entry, version: int) -> bool:
    """Return whether a changelog has the entry of this version of the entry's subject."""
    return any(line.rstrip() == _mark(entry, version) for line in text.splitlines())


def with_entries(text: str, entries: Sequence[str], *, environment: str) -> str:
    """Return a changelog with these entries before the newest one that it has, and everything else as it was.

    text: "" for a file that is not there; its line ends are kept.
    """
    if not entries:
        return text
    new = "\n".join(entries)
    if not text.strip():
        return f"{_INTRODUCTION.format(environment=_safe(environment))}\n{new}"
    if "\r\n" in text:
        new = new.replace("\n", "\r\n")
    end = "\r\n" if "\r\n" in text else "\n"
    found = _MARK.search(text)
    if found is not None:
        return f"{text[: found.start()]}{new}{end}{text[found.start() :]}"
    gap = end if text.endswith("\n") else end * 2
    return f"{text}{gap}{new}"


def _mark(entry: Entry, version: int) -> str:
    """A subject may be any text: quoted it ends neither the line nor the comment.

    The fingerprint tells a version from one of the same number in a registry that was begun anew.
    """
    return f"<!-- avroad: {quote(entry.subject, safe='')} {version} {entry.fingerprint[:_FINGERPRINT]} -->"


def _body(plan: Plan, change: RegisterSchema, certificate: Certificate | None, by: str) -> Iterator[str]:
    who = f", by {by}" if by else ""
    yield from _item(f"released at {plan.observed_at} to environment {plan.environment}{who}")
    yield from _item(f"type {change.type_name}, level {change.level}, registry {plan.registry}")
    yield from _item(f"fingerprint {change.fingerprint}")
    if change.answer is Answer.FIRST:
        yield from _item("first version")
    else:
        yield from _item(f"follows version {change.old_version}; changes:")
        yield from (line for text in change.changes for line in _item(text, depth=1))
        said = "; ".join(change.reasons)
        yield from _item(f"registry: {change.answer}" + (f": {said}" if said else ""))
        yield from _item(f"engine: {engine_words(change)}")
    if change.allowance is not None:
        allowed = f" by {change.allowance.by}" if change.allowance.by else ""
        yield from _item(f"breaks, and was allowed to{allowed}: {change.allowance.reason}")
        yield from (line for text in change.breaks for line in _item(text, depth=1))
    if certificate is None:
        yield from _item("not rehearsed")  # nobody releases it so, but a dry run shows it
    else:
        yield from _rehearsed(certificate)


def _rehearsed(certificate: Certificate) -> Iterator[str]:
    if certificate.played:
        yield from _item(f"upgrade: {certificate.order}")
        yield from (line for i, text in enumerate(certificate.steps, 1) for line in _item(text, depth=1, sign=f"{i}."))
    yield from (line for text in certificate.accepted for line in _item(text))
    met = "met" if certificate.met else "NOT met"
    libraries = ", ".join(f"{name} {version}".strip() for name, version in certificate.libraries)
    played = ", ".join(f"version {label}" if label.isdigit() else label for label, _ in certificate.played)
    against = f"played against {played}, registry: {certificate.registry}" if played else "nothing to play against"
    yield from _item(
        f"rehearsed at {certificate.at}: {certificate.mode} {met}, {against}; read by {libraries}; "
        f"seed {certificate.seed}{f'; {certificate.rolling}' if certificate.rolling else ''}"
    )


def _item(text: str, *, depth: int = 0, sign: str = "-") -> list[str]:
    """Return one item of a list, wrapped; whoever wrote the text, it stays one."""
    indent = "  " * depth
    return textwrap.wrap(
        _safe(text), _WIDTH, initial_indent=f"{indent}{sign} ",
        subsequent_indent=indent + " " * (len(sign) + 1), break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _safe(text: str) -> str:
    """A `<` of a type or a reason is no markup; what is not of one line becomes so."""
    return re.sub(r"<(?=[A-Za-z!/?])", r"\<", " ".join(text.split()))
