"""The checker is tested first: one planted anomaly each, all caught; a sound history passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin.ledger import EventKey, compare, read_lines
from avroad.errors import AvroadError

IDS: list[EventKey] = [("t", str(i)) for i in range(20)]


def test_a_sound_history_is_sound() -> None:
    figures = compare(sent=IDS, acked=IDS, log=IDS, handled=[*IDS, *IDS[:3]])
    assert figures.sound
    assert (figures.produced, figures.acked, figures.in_log, figures.consumed) == (20, 20, 20, 20)
    assert figures.redelivered == 3, "a redelivery after a kill is counted but no fault"


@pytest.mark.parametrize(
    ("history", "field", "count"),
    [
        ({"log": IDS[:-2]}, "lost", 2),
        ({"handled": IDS[1:]}, "unread", 1),
        ({"log": [*IDS, IDS[4]]}, "doubled", 1),
        ({"log": [*IDS, ("t", "ghost")]}, "unknown", 1),
        ({"handled": [*IDS, ("other", "1")]}, "unknown", 1),
    ],
    ids=["lost", "unread", "doubled", "made-up-in-log", "handled-on-another-topic"],
)
def test_each_planted_anomaly_is_caught(history: dict[str, list[EventKey]], field: str, count: int) -> None:
    figures = compare(**{"sent": IDS, "acked": IDS, "log": IDS, "handled": IDS, **history})
    assert getattr(figures, field) == count
    assert not figures.sound


def test_a_send_without_acknowledgement_is_not_sound() -> None:
    assert not compare(sent=IDS, acked=IDS[1:], log=IDS, handled=IDS).sound


def test_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"id": 1}\n\n{"id": 2}\n{"id": 3', "utf-8")
    assert read_lines(path) == [{"id": 1}, {"id": 2}]
    assert read_lines(tmp_path / "absent.jsonl") == []


def test_a_line_cut_inside_a_letter_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "consumer.jsonl"
    whole = '{"road": "Weiße Straße"}'.encode()
    path.write_bytes(whole + b"\n" + whole[:14])
    assert whole[13:14] == b"\xc3", "half of a letter"
    assert read_lines(path) == [{"road": "Weiße Straße"}]


@pytest.mark.parametrize("line", [b'{"id": 1}{"id": 2}', b"[1]", b"\xff", b"x"])
def test_a_damaged_line_is_named_and_never_skipped(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"id": 1}\n' + line + b'\n{"id": 3}\n')
    with pytest.raises(AvroadError, match=r"ledger\.jsonl:2: expected one JSON object per line"):
        read_lines(path)
