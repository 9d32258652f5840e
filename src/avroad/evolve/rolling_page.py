"""The rolling upgrades of a subject for the HTML page of a rehearsal. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from avroad.evolve.rolling_words import rows_of, words_of
from avroad.evolve.upgrade import Rolling, Upgrade

__all__ = ["rolling_part"]


def rolling_part(rolling: Rolling | None) -> Iterator[str]:
    """Yield the part of the page; nothing when none was asked for. What comes from schemas and data is escaped."""
    if rolling is None:
        return
    if rolling.unplayed:
        yield f'<p class="dim">Rolling upgrade: not played, {escape(rolling.unplayed)}.</p>'
    for upgrade in rolling.upgrades:
        title, *sentences = words_of(upgrade, rolling)
        yield f"<h3>Rolling upgrade: {escape(title)}</h3>"
        yield from _table(upgrade)
        yield "<ul>"
        yield from (f"<li>{escape(sentence)}</li>" for sentence in sentences)
        yield "</ul>"


def _table(upgrade: Upgrade) -> Iterator[str]:
    head, *rows = rows_of(upgrade)
    heads = "".join(f"<th>{name}</th>" for name in head)
    yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'
    for phase, (step, sent, handled, dead, misread) in zip(upgrade.phases, rows, strict=True):
        dead_class = " fails" if phase.counts.dead_lettered else ""
        misread_class = " else" if phase.counts.misread else ""
        yield (
            f'<tr><th>{escape(step)}</th><td class="n">{sent}</td><td class="n">{handled}</td>'
            f'<td class="n{dead_class}">{dead}</td><td class="n{misread_class}">{misread}</td></tr>'
        )
    yield "</tbody></table></div>"
