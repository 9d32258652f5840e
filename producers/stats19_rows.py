"""Rows of a STATS19 file: every line becomes a row or a refusal that names file, line and reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from avroad.cli.streams import printable
from avroad.errors import ConfigError

__all__ = ["Refusal", "Row", "read_rows"]

NEEDED: Final = ("Date", "Location_Easting_OSGR", "Location_Northing_OSGR")
"""Columns a row's identity is made of: without them nothing can be told apart."""

_MAX_LINE: Final = 65_536
_HINT: Final = "Is it the collisions (accidents) table, comma-separated UTF-8 text, with its header?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file; cells by column name, without surrounding blanks."""

    file: str
    line: int
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A line that did not become an event. reason: a closed set of sentences; detail: what stood there.

    As text it is one line in which nothing of the file can steer a terminal.
    """

    file: str
    line: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}: {self.reason}" + (f" ({self.detail})" if self.detail else ""))


def read_rows(path: Path) -> Iterator[Row | Refusal]:
    """Yield every line below the header that is not blank.

    Each line is read by itself, because no cell of this format holds a line break: an unclosed quotation mark costs
    one row, never the rest of the file, and a quoted line break costs its two lines. A byte order mark and any kind
    of line end are accepted. Columns without a name are left out.
    Raises ConfigError when the file has no STATS19 header.
    """
    file = path.as_posix()
    # Bytes that are no UTF-8 survive as lone surrogates, so that one bad row does not end the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as text:
        header: list[str] = []
        for number, line in _lines(text):
            if not line.strip():
                continue
            if not header:
                header = _header(line, file)
                continue
            yield _row(line, header, file, number)
    if not header:
        raise ConfigError("not a STATS19 file", expected="a header line", found="an empty file", file=file)


def _lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers; of one that is too long only its beginning is ever in memory."""
    number = 0
    while line := text.readline(_MAX_LINE + 1):
        number += 1
        yield number, line.removesuffix("\n")
        while line and not line.endswith("\n"):  # only when the next one is wanted: some files never end
            line = text.readline(_MAX_LINE)  # the rest of the same line


def _header(line: str, file: str) -> list[str]:
    wrong = "" if len(line) <= _MAX_LINE else f"a line of more than {_MAX_LINE:,} characters"
    wrong = wrong or ("NUL bytes: text in UTF-16, or no text at all" if "\0" in line else "")
    wrong = wrong or ("bytes that are no UTF-8" if _has_foreign_bytes(line) else "")
    names = [] if wrong else [name.strip() for name in next(csv.reader([line]))]
    lost = [name for name in NEEDED if name not in names]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if lost or twice:
        found = wrong or (f"no {', '.join(lost)}" if lost else f"{', '.join(twice)} more than once")
        raise ConfigError(
            "not a STATS19 file of collisions",
            expected=f"columns {', '.join(NEEDED)}, each once",
            found=printable(found),
            file=file,
            hint=_HINT,
        )
    return names


def _row(line: str, header: list[str], file: str, number: int) -> Row | Refusal:
    if len(line) > _MAX_LINE:
        return Refusal(file=file, line=number, reason="line too long", detail=f"more than {_MAX_LINE:,} characters")
    if _has_foreign_bytes(line):
        return Refusal(file=file, line=number, reason="not UTF-8")
    if "\0" in line:
        return Refusal(file=file, line=number, reason="a NUL byte")
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        return Refusal(file=file, line=number, reason="not CSV", detail=str(error))
    if len(cells) != len(header):
        found = f"{len(cells)} of {len(header)}"
        return Refusal(file=file, line=number, reason="wrong number of cells", detail=found)
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name}
    return Row(file=file, line=number, cells=named)


def _has_foreign_bytes(line: str) -> bool:
    return not line.isascii() and any("\udc80" <= char <= "\udcff" for char in line)
