"""Rows of a STATS19 file: every line becomes a row or a refusal that names file, line and reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from avroad.errors import ConfigError

__all__ = ["Refusal", "Row", "read_rows"]

NEEDED: Final = ("Date", "Location_Easting_OSGR", "Location_Northing_OSGR")
"""Columns a row's identity is made of: without them nothing can be told apart."""

_MAX_LINE: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file; cells by column name, without surrounding blanks."""

    file: str
    line: int
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A line that did not become an event. reason: a closed set of sentences; detail: what stood there."""

    file: str
    line: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


def read_rows(path: Path) -> Iterator[Row | Refusal]:
    """Yield every line below the header that is not blank.

    Each line is read by itself, because no cell of this format holds a line break: an unclosed quotation mark costs
    one row, never the rest of the file. A byte order mark and either kind of line end are accepted.
    Raises ConfigError when the file has no STATS19 header.
    """
    file = path.as_posix()
    # Bytes that are no UTF-8 survive as lone surrogates, so that one bad row does not end the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        header: list[str] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if not header:
                header = _header(line, file)
                continue
            yield _row(line, header, file, number)
    if not header:
        raise ConfigError("not a STATS19 file", expected="a header line", found="an empty file", file=file)


def _header(line: str, file: str) -> list[str]:
    names = [name.strip() for name in next(csv.reader([line[:_MAX_LINE]]))]
    lost = [name for name in NEEDED if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if lost or twice:
        found = f"no {', '.join(lost)}" if lost else f"{', '.join(twice)} more than once"
        raise ConfigError(
            "not a STATS19 file of collisions",
            expected=f"columns {', '.join(NEEDED)}, each once",
            found=found,
            file=file,
            hint="Is it the collisions (accidents) table, comma-separated, with its header?",
        )
    return names


def _row(line: str, header: list[str], file: str, number: int) -> Row | Refusal:
    if len(line) > _MAX_LINE:
        return Refusal(file=file, line=number, reason="line too long", detail=f"{len(line)} characters")
    if not line.isascii() and any("\udc80" <= char <= "\udcff" for char in line):
        return Refusal(file=file, line=number, reason="not UTF-8")
    try:
        cells = next(csv.reader([line.rstrip("\r\n")], strict=True))
    except csv.Error as error:
        return Refusal(file=file, line=number, reason="not CSV", detail=str(error))
    if len(cells) != len(header):
        found = f"{len(cells)} of {len(header)}"
        return Refusal(file=file, line=number, reason="wrong number of cells", detail=found)
    return Row(file=file, line=number, cells={k: v.strip() for k, v in zip(header, cells, strict=True)})
