"""Text as the default of a float or double, which Java takes for a number while it parses a schema.

Source: apache/avro, lang/java, `Schema.parseField` and `Double.valueOf`, release 1.12.2.
"""

from __future__ import annotations

import re
import struct
from math import inf, isfinite, isnan
from typing import Final

__all__ = ["NotFinite", "number_in_text"]

_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"[+-]?0[xX]([\da-fA-F]+\.?|[\da-fA-F]*\.[\da-fA-F]+)[pP][+-]?\d+[fFdD]?", re.ASCII)
_WORD: Final = re.compile(r"[+-]?(NaN|Infinity)")
_SUFFIXES: Final = "fFdD"
_BLANK: Final = "".join(map(chr, range(33)))
"""What Java's `trim` takes away."""


class NotFinite(float):
    """A number that JSON has none for: NaN or an infinity. One NaN equals the other, as text does."""

    @property
    def text(self) -> str:
        """The word for it that Java reads in a schema."""
        return "NaN" if isnan(self) else "Infinity" if self > 0 else "-Infinity"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotFinite) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def number_in_text(text: str, *, single: bool) -> float:
    """Return the number that Java reads. single: whether it has 32 bits, and what is larger is an infinity.

    Raises ValueError for text that is no number.
    """
    number = _read(text.strip(_BLANK))
    if single and isfinite(number):
        try:
            struct.pack("<f", number)
        except OverflowError:
            number = inf if number > 0 else -inf
    return number if isfinite(number) else NotFinite(number)


def _read(text: str) -> float:
    if _WORD.fullmatch(text):
        return float(text)
    if _DECIMAL.fullmatch(text):
        return float(text.rstrip(_SUFFIXES))
    if not _HEXADECIMAL.fullmatch(text):
        raise ValueError("text that is no number")
    try:
        return float.fromhex(text.rstrip(_SUFFIXES))  # which ends in the exponent, and that is decimal
    except OverflowError:
        return -inf if text.startswith("-") else inf
