"""Damaged bytes: truncated, flipped, spliced, with numbers that decoders get wrong."""

from __future__ import annotations

import random

BYTES = (0, 1, 2, 3, 4, 5, 0x7E, 0x7F, 0x80, 0x81, 0xC0, 0xED, 0xFE, 0xFF)
PIECES = (
    b"\x80\x00", b"\x81\x00", b"\x80" * 9 + b"\x01", b"\xff" * 9 + b"\x01", b"\xff" * 9 + b"\x02",
    b"\x80" * 10 + b"\x01",
    b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x10", b"\xfe\xff\xff\xff\x0f", b"\x80\x84\xaf\x5f", b"\xc0\x9a\x0c",
    b"\x01\x02\x02\x00", b"\x03\x04\x02\x02\x00", b"\x03\x02\x02\x02\x00", b"\x01\x01\x02\x00", b"\x02\x00\x00",
    b"\x04\xc0\x80",
    b"\x06\xed\xa0\x80", b"\x08\xf4\x90\x80\x80", b"\x02\x80", b"\x00\x00\xc0\x7f", b"\x01\x00\xa0\x7f",
)  # fmt: skip
"""Over-long and over-wide varints, INT64_MIN, counts of 10**8 and 100,000, block sizes that lie, bad UTF-8, NaNs."""


def mutant(body: bytes, other: bytes, rng: random.Random) -> bytes:
    """Return `body` with one to four changes; `other` is a second valid body of the same schema to splice from."""
    out = bytearray(body)
    for _ in range(1 if rng.random() < 0.6 else rng.randrange(2, 5)):
        at = int(rng.random() * (len(out) + 1))
        choice = int(rng.random() * 10)
        if choice == 0:
            del out[at:]
        elif choice <= 2 and at < len(out):
            out[at] ^= 1 << int(rng.random() * 8)
        elif choice == 3 and at < len(out):
            out[at] = BYTES[int(rng.random() * len(BYTES))]
        elif choice == 4 and at < len(out):
            out[at] = (out[at] + (2 if rng.random() < 0.5 else 254)) & 0xFF
        elif choice == 5:
            out[at:at] = PIECES[int(rng.random() * len(PIECES))]
        elif choice == 6:
            piece = PIECES[int(rng.random() * len(PIECES))]
            out[at : at + len(piece)] = piece
        elif choice == 7:
            del out[at : at + 1 + int(rng.random() * 3)]
        elif choice == 8:
            start = int(rng.random() * (len(other) + 1))
            out[at : at + int(rng.random() * 8)] = other[start : start + int(rng.random() * 12)]
        else:
            out += rng.randbytes(1 + int(rng.random() * 3))
    return bytes(out)
