"""A rehearsal as text for people and as JSON. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from avroad.contracts.exceptions import EXCEPTIONS_FILE
from avroad.evolve.accepted import Acceptance
from avroad.evolve.matrix import Cell, Outcome, Rehearsal, SubjectMatrix
from avroad.evolve.rolling_words import ROLLING_LEGEND, rolling_json, rolling_text
from avroad.model import Framing

__all__ = ["examples_of", "records_of", "rehearsal_json", "rehearsal_text", "verdict_words"]

_WIDTH: Final = 80
_MARKS: Final = {
    Outcome.ALL: "all", Outcome.SOME: "some", Outcome.FAILS: "FAILS", Outcome.ELSE: "OTHER", Outcome.UNPLAYED: "-",
}  # fmt: skip
_MEANINGS: Final = {
    Outcome.ALL: "all: every record read as it was meant",
    Outcome.SOME: "some: some records cannot be read",
    Outcome.FAILS: "FAILS: none can be read",
    Outcome.ELSE: "OTHER: read without an error, but as something else",
    Outcome.UNPLAYED: "-: there is no data of that version",
}
_LABEL: Final = 15
_WARNINGS: Final = 10


def rehearsal_text(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield lines of at most 80 columns, where words allow it."""
    yield from _wrapped(f"against {rehearsal.against}")
    libraries = ", ".join(f"{name} {detail}".strip() for name, detail in rehearsal.libraries)
    yield from _wrapped(f"read by {libraries}; seed {rehearsal.seed}")
    for name, reason in rehearsal.unplayed:
        yield from _wrapped(f"not read by {name}: {reason}")
    for subject in rehearsal.subjects:
        yield ""
        yield from _subject(subject)
    yield ""
    yield from _wrapped("; ".join(_legend(rehearsal)))
    if any(subject.rolling is not None and subject.rolling.upgrades for subject in rehearsal.subjects):
        yield from _wrapped(ROLLING_LEGEND)
    for note in rehearsal.notes:
        yield from _wrapped(f"note: {note}")
    yield from _wrapped(_summary(rehearsal))


def _legend(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield what the marks mean that occur."""
    cells = [cell for subject in rehearsal.subjects for cell in subject.cells]
    outcomes = {cell.outcome for cell in cells}
    yield from (text for outcome, text in _MEANINGS.items() if outcome in outcomes)
    if any(cell.remapped for cell in cells):
        yield "~: with an enum's default in place of the symbol written, which Avro allows"
    if any(cell.unconverted for cell in cells):
        yield "a conversion that a schema declares (avroad.converts) helps avroad's readers only"


def _summary(rehearsal: Rehearsal) -> str:
    count, missed = len(rehearsal.subjects), sum(not subject.met for subject in rehearsal.subjects)
    word = "subject" if count == 1 else "subjects"
    records = sum(cell.records for subject in rehearsal.subjects for cell in subject.cells)
    played = [upgrade for subject in rehearsal.subjects if subject.rolling for upgrade in subject.rolling.upgrades]
    sent = sum(upgrade.ids.sent for upgrade in played)
    events = f", {sent:,} events in {len(played)} rolling upgrades" if played else ""
    done = f"{records:,} readings{events} in {rehearsal.seconds:.1f} s"
    accepted = sum(len(subject.acceptance.accepted) for subject in rehearsal.subjects)
    if accepted:
        done = f"{accepted} accepted in {EXCEPTIONS_FILE}; {done}"
    if missed:
        verb = "does not meet its" if missed == 1 else "do not meet their"
        return f"{missed} of {count} {word} {verb} declared mode; {done}"
    return f"ok: {count} {word} {'meets its' if count == 1 else 'meet their'} declared mode; {done}"


def _subject(subject: SubjectMatrix) -> Iterator[str]:
    play = subject.in_play
    yield from _wrapped(f"{'ok' if subject.met else 'FAIL'} {play.spec.subject} ({play.spec.level})")
    for version in play.versions:
        yield from _wrapped(f"  {version.label}: {', '.join(dict.fromkeys(version.origins))}")
    if subject.framing is not Framing.ID:
        yield from _wrapped(f"  framing of its topic: {subject.framing}")
    if play.left_out:
        yield from _wrapped(f"  {play.left_out} older versions are not played")
    yield ""
    yield from _matrix(subject)
    yield ""
    for who, cell in examples_of(subject):
        yield from _example(who, cell)
    for sentence in verdict_words(subject):
        yield from _wrapped(f"  {sentence}")
    if len(play.versions) > 1:
        yield from _order(subject)
    if subject.rolling is not None:
        for line, may_wrap in rolling_text(subject.rolling):
            yield from _wrapped(line) if may_wrap else (line,)


def _order(subject: SubjectMatrix) -> Iterator[str]:
    yield from _wrapped(f"  order: {subject.advice.order}")
    for number, step in enumerate(subject.steps, 1):
        yield from _wrapped(f"    {number}. {step.text}")
        if step.pairs:
            shown = ", ".join(f"{_short(writer)} -> {_short(reader)}" for writer, reader in step.pairs)
            yield from _wrapped(f"       {'proven by' if step.holds else 'NOT proven by'} {shown}")


def _matrix(subject: SubjectMatrix) -> Iterator[str]:
    libraries = list(dict.fromkeys(cell.implementation for cell in subject.cells))
    required = set(subject.required)
    rows = []
    for writer, reader in subject.pairs:
        cells = subject.of(writer, reader)
        mark = "*" if (writer, reader) in required else " "
        rows.append([f"{mark} {_short(writer)} -> {_short(reader)}", records_of(cells), *map(_mark, cells)])
    table = [["  writer -> reader", "records", *libraries], *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    if required:
        yield f"  * what {subject.in_play.spec.level} asks for"


def records_of(cells: Sequence[Cell]) -> str:
    """Return how many records a pair was played with, and how many of them are real ones."""
    first = cells[0]
    return f"{first.records} ({first.real} real)" if first.real else str(first.records)


def _mark(cell: Cell) -> str:
    mark = _MARKS[cell.outcome]
    if cell.outcome is Outcome.SOME:
        return f"{mark} {cell.records - cell.failed}"
    if cell.outcome is Outcome.ELSE:
        return f"{mark} {cell.different}"
    return f"{mark} ~{cell.remapped}" if cell.remapped else mark


def examples_of(subject: SubjectMatrix) -> list[tuple[str, Cell]]:
    """Return a cell per example, with the pairs and the libraries it is one of: what says the same is put together."""
    found: dict[tuple[object, ...], tuple[list[str], Cell]] = {}
    for cell in subject.cells:
        if cell.example is not None:
            key = (cell.writer, cell.reader, cell.example, cell.failed, cell.different, cell.remapped)
            found.setdefault(key, ([], cell))[0].append(cell.implementation)
    pairs: dict[tuple[object, ...], tuple[list[str], str, Cell]] = {}
    for (_, _, *same), (names, cell) in found.items():
        libraries = ", ".join(names)
        known = pairs.setdefault((*same, cell.records, libraries), ([], libraries, cell))
        known[0].append(f"{_short(cell.writer)} -> {_short(cell.reader)}")
    return [(f"{', '.join(those)}, {libraries}", cell) for those, libraries, cell in pairs.values()]


def _example(who: str, cell: Cell) -> Iterator[str]:
    example = cell.example
    assert example is not None  # the caller chose
    count = cell.different or cell.failed or cell.remapped
    outcome = cell.outcome.value if cell.failed or cell.different else "symbols replaced by a default"
    yield from _wrapped(f"  {who}: {outcome}, {count} of {cell.records} records")
    yield from _wrapped(f"    {example.place}: {example.what} - at {example.path}")


def verdict_words(subject: SubjectMatrix) -> Iterator[str]:
    """Yield what registry and engine say, and whether all agree, a sentence a line."""
    history, verdict = subject.history, subject.verdict
    if len(subject.in_play.versions) == 1:
        yield "there is one version only: nothing is held against it"
        return
    if subject.required:
        registry = {True: "compatible", False: "incompatible", None: "no answer"}[verdict.compatible]
        yield f"registry: {registry}"
        compatible = {True: "yes", False: "no", None: "no verdict"}[history.compatible]
        yield (
            f"engine: compatible {compatible}, safe {'yes' if history.safe else 'no'}, "
            f"same meaning {'yes' if history.same_meaning else 'no'}"
        )
    else:
        yield f"mode {subject.in_play.spec.level} asks for nothing: neither registry nor engine judges, and all is met"
    yield from (f"the engine warns: {warning}" for warning in subject.warnings[:_WARNINGS])
    yield from _accepted(subject.acceptance)
    yield from _unconverted(subject)
    if not subject.disagreements:
        yield "all agree" + (", as far as readers use avroad" if subject.unconverted else "")
    yield from (f"not agreed: {sentence}" for sentence in subject.disagreements)


def _accepted(acceptance: Acceptance) -> Iterator[str]:
    for each in acceptance.accepted:
        where = ", ".join(f"{_short(writer)} -> {_short(reader)}" for writer, reader in each.pairs)
        yield f"{f'{where}: ' if where else ''}{each.words}"


def _unconverted(subject: SubjectMatrix) -> Iterator[str]:
    """Yield who does not convert what the schema declares, and who would have to know."""
    libraries: dict[tuple[str, str], list[str]] = {}
    for cell in subject.unconverted:
        text = f"{cell.implementation} ({cell.unconverted} of {cell.records} records)"
        libraries.setdefault((cell.writer, cell.reader), []).append(text)
    for (writer, reader), texts in libraries.items():
        yield (
            f"warning: {_short(writer)} -> {_short(reader)}: avroad converts, as the schema declares, and other "
            f"libraries read another value: {', '.join(texts)}"
        )
    if libraries:
        spec, readers = subject.in_play.spec, subject.in_play.readers
        who = f"declared readers are {', '.join(readers)}" if readers else "no reader is declared"
        yield f"warning: every reader of {spec.topic or spec.type_name} must use avroad; {who}"


def rehearsal_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return everything, for programs; its field names are stable."""
    return {
        "met": rehearsal.met,
        "against": rehearsal.against,
        "seed": rehearsal.seed,
        "seconds": round(rehearsal.seconds, 3),
        "libraries": [{"name": name, "version": detail or None} for name, detail in rehearsal.libraries],
        "not_run": [{"name": name, "reason": reason} for name, reason in rehearsal.unplayed],
        "notes": list(rehearsal.notes),
        "subjects": [_subject_json(subject) for subject in rehearsal.subjects],
    }


def _subject_json(subject: SubjectMatrix) -> dict[str, Any]:
    play, history = subject.in_play, subject.history
    return {
        "subject": play.spec.subject,
        "type": play.spec.type_name,
        "mode": play.spec.level.value,
        "met": subject.met,
        "versions": [
            {"label": version.label, "origins": list(dict.fromkeys(version.origins)), "fingerprint": version.id}
            for version in play.versions
        ],
        "versions_left_out": play.left_out,
        "cells": [_cell_json(cell) for cell in subject.cells],
        "required": [{"writer": writer, "reader": reader} for writer, reader in subject.required],
        "registry": {"compatible": subject.verdict.compatible, "reasons": list(subject.verdict.reasons)},
        "engine": {
            "compatible": history.compatible, "safe": history.safe, "same_meaning": history.same_meaning,
        },
        "warnings": list(subject.warnings),
        "accepted": [
            {
                "rule": each.rule,
                "path": each.path,
                "reason": each.reason,
                "until": each.until.isoformat(),
                "pairs": [{"writer": writer, "reader": reader} for writer, reader in each.pairs],
            }
            for each in subject.acceptance.accepted
        ],
        "readers": list(play.readers),
        "framing": subject.framing.value,
        "agree": not subject.disagreements,
        "disagreements": list(subject.disagreements),
        "order": subject.advice.order.value,
        "steps": [
            {
                "text": step.text,
                "proof": [{"writer": writer, "reader": reader} for writer, reader in step.pairs],
                "holds": step.holds,
            }
            for step in subject.steps
        ],
        "rolling": rolling_json(subject.rolling),
    }  # fmt: skip


def _cell_json(cell: Cell) -> dict[str, Any]:
    example = cell.example
    return {
        "writer": cell.writer,
        "reader": cell.reader,
        "library": cell.implementation,
        "outcome": cell.outcome.value,
        "records": cell.records,
        "real_records": cell.real,
        "failed": cell.failed,
        "different": cell.different,
        "remapped": cell.remapped,
        "unconverted": cell.unconverted,
        "example": None if example is None else {"record": example.place, "path": example.path, "what": example.what},
    }


def _short(label: str) -> str:
    """A version of git is its commit and its day: the commit will do."""
    label = label.partition(" ")[0]
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 3]}..."


def _wrapped(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line, _WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False
    ) or [""]
