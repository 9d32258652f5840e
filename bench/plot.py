"""The report as one picture: bars that begin at zero, each with the spread of its rounds, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bench.report import Report
from bench.rounds import Table

__all__ = ["as_svg"]

_WIDTH: Final = 1000
_PANEL: Final = 480
_GAP: Final = 40
_LABELS: Final = 150
_VALUES: Final = 50
_BAR: Final = 16
_ROW: Final = 24
_HEAD: Final = 52
_SPREAD: Final = 1.2
_STYLE: Final = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .note { font-size: 12px; fill: #59636e; }
  .ours { fill: #0969da; }
  .other { fill: #afb8c1; }
  .base { stroke: #59636e; stroke-dasharray: 3 3; }
  .spread { stroke: #1f2328; stroke-width: 1.2; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: a median ratio between its lowest and its highest round."""

    label: str
    value: float
    low: float
    high: float
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One group of bars with one scale of its own. note: what 1 means."""

    title: str
    note: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        """How tall it is drawn."""
        return _HEAD + _ROW * len(self.bars)


def as_svg(report: Report) -> str:
    """Return the picture; panels without measurements are left out."""
    panels = [panel for panel in _panels({table.name: table for table in report.tables}) if panel.bars]
    columns: list[list[Panel]] = [[], []]
    for panel in panels:
        min(columns, key=_height).append(panel)
    height = max(map(_height, columns)) + 40
    body = [line for x, column in zip((0, _PANEL + _GAP), columns, strict=True) for line in _column(column, x)]
    versions = ", ".join(f"{name} {report.environment[name]}" for name in _SHOWN if name in report.environment)
    foot = f'<text class="note" x="0" y="{height - 8}">{escape(versions)}</text>'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -10 {_WIDTH + 40} {height + 20}" role="img">',
        "<title>How fast avroad is, as ratios to its peers</title>",
        f"<style>{_STYLE}</style>",
        f'<rect x="-20" y="-10" width="{_WIDTH + 40}" height="{height + 20}" fill="#ffffff"/>',
        *body,
        foot,
        "</svg>",
        "",
    ])  # fmt: skip


_SHOWN: Final = ("Python", "machine", "confluent-kafka", "fastavro")
_SHAPE_ROWS: Final = (
    ("encode", "encode", "avroad, class", "fastavro"),
    ("decode", "decode", "avroad, class", "fastavro"),
    ("evolved", "decode", "avroad, class, evolved", "fastavro, evolved"),
)


def _panels(tables: dict[str, Table]) -> Iterable[Panel]:
    serdes, raw = "1 = Confluent's serde; longer is faster", "1 = raw bytes; longer is faster"
    # Each panel goes into the column that is shorter, so the tall one comes early.
    yield _panel(tables.get("encode light"), "Encode, light event", serdes, "AvroSerializer")
    yield Panel(
        title="Other events: avroad's classes against fastavro",
        note="1 = fastavro tuned by hand; longer is faster",
        bars=tuple(_shapes(tables)),
    )
    yield _panel(tables.get("decode light"), "Decode of evolved events, light", serdes, "AvroDeserializer, evolved")
    yield _panel(tables.get("decode light"), "Decode of the writer's schema, light", serdes, "AvroDeserializer")
    yield _panel(tables.get("produce"), "Produce to Kafka", raw, "raw")
    yield _panel(tables.get("consume"), "Consume evolved events from Kafka", raw, "raw")
    hidden = ("raw", "raw, all parts")
    note = "1 = Confluent's serdes and clients; longer is faster"
    yield _panel(tables.get("end to end"), "Produce, then consume evolved", note, "Confluent serdes", hidden)


def _panel(table: Table | None, title: str, note: str, base: str, hidden: Sequence[str] = ()) -> Panel:
    bars = []
    for row in table.rows if table is not None else ():
        assert table is not None
        if row.name in hidden or table.row(row.bases[0]).bases[0] != table.row(base).bases[0]:
            continue
        found = table.ratio(row.name, base)
        label = row.name.removesuffix(", evolved")
        ours = label.startswith("avroad")
        bars.append(Bar(label=label, value=found.median, low=found.low, high=found.high, ours=ours))
    return Panel(title=title, note=note, bars=tuple(sorted(bars, key=lambda bar: -bar.value)))


def _shapes(tables: dict[str, Table]) -> Iterable[Bar]:
    for name in [name.partition(" ")[2] for name in tables if name.startswith("encode ")]:
        for label, kind, fast, slow in _SHAPE_ROWS:
            table = tables.get(f"{kind} {name}")
            if name != "light" and table is not None:
                found = table.ratio(fast, slow)
                yield Bar(label=f"{name}, {label}", value=found.median, low=found.low, high=found.high, ours=True)


def _height(column: list[Panel]) -> int:
    return sum(panel.height + _GAP for panel in column)


def _column(panels: list[Panel], x: int) -> list[str]:
    lines, y = [], 0
    for panel in panels:
        lines += [f'<g transform="translate({x} {y})">', *_drawn(panel), "</g>"]
        y += panel.height + _GAP
    return lines


def _drawn(panel: Panel) -> list[str]:
    # Room for the spread, but a single round far above its median must not flatten all other bars.
    most = max(1.0, *(min(bar.high, _SPREAD * bar.value) for bar in panel.bars))
    scale = (_PANEL - _LABELS - _VALUES) / most
    one = _LABELS + scale
    lines = [
        f'<text class="title" x="0" y="16">{escape(panel.title)}</text>',
        f'<text class="note" x="0" y="34">{escape(panel.note)}</text>',
    ]
    for i, bar in enumerate(panel.bars):
        y = _HEAD + i * _ROW
        low, high = (_LABELS + min(value, most) * scale for value in (bar.low, bar.high))
        middle, end = y + _BAR / 2, _LABELS + bar.value * scale
        kind = "ours" if bar.ours else "other"
        lines += [
            f'<text x="{_LABELS - 8}" y="{y + 13}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{kind}" x="{_LABELS}" y="{y}" width="{bar.value * scale:.1f}" height="{_BAR}"/>',
            f'<line class="spread" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>',
            f'<text x="{max(end, high) + 6:.1f}" y="{y + 13}">{_number(bar.value)}</text>',
        ]
    bottom = _HEAD + _ROW * len(panel.bars) - (_ROW - _BAR)
    lines.append(f'<line class="base" x1="{one:.1f}" y1="{_HEAD - 6}" x2="{one:.1f}" y2="{bottom + 4}"/>')
    return lines


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 2 else f"{value:.2f}"  # noqa: PLR2004  # two figures either way
