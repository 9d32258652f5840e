"""Findings as JSON values and as lines for people. Pure: the caller decides where they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avroad.contracts.compat.findings import Finding, PairReport

__all__ = ["finding_json", "finding_lines", "report_json"]


def report_json(report: PairReport) -> dict[str, Any]:
    """Return a report as JSON: the answers, the findings, and why there is no verdict."""
    return {
        "compatible": report.compatible,
        "safe": report.safe,
        "same_meaning": report.same_meaning,
        "readable": report.readable.value,
        "findings": [finding_json(finding) for finding in report.findings],
        "left_out": report.left_out,
        "error": report.error or None,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON; `type` is null for what Java does not see, `path` is Java's pointer."""
    patch = finding.patch
    return {
        "type": finding.type.value if finding.type is not None else None,
        "path": finding.pointer,
        "message": finding.message,
        "field_path": finding.field_path,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "data": finding.data,
        "fix": finding.fix,
        "patch": None if patch is None else {"type": patch.type, "operations": [dict(op) for op in patch.operations]},
        "causes": [finding_json(cause) for cause in finding.causes],
    }


def finding_lines(finding: Finding, indent: str = "", *, cure: bool = True) -> Iterator[str]:
    """Yield a finding for people: rule, place and message, then what breaks and what to do, then its causes.

    cure: whether to say what to do about it; not of a cause that nothing is to be done about.
    """
    yield f"{indent}{finding.severity.value} {finding.rule} at {finding.field_path}: {finding.message}"
    yield f"{indent}  breaks: {finding.data}" if finding.unsafe else f"{indent}  affects: {finding.data}"
    if cure and not finding.by_causes:
        yield f"{indent}  fix: {finding.fix}"
    for cause in finding.causes:
        yield f"{indent}  because:"
        yield from finding_lines(cause, indent + "    ", cure=cure and finding.by_causes)
