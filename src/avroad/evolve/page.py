"""A rehearsal as one HTML page: no script, no network, readable on a phone and on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from avroad.evolve.matrix import Cell, Outcome, Rehearsal, SubjectMatrix
from avroad.evolve.order import Step
from avroad.evolve.render import examples_of, records_of, verdict_words
from avroad.evolve.rolling_page import rolling_part
from avroad.evolve.rolling_words import ROLLING_LEGEND
from avroad.model import Framing

__all__ = ["rehearsal_page"]

_CLASSES: Final = {
    Outcome.ALL: "all", Outcome.SOME: "some", Outcome.FAILS: "fails", Outcome.ELSE: "else", Outcome.UNPLAYED: "none",
}  # fmt: skip
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8885; --ok: #1a7f37; --bad: #c62828; --odd: #9a6700; --else: #8250df; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .6rem 0; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { font-weight: 600; background: #8881; } td.n { text-align: right; }
td.all { color: var(--ok); } td.some { color: var(--odd); } td.fails { color: var(--bad); font-weight: 600; }
td.else { color: var(--else); font-weight: 600; } td.none { opacity: .6; }
tr.asked th:first-child { border-left: 4px solid currentColor; }
.badge { border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; padding: .05rem .6rem; }
.badge { white-space: nowrap; }
.ok { color: var(--ok); } .bad { color: var(--bad); } small, .dim { opacity: .75; }
code { font-size: .9em; overflow-wrap: anywhere; } ol, ul { margin: .3rem 0; padding-left: 1.4rem; }
"""
_LEGEND: Final = (
    "<h2>How to read it</h2><ul>",
    "<li>Each row: data written with one version, read with another; each column: an Avro library.</li>",
    "<li><b>reads all</b>: every record, and every value as it was meant. <b>reads some</b>: the others fail.",
    " <b>means something else</b>: read without an error, but as another value.</li>",
    "<li>Rows with a thick edge are those that the subject's declared mode asks for.</li>",
    f"<li>{escape(ROLLING_LEGEND)}.</li></ul>",
)


def rehearsal_page(rehearsal: Rehearsal) -> str:
    """Return the page. Everything that comes from schemas and data is escaped."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>Evolution rehearsed</title><style>{_STYLE}</style></head><body>",
        f"<h1>Evolution rehearsed {_badge(rehearsal.met, 'declared modes met', 'a declared mode is not met')}</h1>",
        f'<p class="dim">{_line(rehearsal)}</p>',
        *(part for subject in rehearsal.subjects for part in _subject(subject)),
        *(_LEGEND if rehearsal.subjects else ()),
        *_notes(rehearsal),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _line(rehearsal: Rehearsal) -> str:
    if not rehearsal.subjects:
        return escape(f"Against {rehearsal.against}. Nothing was rehearsed: no subject changed.")
    libraries = ", ".join(f"{name} {detail}".strip() for name, detail in rehearsal.libraries)
    return escape(
        f"Against {rehearsal.against}. Through a real broker and registry, read by {libraries}; "
        f"seed {rehearsal.seed}, {rehearsal.seconds:.1f} s."
    )


def _notes(rehearsal: Rehearsal) -> Iterator[str]:
    said = [f"not read by {name}: {reason}" for name, reason in rehearsal.unplayed] + list(rehearsal.notes)
    if said:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{escape(text)}</li>" for text in said)
        yield "</ul>"


def _subject(subject: SubjectMatrix) -> Iterator[str]:
    spec = subject.in_play.spec
    yield f"<section><h2>{escape(spec.subject)} {_badge(subject.met, 'met', 'not met')}</h2>"
    versions = "; ".join(f"{v.label}: {', '.join(dict.fromkeys(v.origins))}" for v in subject.in_play.versions)
    framing = "" if subject.framing is Framing.ID else f"; framing of its topic: {subject.framing}"
    yield f'<p class="dim">{escape(spec.level.value)}. {escape(versions)}{framing}</p>'
    yield from _table(subject)
    examples = examples_of(subject)
    if examples:
        yield "<h3>First datum of each that fails or changes</h3><ul>"
        yield from (_example(who, cell) for who, cell in examples)
        yield "</ul>"
    yield "<ul>"
    yield from (f"<li>{escape(words.strip())}</li>" for words in verdict_words(subject))
    yield "</ul>"
    if len(subject.in_play.versions) > 1:
        yield f"<h3>Upgrade: {escape(subject.advice.order.value)}</h3><ol>"
        yield from (_step(step) for step in subject.steps)
        yield "</ol>"
    yield from rolling_part(subject.rolling)
    yield "</section>"


def _table(subject: SubjectMatrix) -> Iterator[str]:
    libraries = dict.fromkeys(cell.implementation for cell in subject.cells)
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("writer", "reader", "records", *libraries))
    yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'
    required = set(subject.required)
    for writer, reader in subject.pairs:
        cells = subject.of(writer, reader)
        row = '<tr class="asked">' if (writer, reader) in required else "<tr>"
        pair = f"<th>{escape(writer)}</th><th>{escape(reader)}</th>"
        yield f'{row}{pair}<td class="n">{records_of(cells)}</td>{"".join(map(_cell, cells))}</tr>'
    yield "</tbody></table></div>"


def _cell(cell: Cell) -> str:
    count = cell.different or cell.failed
    part = f"<br><small>{count} of {cell.records}</small>" if count else ""
    if cell.unconverted:
        part += f"<br><small>{cell.unconverted} for want of a conversion</small>"
    if cell.remapped:
        part += f"<br><small>{cell.remapped} with an enum's default</small>"
    return f'<td class="{_CLASSES[cell.outcome]}">{cell.outcome.value}{part}</td>'


def _example(who: str, cell: Cell) -> str:
    example = cell.example
    assert example is not None  # the caller chose
    head = escape(who.replace("->", "→"))
    where = escape(f"{example.place} at {example.path}")
    return f"<li><b>{head}</b>: <code>{where}</code> {escape(example.what)}</li>"


def _step(step: Step) -> str:
    proof = ", ".join(f"{writer} → {reader}" for writer, reader in step.pairs)
    if not proof:
        return f"<li>{escape(step.text)}</li>"
    kind, word = ("ok", "proven by") if step.holds else ("bad", "not proven by")
    return f'<li>{escape(step.text)} <small class="{kind}">{word} {escape(proof)}</small></li>'


def _badge(good: bool, yes: str, no: str) -> str:  # noqa: FBT001  # an answer, not a switch
    return f'<span class="badge {"ok" if good else "bad"}">{yes if good else no}</span>'
