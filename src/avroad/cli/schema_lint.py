"""`avroad schema lint`: the rules of good schemas, with safe edits."""

from __future__ import annotations

import textwrap
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style
from avroad.cli.streams import printable
from avroad.cli.words import counted
from avroad.errors import ContractError, ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.contracts.lint import LintFinding

__all__ = ["lint", "lint_project_files"]

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_ACCEPT_DAYS = 90
_EXAMPLES = """\b
Examples:
  avroad schema lint
  avroad schema lint --fix
  avroad schema lint --strict --output github
  avroad schema explain ENUM_WITHOUT_DEFAULT

\b
Exit codes: 0 no errors (warnings only fail with --strict), 3 errors,
64 usage.
"""


@click.command(epilog=_EXAMPLES, short_help="Check the schemas against the rules of good contracts.")
@click.option("--fix", is_flag=True, help="Make the edits that change neither bytes nor meaning.")
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.option("--no-ignores", is_flag=True, help="Show also what admin/exceptions.yaml accepts.")
@click.option("--write-ignores", is_flag=True, help="Accept what is found now, for 90 days.")
@output_option("github")
@click.pass_obj
def lint(context: Context, *, fix: bool, strict: bool, no_ignores: bool, write_ignores: bool, output: str) -> int:
    """Check names, documentation, types and defaults of every schema, and what an event needs.

    Every finding names its rule, its place and what to do. What --fix writes is checked before: the data that the
    schema writes stay the same, byte for byte. A finding that is meant so is accepted in admin/exceptions.yaml, by
    rule, type and path (the place by names, as shown), with a reason and a last day.
    """
    if no_ignores and write_ignores:
        raise click.UsageError("--write-ignores and --no-ignores exclude each other")
    root = context.folder()
    files, findings = lint_project_files(root, ignores=not no_ignores)
    mended = fix and _mend(root, findings)
    if mended:
        files, findings = lint_project_files(root, ignores=not no_ignores)
    if write_ignores:
        findings = _accept(root, findings)
    numbers = Counter(finding.severity.value for finding in findings)
    summary = (
        f"{counted(files, 'file')}: {counted(numbers['error'], 'error')}, {counted(numbers['warning'], 'warning')}, "
        f"{counted(numbers['info'], 'note')}"
    )
    if output == "json":
        counts = {severity: numbers[severity] for severity in _COLOURS}
        emit({"files": files, "counts": counts, "findings": [_json(finding) for finding in findings]})
    elif output == "github":
        emit(_github(findings, summary))
    else:
        if findings:
            emit(_text(findings))
        if fix and findings and not mended and not any(finding.put for finding in findings):
            say("nothing to mend: no finding has a safe edit")
        say(summary + ("" if fix or not any(f.put for f in findings) else ". Some can be mended: --fix"))
    failed = numbers["error"] or (strict and numbers["warning"])
    return ExitCode.CONTRACT if failed else ExitCode.OK


def lint_project_files(root: Path, *, ignores: bool) -> tuple[int, tuple[LintFinding, ...]]:
    """Return how many files there are and what is found in them; ignores: but not what is accepted.

    Raises ContractError when `admin/exceptions.yaml` cannot be used.
    """
    from avroad.contracts.lint.ignores import accepted  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.lint.sources import lint_project  # noqa: PLC0415

    read, findings = lint_project(root)
    if ignores:
        findings = accepted(root, findings, today=datetime.now(UTC).date())
    return len(read.sources), findings


def _accept(root: Path, findings: tuple[LintFinding, ...]) -> tuple[LintFinding, ...]:
    """Write exceptions for what is found and return what is left: what is wrong with exceptions themselves."""
    from avroad.config.replace import replace_text  # noqa: PLC0415  # only --write-ignores writes
    from avroad.contracts.exceptions import EXCEPTIONS_FILE  # noqa: PLC0415
    from avroad.contracts.lint.ignores import exceptions_text  # noqa: PLC0415

    path = root / EXCEPTIONS_FILE
    until = datetime.now(UTC).date() + timedelta(days=_ACCEPT_DAYS)
    old = path.read_text("utf-8") if path.exists() else ""
    new, count = exceptions_text(old, findings, until=until)
    if count:
        replace_text(path, new)
    say(f"{EXCEPTIONS_FILE}  {count} accepted until {until}: give each its true reason")
    return lint_project_files(root, ignores=True)[1]


def _mend(root: Path, findings: tuple[LintFinding, ...]) -> bool:
    """Write the safe edits and say which files changed; say whether any did."""
    from avroad.cli.schema_fmt import outside  # noqa: PLC0415  # only --fix writes
    from avroad.config.replace import leads_outside, replace_text  # noqa: PLC0415
    from avroad.contracts.layout import layout  # noqa: PLC0415
    from avroad.contracts.lint.sources import read_sources, safe_edit  # noqa: PLC0415

    read, changed = read_sources(root), False
    for source in read.sources:
        edited = safe_edit(read, source, findings)
        if edited is None and any(f.put for f in findings if f.file == source.file):
            why = "libraries would read the data differently" if source.name in read.types else "mend its errors first"
            say(f"{printable(source.file)}  left as it is: {why}")
        if edited is not None and leads_outside(root / source.file, root):
            raise ContractError("some findings cannot be mended", problems=(outside(source.file),))
        if edited is not None:
            replace_text(root / source.file, layout(edited, file=source.file))
            done = [finding.rule for finding in findings if finding.file == source.file and finding.put]
            say(f"{printable(source.file)}  mended: {', '.join(sorted(set(done)))}")
            changed = True
    return changed


def _text(findings: tuple[LintFinding, ...]) -> str:
    lines: list[str] = []
    file = ""
    for finding in findings:
        if finding.file != file:
            lines += ["", printable(finding.file)] if lines else [printable(finding.file)]
            file = finding.file
        word = style(finding.severity.value, _COLOURS[finding.severity.value])
        lines.append(f"  {word} {finding.rule} at {finding.field_path}")
        for text in (f"{finding.path}: {finding.message}", f"fix: {finding.fix}"):
            lines += textwrap.wrap(
                printable(text), 80, initial_indent="      ", subsequent_indent="        ", break_on_hyphens=False
            )
    return "\n".join(lines)


def _json(finding: LintFinding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.file,
        "type": finding.type,
        "path": finding.path,
        "field_path": finding.field_path,
        "label": finding.label,
        "message": finding.message,
        "fix": finding.fix,
        "fixable": bool(finding.put),
    }


def _github(findings: tuple[LintFinding, ...], summary: str) -> str:
    from avroad.contracts.workflow import annotation  # noqa: PLC0415  # keeps help fast

    lines = []
    for finding in findings:
        text = f"{finding.label} ({finding.path}): {finding.message}; {finding.fix}"
        lines.append(annotation(_GITHUB[finding.severity.value], text, title=finding.rule, file=finding.file))
    return "\n".join([*lines, annotation("notice", summary, title="lint")])
