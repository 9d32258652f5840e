"""The part of README.md that quotes the results: written from them by a whole run, never by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

__all__ = ["quote", "replaced"]

_BEGIN: Final = "<!-- written by make bench -->\n"
_END: Final = "<!-- end of what make bench writes -->\n"
_COLUMNS: Final = (
    ("encode", "encode", "avroad, class", "fastavro"),
    ("decode", "decode", "avroad, class", "fastavro"),
    ("decode evolved", "decode", "avroad, class, evolved", "fastavro, evolved"),
)
_WAYS: Final = ("produce", "consume", "end to end")
_MEASURE: Final = "Confluent serdes"
_SHOWN: Final = ("Python", "machine", "load before", "confluent-kafka", "fastavro")


def quote(results: Mapping[str, Any]) -> str:
    """Return what README.md says about results, as their JSON form holds them."""
    shown = ", ".join(
        f"{name} {results['environment'][name]}" for name in _SHOWN if name in results["environment"]
    )  # fmt: skip
    lines = [f"Medians of interleaved rounds on {results['cluster'] or 'no Kafka'}; {shown}:", ""]
    lines += _table(["how many times as fast", "median", "rounds", "by CPU", "floor"], map(_target, results["targets"]))
    lines += ["", f"Every way through Kafka, as many times as fast as {_MEASURE} on Confluent's plain clients:", ""]
    lines += _table(["", *_WAYS], _ways(results["tables"]))
    lines += ["", "avroad's classes against fastavro tuned by hand, by kind of event:", ""]
    lines += _table(["", *(head for head, *_ in _COLUMNS)], _shapes(results["tables"]))
    return "\n".join([*lines, ""])


def replaced(text: str, quoted: str) -> str:
    """Return README.md's text with the quotation in its place. Raises ValueError when the place is not marked."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md has no place for the results: {_BEGIN.strip()} to {_END.strip()}")
    return f"{before}{begin}\n{quoted}\n{end}{after}"


def _target(target: Mapping[str, Any]) -> list[str]:
    if "median" not in target:
        return [target["title"], "not measured", "", "", _floor(target)]
    spread = f"{target['low']:.2f}-{target['high']:.2f}"
    return [target["title"], f"{target['median']:.2f}", spread, f"{target['by_cpu']:.2f}", _floor(target)]


def _floor(target: Mapping[str, Any]) -> str:
    bound = f"at most {target['floor']:g}" if target["at_most"] else f"{target['floor']:g}"
    return bound if target["held"] else f"{bound}, **not held**"


def _ways(tables: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    found = {table["name"]: {row["name"]: row["times"] for row in table["rows"]} for table in tables}
    measured = [found.get(name, {}) for name in _WAYS]
    for way in measured[0]:
        ratios = [table.get(way, {}).get(_MEASURE) for table in measured]
        yield [way, *(f"{ratio['median']:.2f}" if ratio else "" for ratio in ratios)]


def _shapes(tables: Sequence[Mapping[str, Any]]) -> Iterable[list[str]]:
    found = {table["name"]: {row["name"]: row["times"] for row in table["rows"]} for table in tables}
    for table in tables:
        kind, _, shape = table["name"].partition(" ")
        if kind == "encode" and f"decode {shape}" in found:
            cells = [f"{found[f'{part} {shape}'][fast][slow]['median']:.2f}" for _, part, fast, slow in _COLUMNS]
            yield [table["title"], *cells]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
