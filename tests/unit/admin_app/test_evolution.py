"""The verdict of the demo's evolution: only whole reading by both versions of both versions is sound."""

from __future__ import annotations

import dataclasses

from admin.evolution import Evolution

WHOLE = Evolution(
    type_name="demo.Order",
    written={1: 3, 2: 2},
    read={(1, 1): 3, (1, 2): 3, (2, 1): 2, (2, 2): 2},
    others_missing=0,
)


def test_everything_read_by_both_is_sound() -> None:
    assert WHOLE.sound
    rows = [line.split() for line in WHOLE.table().splitlines()[1:]]
    assert rows == [["v1", "3", "3", "3"], ["v2", "2", "2", "2"]]


def test_one_unread_event_or_a_version_nobody_wrote_is_not() -> None:
    assert not dataclasses.replace(WHOLE, read={**WHOLE.read, (2, 1): 1}).sound
    assert not dataclasses.replace(WHOLE, written={1: 3}, read={(1, 1): 3, (1, 2): 3}).sound
    assert not dataclasses.replace(WHOLE, others_missing=1).sound
