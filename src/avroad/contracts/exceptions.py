"""The file `admin/exceptions.yaml`: findings that a person has accepted, each with a reason and a last day."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from avroad.config.shape import Fields, Shape, did_you_mean, fit
from avroad.config.strict_yaml import Node, read_file
from avroad.contracts.rule import Severity
from avroad.errors import ContractError, Problem

__all__ = ["EXCEPTIONS_FILE", "Exemption", "Exemptions", "Leftover", "load_exemptions"]

EXCEPTIONS_FILE: Final = "admin/exceptions.yaml"
_EVERYWHERE: Final = "*"
_RULE: Final = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_PATH: Final = re.compile(r"\$(?=[.\[{]|\Z)")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TEXT: Final = Shape(kind="text")
_SHAPE: Final = Fields(
    known=dict.fromkeys(("rule", "subject", "type", "path", "reason", "until"), _TEXT),
    required=("rule", "reason", "until"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One accepted finding.

    subject or type: where it may occur, the other is ""; the subject "*" is every one of them; path: the place by names
    it is limited to, such as `$.road`, with what is below it, "" for any; until: the last day on which it holds; line:
    in `admin/exceptions.yaml`.
    """

    rule: str
    reason: str
    until: date
    subject: str = ""
    type: str = ""
    path: str = ""
    line: int = 0

    @property
    def where(self) -> str:
        """What it is limited to, for a message."""
        subject = "every subject" if self.standing else self.subject
        return " ".join(part for part in (subject or self.type, self.path) if part)

    @property
    def standing(self) -> bool:
        """Whether it is about who reads, not about one change: it may be there before there is something to accept."""
        return self.subject == _EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """An exemption that is wrong itself. rule: EXCEPTION_EXPIRED, an error, or EXCEPTION_UNUSED, a warning."""

    rule: str
    severity: Severity
    exemption: Exemption
    message: str


class Exemptions:
    """The exemptions in force on one day, and which of them were needed."""

    def __init__(
        self, exemptions: Collection[Exemption], *, rules: Collection[str], today: date, shared: Collection[str] = ()
    ) -> None:
        """rules: the ids the asking command knows; exemptions from other rules are not its business.

        shared: those that another command knows too, which may be the one that needs an exemption from them.
        """
        self._known = [exemption for exemption in exemptions if exemption.rule in rules]
        self._shared = shared
        self._used: set[Exemption] = set()
        self._today = today

    def excuse(self, rule: str, path: str, *, subject: str = "", type_name: str = "") -> Exemption | None:
        """Return the exemption that covers a finding and note that it was needed; None when there is none.

        An expired one covers nothing any more.
        """
        for exemption in self._known:
            if exemption.rule != rule or not _within(path, exemption.path):
                continue
            named = exemption.subject == subject if exemption.subject else exemption.type == type_name
            if named or exemption.standing:
                self._used.add(exemption)
                if exemption.until >= self._today:
                    return exemption
        return None

    def everywhere(self) -> frozenset[str]:
        """Return the rules that are accepted in every subject and in any place of it."""
        standing = (e for e in self._known if e.standing and not e.path and e.until >= self._today)
        return frozenset(exemption.rule for exemption in standing)

    def leftovers(self) -> tuple[Leftover, ...]:
        """Return what is wrong with the exemptions themselves; ask when all findings have been looked at."""
        found: list[Leftover] = []
        for exemption in self._known:
            what = f"the exception from {exemption.rule} for {exemption.where}"
            if exemption.until < self._today:
                message = f"{what} ended on {exemption.until}: mend the finding, or give the exception a later day"
                rule, severity = "EXCEPTION_EXPIRED", Severity.ERROR
            elif exemption not in self._used and exemption.rule not in self._shared and not exemption.standing:
                message = f"{what} covers no finding: remove it"
                rule, severity = "EXCEPTION_UNUSED", Severity.WARNING
            else:
                continue
            found.append(Leftover(rule=rule, severity=severity, exemption=exemption, message=message))
        return tuple(found)


def load_exemptions(root: Path, *, known: Collection[str] = ()) -> tuple[Exemption, ...]:
    """Return what `admin/exceptions.yaml` below the project folder `root` lists; nothing when there is no such file.

    known: the ids of all rules there are, any when empty. Raises ContractError with every problem.
    """
    path = root / EXCEPTIONS_FILE
    if not path.exists():
        return ()
    node, problems = read_file(path, EXCEPTIONS_FILE)
    entries: tuple[Node, ...] = ()
    if node is not None and node.kind == "list":
        entries = node.items
    elif node is not None:
        problems.append(node.problem("a list of exceptions", node.describe(), "begin each with `- rule:`"))
    found = [_exemption(entry, known, problems) for entry in entries]
    if problems:
        raise ContractError("the exceptions cannot be used:", problems=tuple(problems))
    return tuple(exemption for exemption in found if exemption is not None)


def _exemption(node: Node, known: Collection[str], problems: list[Problem]) -> Exemption | None:
    given = fit(node, _SHAPE, problems)
    if given is None:
        return None
    before = len(problems)
    if "rule" in given:
        _check_rule(node.entries["rule"], given["rule"], known, problems)
    if "path" in given and not _PATH.match(given["path"]):
        _, dot, name = given["path"].rpartition(".")
        entry = node.entries["path"]
        fix = f"write it as the finding shows it, such as $.{name}" if dot and name else "write $ for the type itself"
        problems.append(entry.problem("a path by names that begins with $, the type", entry.describe(), fix))
    if "reason" in given and not given["reason"].strip():
        problems.append(node.entries["reason"].problem("why the finding is accepted", "an empty text"))
    if ("subject" in given) == ("type" in given):
        found = "both" if "subject" in given else "neither"
        problems.append(node.problem("either a subject or a type", found))
    until = _day(node, given, problems)
    if until is None or len(problems) > before or not {"rule", "reason"} <= given.keys():
        return None
    return Exemption(**{**given, "until": until}, line=node.line)


def _check_rule(node: Node, rule: str, known: Collection[str], problems: list[Problem]) -> None:
    if not _RULE.match(rule):
        problems.append(node.problem("the id of a rule, such as FIELD_NAME_STYLE", node.describe()))
    elif known and rule not in known:
        problems.append(node.problem("the id of a rule", node.describe(), did_you_mean(rule, known)))


def _day(node: Node, given: dict[str, Any], problems: list[Problem]) -> date | None:
    if "until" not in given:
        return None
    try:
        if _DAY.match(given["until"]):
            return date.fromisoformat(given["until"])
    except ValueError:
        pass  # 2026-02-30
    place = node.entries["until"]
    problems.append(place.problem("the last day it holds, as YYYY-MM-DD", place.describe()))
    return None


def _within(path: str, limit: str) -> bool:
    return not limit or path == limit or (path.startswith(limit) and path[len(limit)] in ".[{")
