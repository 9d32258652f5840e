"""The whole result of a schema check as JSON, as lines for people, as JUnit XML and as GitHub annotations. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from avroad.contracts.compat import Severity
from avroad.contracts.compat.order import Order
from avroad.contracts.compat.render import finding_json, finding_lines
from avroad.contracts.exceptions import EXCEPTIONS_FILE, Leftover
from avroad.contracts.rollout_report import rollout_json, rollout_lines
from avroad.contracts.subject_check import Judged, SubjectResult
from avroad.contracts.workflow import annotation

__all__ = ["CheckReport", "check_json", "check_text", "github_annotations", "junit_xml"]

_WIDTH: Final = 80
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """against: what was compared with; removed: types declared there and not any more; leftovers: of the exceptions."""

    against: str
    results: tuple[SubjectResult, ...]
    removed: tuple[str, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the check fails: a subject does, or an exception has expired."""
        expired = any(left.severity is Severity.ERROR for left in self.leftovers)
        return expired or any(result.failed for result in self.results)

    @property
    def counts(self) -> dict[str, int]:
        """How many of what, for a summary; a finding that several versions have is one, as it is shown."""
        judged = [judged for result in self.results for judged, _ in _grouped(result)]
        return {
            "subjects": len(self.results),
            "failed": sum(result.failed for result in self.results),
            "changed": sum(result.state not in {"new", "same"} for result in self.results),
            "reworded": sum(result.reworded for result in self.results),
            "new": sum(result.state == "new" for result in self.results),
            "removed": len(self.removed),
            "failing_findings": sum(j.fails for j in judged) + sum(len(result.errors) for result in self.results),
            "hurt_subjects": sum(result.hurts for result in self.results),
            "other_findings": sum(not j.fails and j.exemption is None for j in judged),
            "accepted_findings": sum(j.exemption is not None for j in judged),
            "exception_errors": sum(left.severity is Severity.ERROR for left in self.leftovers),
            "exception_warnings": sum(left.severity is not Severity.ERROR for left in self.leftovers),
        }


def check_json(report: CheckReport) -> dict[str, Any]:
    """Return everything as JSON."""
    return {
        "against": report.against,
        "ok": not report.failed,
        "subjects": [_result_json(result) for result in report.results],
        "removed": list(report.removed),
        "exceptions": [
            {"rule": left.rule, "severity": left.severity.value, "line": left.exemption.line, "message": left.message}
            for left in report.leftovers
        ],
        "notes": list(report.notes),
        "summary": report.counts,
    }


def _result_json(result: SubjectResult) -> dict[str, Any]:
    answers = result.report
    return {
        "subject": result.subject or None,
        "type": result.type_name,
        "file": result.file,
        "mode": result.mode.value,
        "state": result.state,
        "reworded": result.reworded,
        "failed": result.failed,
        "compatible": True if answers is None else answers.compatible,
        "safe": True if answers is None else answers.safe,
        "same_meaning": True if answers is None else answers.same_meaning,
        "versions": result.versions,
        "findings": [
            {
                "version": judged.version or None,
                "direction": _direction(judged) if judged.version else None,
                "fails": judged.fails,
                **finding_json(judged.finding),
                "accepted": None
                if judged.exemption is None
                else {"reason": judged.exemption.reason, "until": judged.exemption.until.isoformat()},
            }
            for judged in result.judged
        ],
        "errors": [{"version": version, "error": error} for version, error in result.errors],
        "note": result.note or None,
        "order": None if result.rollout is None else rollout_json(result.rollout),
    }


def check_text(report: CheckReport) -> Iterator[str]:
    """Yield lines of at most 80 columns, where words allow it: what fails and what is worth knowing, then counts."""
    yield from _wrapped(f"against {report.against}")
    for result in report.results:
        lines = list(_result_lines(result))
        if lines:
            verdict = "FAIL" if result.failed else "ok"
            yield ""
            yield from _wrapped(f"{verdict} {result.name} ({result.mode}, {result.state})")
            for line in lines:
                yield from _wrapped(f"  {line}")
    said = [f"removed: {name}; its subject stays registered, and its data on the topic" for name in report.removed]
    said += [f"{left.severity} {left.rule}: {left.message}" for left in report.leftovers]
    said += [f"note: {note}" for note in report.notes]
    if said:
        yield ""
    for line in said:
        yield from _wrapped(line)
    yield ""
    yield from _wrapped(_summary(report))


def _summary(report: CheckReport) -> str:
    count = report.counts
    parts = [f"{count['failed']} of {_many(count['subjects'], 'subject')} failed" if report.failed else "ok:"]
    if not report.failed:
        parts = [f"ok: {_many(count['subjects'], 'subject')}"]
    words = {"changed": "changed", "reworded": "changed in words only", "new": "new", "removed": "removed"}
    parts += [f"{count[key]} {text}" for key, text in words.items() if count[key]]
    if count["failing_findings"]:
        parts.append(_many(count["failing_findings"], "failing finding"))
    if count["hurt_subjects"]:
        parts.append(f"{count['hurt_subjects']} with pinned programs that fail")
    if count["other_findings"]:
        parts.append(f"{count['other_findings']} worth knowing")
    if count["accepted_findings"]:
        parts.append(f"{count['accepted_findings']} accepted in {EXCEPTIONS_FILE}")
    if count["exception_errors"]:
        parts.append(_many(count["exception_errors"], "expired exception"))
    return ", ".join(parts)


def _result_lines(result: SubjectResult) -> Iterator[str]:
    """Yield nothing for a subject about which there is nothing to say."""
    if result.note:
        yield f"note: {result.note}"
    if result.state.startswith("renamed"):
        yield f"compared with the versions of {result.state.removeprefix('renamed from ')}"
    answers = result.report
    if answers is not None and result.judged:
        yield (
            f"compatible {_word(answers.compatible)}, safe {_word(answers.safe)}, "
            f"same meaning {_word(answers.same_meaning)}"
        )
    for version, error in result.errors:
        yield f"error: no verdict for {_version(version)}: Java raises: {error}"
    for judged, versions in _grouped(result):
        if versions:
            shown = ", ".join(_version(version) for version in versions)
            new_reads = judged.backward
            yield f"new schema reads data of {shown}:" if new_reads else f"{shown} reads data of the new schema:"
        if judged.exemption is not None:
            yield f"  accepted {judged.finding.rule} at {judged.finding.field_path}"
            yield f"    until {judged.exemption.until}: {judged.exemption.reason}"
        else:
            yield from (f"  {line}" for line in finding_lines(judged.finding))
    if result.rollout is not None:
        yield from rollout_lines(result.rollout)


def _grouped(result: SubjectResult) -> list[tuple[Judged, list[str]]]:
    """Put what is the same in several versions together, what fails first."""
    groups: dict[tuple[object, ...], tuple[Judged, list[str]]] = {}
    for judged in result.judged:
        finding = judged.finding
        key = (judged.backward, finding.rule, finding.field_path, finding.message, finding.data, bool(judged.version))
        versions = groups.setdefault(key, (judged, []))[1]
        if judged.version and judged.version not in versions:
            versions.append(judged.version)
    return sorted(groups.values(), key=lambda group: not group[0].fails)


def junit_xml(report: CheckReport) -> str:
    """Return JUnit's XML: one test case per subject, and one for the exceptions when something is wrong with them."""
    cases = []
    for result in report.results:
        body = _xml_body(list(_result_lines(result)), failed=result.failed)
        cases.append(f"    <testcase classname={_attribute(result.type_name)} name={_attribute(result.name)}{body}")
    if report.leftovers:
        failed = any(left.severity is Severity.ERROR for left in report.leftovers)
        body = _xml_body([left.message for left in report.leftovers], failed=failed)
        cases.append(f"    <testcase classname={_attribute(EXCEPTIONS_FILE)} name={_attribute('exceptions')}{body}")
    failures = sum("<failure" in case for case in cases)
    head = f'name="avroad schema check" tests="{len(cases)}" failures="{failures}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {head}>", f"  <testsuite {head}>"]
    return "\n".join([*lines, *cases, "  </testsuite>", "</testsuites>"])


def _xml_body(lines: list[str], *, failed: bool) -> str:
    if not lines:
        return "/>"
    text = escape(_NO_XML.sub("?", "\n".join(lines)))
    tag = f"failure message={_attribute(_first(lines))}" if failed else "system-out"
    return f">\n      <{tag}>{text}</{tag.split(maxsplit=1)[0]}>\n    </testcase>"


def _first(lines: list[str]) -> str:
    return next((line.strip() for line in lines if line.strip().startswith("error")), lines[0])


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("?", text))


def github_annotations(report: CheckReport, line_of: Callable[[str, str], int]) -> Iterator[str]:
    """Yield GitHub's workflow commands: an error for what fails, a warning or notice for what is worth knowing.

    line_of: (file, field path) to the line to mark, 0 for none.
    """
    for result in report.results:
        for version, error in result.errors:
            text = f"{result.name}: no verdict for {_version(version)}: Java raises: {error}"
            yield annotation("error", text, title="NO_VERDICT", file=result.file)
        for judged, versions in _grouped(result):
            if judged.exemption is None:
                finding = judged.finding
                where = f" ({_direction(judged)}, {', '.join(_version(v) for v in versions)})" if versions else ""
                kinds = {Severity.INFO: "notice"}
                kind = "error" if judged.fails else kinds.get(finding.severity, "warning")
                text = "\n".join([f"{result.name}{where}", *finding_lines(finding)])
                line = line_of(result.file, finding.field_path)
                yield annotation(kind, text, title=finding.rule, file=result.file, line=line)
        rollout = result.rollout
        if rollout is not None and (rollout.advice.order is not Order.ANY or rollout.troubles):
            text = "\n".join([result.name, *rollout_lines(rollout)])
            yield annotation("error" if result.hurts else "notice", text, title="upgrade order", file=result.file)
    for left in report.leftovers:
        kind = "error" if left.severity is Severity.ERROR else "warning"
        yield annotation(kind, left.message, title=left.rule, file=EXCEPTIONS_FILE, line=left.exemption.line)
    for note in report.notes:
        yield annotation("notice", note, title="schema check")
    yield _summary(report)


def _direction(judged: Judged) -> str:
    return "backward" if judged.backward else "forward"


def _version(name: str) -> str:
    return f"version {name}" if name.isdigit() else name


def _word(answer: bool | None) -> str:  # noqa: FBT001  # an answer, not a switch
    return {True: "yes", False: "no", None: "no verdict"}[answer]


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _wrapped(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line, _WIDTH, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    ) or [""]
