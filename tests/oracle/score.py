"""The score of the compatibility engine per source of the published cases: `python -m tests.oracle.score`.

A case is won when the verdict and the whole list of findings (type, path, message; the type alone where the source
gives no more) are Java's. Disputed cases, where a source's own checker differs from Java, are counted apart.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from avroad.contracts.compat import compare
from avroad.errors import AvroadError
from avroad.schema import parse

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "compatibility.jsonl"


def cases() -> list[dict[str, Any]]:
    """Return the published pairs; none when the file is not beside the project."""
    if not CASES.exists():
        return []
    return [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]


def won(case: dict[str, Any]) -> bool:
    """Return whether our answer is Java's."""
    try:
        report = compare(parse(case["reader"], strict=False), parse(case["writer"], strict=False))
    except AvroadError:
        return False
    found = [f for f in report.findings if f.type is not None]
    expected = case.get("incompatibilities") or []
    return report.compatible == case["compatible"] and len(found) == len(expected) and all(
        f.type is not None
        and f.type.value == item["type"]
        and (f.pointer, f.message) == (item.get("path", f.pointer), item.get("message", f.message))
        for f, item in zip(found, expected, strict=True)
    )  # fmt: skip


def _source(case: dict[str, Any]) -> str:
    """Return the suite a case comes from: the repository and, where it has several, the language."""
    repository, _, path = str(case["source"]).partition(":")
    return " ".join([repository, *path.split("/")[1:2]]) if path.startswith("lang/") else repository


def main() -> int:
    """Print the table; exit code 1 when a case is lost or there are none."""
    given = cases()
    if not given:
        place = "/".join(("..", *CASES.parts[-3:]))
        sys.stderr.write(f"no cases: they are not part of the repository, but looked for in {place}\n")
        return 1
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for case in given:
        source = "disputed" if case.get("disputed") else _source(case)
        total[source] += 1
        good[source] += not won(case) if source == "disputed" else won(case)
    sys.stdout.write(f"{'SOURCE':24}  {'AS JAVA':>10}\n")
    for source in sorted(total, key=lambda name: (name == "disputed", name)):
        text = f"{good[source]} of {total[source]}"
        sys.stdout.write(f"{source:24}  {text:>10}\n")
    return 0 if good == total else 1


if __name__ == "__main__":
    raise SystemExit(main())
