"""Java-style .properties text, read as Java reads it."""

from __future__ import annotations

import pytest

from avroad.config.properties import read_properties


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", [("a", "b", 1)]),
        ("a = b", [("a", "b", 1)]),
        ("a: b", [("a", "b", 1)]),
        ("a b c", [("a", "b c", 1)]),
        ("a", [("a", "", 1)]),
        ("a=", [("a", "", 1)]),
        ("a=b=c", [("a", "b=c", 1)]),
        ("  a=b  ", [("a", "b  ", 1)]),
        ("# c\n! d\n\na=1", [("a", "1", 4)]),
        ("a=1\\\n   ,2\nb=3", [("a", "1,2", 1), ("b", "3", 3)]),
        ("a=x\\\\\nb=3", [("a", "x\\", 1), ("b", "3", 2)]),
        ("a\\=b=c", [("a=b", "c", 1)]),
        ("a=\\u00e9\\tx\\n", [("a", "é\tx\n", 1)]),
        ("a=C:\\\\certs", [("a", "C:\\certs", 1)]),
        ("a=b\r\nc=d\r\n", [("a", "b", 1), ("c", "d", 2)]),
        ("a=${HOME}", [("a", "${HOME}", 1)]),
        ("", []),
    ],
)
def test_lines(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert read_properties(text, "f.properties") == (expected, [])


def test_a_name_given_twice_keeps_the_first_and_says_so() -> None:
    found, problems = read_properties("a=1\nb=2\na=3\n", "f.properties")
    assert found == [("a", "1", 1), ("b", "2", 2)]
    assert [(p.file, p.line, p.expected, p.found) for p in problems] == [
        ("f.properties", 3, "each key once", '"a" again, first in line 1')
    ]
