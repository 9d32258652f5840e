"""One run as a value, and its forms: Markdown for people, JSON for programs."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.rounds import Table, Times
from bench.targets import Verdict

__all__ = ["Report", "as_json", "as_markdown", "environment"]

_LIBRARIES: Final = ("confluent-kafka", "fastavro", "avro", "cavro", "avroc")
_HEAD: Final = """# What the benchmarks found

Written by `{command}`. Only ratios within one table mean anything: its candidates ran interleaved, in another order
each round, and a ratio is the median over rounds, with the lowest and the highest round in brackets. Times are
microseconds per event, the best round and the median, by process CPU for codecs and by the wall for Kafka.
"""
_NOTES: Final = """## What these numbers leave out

- Kafka is {cluster}.
- Every codec is measured with the checks it makes by default. avroad refuses trailing bytes, overlong numbers, wrong
  booleans and enum indexes, numbers out of range and naive times; the others accept some or all of these.
- avroad's codec rows and hand-tuned fastavro find the decoder by the five bytes of the frame; Confluent's serdes also
  look up the subject. Peers are given and give plain data.
- `avroad codec` is the codec on Confluent's plain clients. `avroad platform` is Publisher and Runner: contracts,
  CloudEvents headers, a future per send, watermarks; its bound is `raw, all parts`, raw bytes with the same arguments.
- Frameworks ran in processes and environments of their own, in the same rounds, with fewer events per run.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run. environment: what it ran on, by name; cluster: which Kafka, "" when none was measured."""

    command: str
    environment: Mapping[str, str]
    cluster: str
    tables: tuple[Table, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def held(self) -> bool:
        """Whether every floor that was measured holds."""
        return all(verdict.held for verdict in self.verdicts)


def environment(versions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return machine and versions. versions: of frameworks, each with those of its own environment."""
    found = {
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "machine": f"{_cpu()}, {os.cpu_count()} cores, {platform.system()}",
        "load before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
    }
    found |= {name: version for name in _LIBRARIES if (version := _version(name))}
    for name, own in versions.items():
        rest = ", ".join(f"{library} {version}" for library, version in own.items() if library != name)
        found[name] = f"{own.get(name, 'unknown')} (with {rest})"
    return found


def as_markdown(report: Report) -> str:
    """Return the whole report as Markdown."""
    lines = [_HEAD.format(command=report.command)]
    lines += [f"- {name}: {value}" for name, value in report.environment.items()]
    lines += ["", "## Targets", "", *_targets(report.verdicts), ""]
    for table in report.tables:
        lines += [f"## {table.name}", "", f"{table.title}; {table.rounds} rounds.", ""]
        for bases in dict.fromkeys(row.bases for row in table.rows if row.bases[0] == row.name):
            lines += [*_rows(table, [row for row in table.rows if _group(table, row) == bases]), ""]
        lines += [f"- not measured: {name} ({reason})" for name, reason in table.skipped.items()]
        lines += [""] if table.skipped else []
    lines.append(_NOTES.format(cluster=report.cluster or "not measured here"))
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """Return the whole report as JSON."""
    value = {
        "command": report.command,
        "environment": dict(report.environment),
        "cluster": report.cluster,
        "targets": [_verdict_value(verdict) for verdict in report.verdicts],
        "tables": [_table_value(table) for table in report.tables],
    }
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _group(table: Table, row: Times) -> tuple[str, ...]:
    """Return the bases of the group a row is shown in: a base with a base of its own is shown with that one."""
    return table.row(row.bases[0]).bases


def _rows(table: Table, rows: list[Times]) -> list[str]:
    bases = rows[0].bases
    wall = table.clock == "wall"
    heads = ["", *(f"times as fast as {base}" for base in bases), "best us", "median us"]
    heads += ["median CPU us"] if wall else []
    lines = [_line(heads), _line(["---", *["---:"] * (len(heads) - 1)])]
    for row in rows:
        cells = [row.name]
        for base, own in zip(bases, row.bases, strict=True):
            cells.append(_ratio(table, row.name, own) + ("" if own == base else f" of {own}"))
        times = table.times(row.name)
        cells += [f"{min(times):.2f}", f"{statistics.median(times):.2f}"]
        cells += [f"{statistics.median(row.cpu_us):.2f}"] if wall else []
        lines.append(_line(cells))
    return lines


def _ratio(table: Table, name: str, base: str) -> str:
    if name == base:
        return "1"
    found = table.ratio(name, base)
    return f"{found.median:.2f} ({found.low:.2f}-{found.high:.2f})"


def _targets(verdicts: Iterable[Verdict]) -> list[str]:
    heads = ["", "median", "rounds", "by CPU", "floor", "goal", ""]
    lines = [_line(heads), _line(["---", *["---:"] * 5, "---"])]
    for verdict in verdicts:
        target = verdict.target
        sign = "at most " if target.at_most else ""
        goal = "" if target.goal is None else f"{target.goal:g}"
        value = "" if verdict.value is None else f"{verdict.value:.2f}"
        spread = "" if verdict.value is None else f"{verdict.low:.2f}-{verdict.high:.2f}"
        cpu = "" if verdict.value is None else f"{verdict.cpu:.2f}"
        lines.append(_line([target.title, value, spread, cpu, f"{sign}{target.floor:g}", goal, outcome(verdict)]))
    return lines


def outcome(verdict: Verdict) -> str:
    """Return a verdict in a few words."""
    if verdict.value is None:
        return "not measured"
    if not verdict.held:
        return "BELOW ITS FLOOR" if not verdict.target.at_most else "ABOVE ITS LIMIT"
    return "goal reached" if verdict.reached else "holds"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table_value(table: Table) -> dict[str, Any]:
    rows = []
    for row in table.rows:
        ratios = {base: _ratio_value(table, row.name, base) for base in row.bases}
        times = {"best_us": min(table.times(row.name)), "median_us": statistics.median(table.times(row.name))}
        cpu = {"median_cpu_us": statistics.median(row.cpu_us)}
        rows.append({"name": row.name, "times": ratios, **_rounded({**times, **cpu})})
    return {
        "name": table.name,
        "title": table.title,
        "clock": table.clock,
        "rounds": table.rounds,
        "rows": rows,
        "not_measured": dict(table.skipped),
    }


def _ratio_value(table: Table, name: str, base: str) -> dict[str, float]:
    found = table.ratio(name, base)
    return _rounded({"median": found.median, "low": found.low, "high": found.high, "best": found.best})


def _verdict_value(verdict: Verdict) -> dict[str, Any]:
    target = verdict.target
    bounds = {"floor": target.floor, "goal": target.goal, "at_most": target.at_most}
    ratios = {"median": verdict.value or 0.0, "low": verdict.low, "high": verdict.high, "by_cpu": verdict.cpu}
    measured = {} if verdict.value is None else _rounded(ratios)
    return {
        "title": target.title,
        "table": target.table,
        **bounds,
        **measured,
        "held": verdict.held,
        "outcome": outcome(verdict),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _cpu() -> str:
    """Return the processor's name where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
