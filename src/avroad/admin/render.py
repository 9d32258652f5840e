"""Plans and reports as text for people. Pure: the caller decides where it goes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from avroad.admin.apply import ApplyReport
from avroad.admin.plan import Change, Plan
from avroad.admin.render_subjects import Paint, labelled, subject_lines, verdict_lines
from avroad.admin.settings import shown
from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig, SettingChange
from avroad.contracts.workflow import annotation

__all__ = ["github_lines", "one_line", "plan_text", "report_text", "summary"]

_WIDTH: Final = 80


def _plain(text: str, _colour: str) -> str:
    return text


def summary(plan: Plan) -> str:
    """Return the one line that scripts and people look for."""
    refused = len(plan.refusals)
    line = f"Plan: {len(plan.created)} to create, {len(plan.changed)} to change, {refused} refused"
    return f"{line} (the schema lock will be written)" if plan.lock_differs and not refused else line


def plan_text(plan: Plan, paint: Paint = _plain) -> str:
    """Return the whole plan: what it is for, each change with old and new values, refusals, warnings, summary."""
    brokers = f"{plan.brokers} broker" + ("" if plan.brokers == 1 else "s")
    lines = [f"Environment {plan.environment}: cluster {plan.cluster_id} ({brokers})", f"  registry {plan.registry}"]
    blocks: dict[str, list[str]] = {}  # a topic whose partitions and settings change is one block
    for change in plan.changes:
        head, *rest = [*_topic_lines(change, paint), ""]
        blocks.setdefault(head, []).extend(rest[:-1])
    topics = [line for head, rest in blocks.items() if head for line in (head, *rest)]
    subjects = list(subject_lines(plan, paint))
    for title, block in (("Topics", topics), ("Subjects", subjects)):
        if block:
            lines += ["", title, *block]
    if plan.lock_reasons:
        lines += ["", "Lock", *(line for text in plan.lock_reasons for line in _listed(f"~ {text}"))]
    if plan.refusals:
        lines += ["", "Refused"]
        for item in plan.refusals:
            lines.append(paint(f"  ! {item.target}", "red"))
            if item.change is None:
                lines += _indented(item.found)
            else:  # the reasons stand with the verdicts
                lines += [*_indented(item.found.partition(": ")[0]), *verdict_lines(item.change, paint)]
            lines += _indented(item.hint)
    if plan.warnings:
        lines += ["", "Warnings", *(paint(line, "yellow") for text in plan.warnings for line in _listed(f"* {text}"))]
    if plan.empty:
        state = (
            "nothing that apply would do."
            if plan.warnings
            else "cluster, registry and lock are what the repository declares."
        )
        lines += ["", f"No changes: {state}"]
    return "\n".join([*lines, "", summary(plan)])


def one_line(change: Change, *, done: bool = True) -> str:
    """Return one change as one line: of progress, or of what is still to do."""
    if isinstance(change, CreateTopic):
        plural = "s" * (change.partitions != 1)
        return f"{'created' if done else 'create'} topic {change.topic} ({change.partitions} partition{plural})"
    if isinstance(change, AddPartitions):
        return f"{'raised' if done else 'raise'} partitions of {change.topic} from {change.old} to {change.new}"
    if isinstance(change, SetConfig):
        keys = ", ".join(item.key for item in change.settings)
        return f"{'changed' if done else 'change'} settings of {change.topic}: {keys}"
    if isinstance(change, SetLevel):
        return f"set level of {change.subject} to {change.new}"
    line = f"{'registered' if done else 'register'} {change.type_name} under {change.subject}"
    return f"{line} (allowed to break)" if change.allowance is not None else line


def report_text(report: ApplyReport) -> str:
    """Return what was done, and after a failure what was not and that it is safe to go on."""
    created, changed, left = report.counts
    line = f"Applied: {created} created, {changed} changed" + (f", {left} left" if left else "")
    if report.lock is not None:
        line += f"; the lock holds {len(report.lock.subjects)} subject{'s' * (len(report.lock.subjects) != 1)}"
    if report.error is None:
        return line
    lines = [line]
    if report.remaining:
        lines += ["Not done:", *(f"  {one_line(change, done=False)}" for change in report.remaining)]
    if report.done:
        lines.append("What is done stands.")
    elif report.unsure:
        lines.append("No step was finished; the one that failed may have been carried out.")
    else:
        lines.append("Nothing was changed.")
    return "\n".join([*lines, "Run avroad plan again: it shows what is left."])


def github_lines(plan: Plan) -> str:
    """Return the plan as GitHub workflow annotations: errors for refusals, warnings for what drops data or breaks."""
    lines = [annotation("error", f"{r.target}: {r.found}. {r.hint}", title="refused") for r in plan.refusals]
    for change in plan.changes:
        if isinstance(change, SetConfig):
            lines += [
                annotation("warning", f"{change.topic}: {s.key} {s.destructive}", title="destructive")
                for s in change.settings
                if s.destructive
            ]
        elif isinstance(change, RegisterSchema) and change.allowance is not None:
            text = f"{change.subject}: {'; '.join(change.breaks)}. Allowed: {change.allowance.reason}"
            lines.append(annotation("warning", text, title="breaking"))
    lines += [annotation("warning", text, title="plan") for text in plan.warnings]
    return "\n".join([*lines, annotation("notice", summary(plan), title="plan")])


def _topic_lines(change: Change, paint: Paint) -> Iterator[str]:
    if isinstance(change, CreateTopic):
        owner = f"  owner {change.owner}" if change.owner else ""
        sizes = f"partitions {change.partitions}  replication {change.replication_factor}"
        yield paint(f"  + {change.topic}", "green") + f"  {sizes}{owner}"
        width = max((len(key) for key in change.config), default=0)
        for key, value in change.config.items():
            yield f"      {key.ljust(width)}  {shown(key, value)}"
    elif isinstance(change, AddPartitions):
        yield paint(f"  ~ {change.topic}", "yellow")
        yield f"      ~ partitions  {change.old} -> {change.new}  [allowed: {change.reason}]"
        if change.effect:
            yield from labelled("", change.effect)
    elif isinstance(change, SetConfig):
        yield paint(f"  ~ {change.topic}", "yellow")
        width = max(len(setting.key) for setting in change.settings)
        for setting in change.settings:
            yield f"      {_setting(setting, width, paint)}"


def _setting(setting: SettingChange, width: int, paint: Paint) -> str:
    old = shown(setting.key, setting.old)
    if setting.new is None:
        default = f" {shown(setting.key, setting.default)}" if setting.default else ""
        sign, text = "-", f"{old} -> broker default{default}"
    else:
        sign = "~" if setting.own else "+"
        text = (
            f"{old} -> {shown(setting.key, setting.new)}"
            if setting.own
            else (f"{old} (broker default) -> {shown(setting.key, setting.new)}")
        )
    line = f"{sign} {setting.key.ljust(width)}  {text}"
    if setting.destructive:
        line += "  " + paint(f"[destructive: {setting.destructive}]", "red")
    elif setting.caution:
        line += "  " + paint(f"[mind: {setting.caution}]", "yellow")
    return line


def _listed(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _indented(text: str) -> list[str]:
    indent = " " * 6
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
