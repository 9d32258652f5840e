"""Topic settings compare by meaning, read well, and say what they cost."""

from __future__ import annotations

import pytest

from avroad.admin.settings import is_compacted, is_operational, risk_of, same_value, shown


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("retention.ms", "604800000", " 604800000 "),
        ("min.cleanable.dirty.ratio", "0.5", "0.50"),
        ("min.cleanable.dirty.ratio", "1", "1.0"),
        ("unclean.leader.election.enable", "true", "True"),
        ("cleanup.policy", "compact,delete", "delete, compact"),
        ("local.retention.ms", "-2", "-2"),
        ("compression.type", "zstd", "zstd"),
    ],
)
def test_spellings_of_one_value_are_the_same(key: str, one: str, other: str) -> None:
    assert same_value(key, one, other)
    assert same_value(key, other, one)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("retention.ms", "604800000", "604800001"),
        ("retention.ms", "9007199254740993", "9007199254740992"),
        ("cleanup.policy", "compact", "compact,delete"),
        ("compression.type", "zstd", "ZSTD"),
        ("retention.ms", None, "1"),
        ("retention.ms", "1", None),
        ("retention.ms", "1-2", "12"),
    ],
)
def test_other_values_are_not(key: str, one: str | None, other: str | None) -> None:
    assert not same_value(key, one, other)


def test_hidden_equals_hidden() -> None:
    assert same_value("retention.ms", None, None)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("retention.ms", "604800000", "604800000 (7d)"),
        ("retention.ms", "259200000", "259200000 (3d)"),
        ("retention.ms", "3600000", "3600000 (1h)"),
        ("retention.ms", "90000000", "90000000 (1.0d)"),
        ("retention.ms", "1500", "1500 (1.5s)"),
        ("retention.ms", "999", "999"),
        ("retention.ms", "-1", "-1 (no limit)"),
        ("retention.bytes", "-1", "-1 (no limit)"),
        ("local.retention.ms", "-2", "-2"),
        ("max.message.bytes", "1048588", "1048588 (1.0MiB)"),
        ("segment.bytes", "1073741824", "1073741824 (1GiB)"),
        ("flush.messages", "9223372036854775807", "9223372036854775807 (no limit)"),
        ("max.compaction.lag.ms", "9223372036854775807", "9223372036854775807 (no limit)"),
        ("cleanup.policy", "compact", "compact"),
        ("cleanup.policy", "", '""'),
        ("retention.ms", None, "hidden"),
        ("min.insync.replicas", "2", "2"),
    ],
)
def test_values_are_shown_with_their_size_in_words(key: str, value: str | None, text: str) -> None:
    assert shown(key, value) == text


@pytest.mark.parametrize(
    ("key", "old", "new", "destroys"),
    [
        ("retention.ms", "604800000", "259200000", True),
        ("retention.ms", "259200000", "604800000", False),
        ("retention.ms", "-1", "604800000", True),
        ("retention.ms", "604800000", "-1", False),
        ("retention.bytes", "-1", "1000", True),
        ("retention.ms", "604800000", None, True),
        ("retention.ms", None, "604800000", True),
        ("cleanup.policy", "delete", "compact", True),
        ("cleanup.policy", "compact", "delete", True),
        ("cleanup.policy", "compact,delete", "compact", True),
        ("cleanup.policy", "compact,delete", "delete,compact", False),
        ("cleanup.policy", None, "compact", True),
        ("segment.ms", "10", "5", False),
        ("max.message.bytes", "10", "5", False),
    ],
)
def test_what_drops_data_is_called_destructive(key: str, old: str | None, new: str | None, destroys: bool) -> None:
    assert bool(risk_of(key, old, new)[0]) is destroys


@pytest.mark.parametrize(
    ("key", "old", "new", "word"),
    [
        ("delete.retention.ms", "2", "1", "deletions"),
        ("max.message.bytes", "2", "1", "refused"),
        ("min.insync.replicas", "1", "2", "in sync"),
        ("message.timestamp.type", "CreateTime", "LogAppendTime", "meaning"),
    ],
)
def test_what_a_reader_or_writer_must_mind_is_said(key: str, old: str, new: str, word: str) -> None:
    destructive, caution = risk_of(key, old, new)
    assert not destructive
    assert word in caution


@pytest.mark.parametrize("key", ["delete.retention.ms", "max.message.bytes"])
def test_a_raise_of_these_needs_no_word(key: str) -> None:
    assert risk_of(key, "1", "2") == ("", "")


def test_what_reassignments_set_is_not_ours() -> None:
    assert is_operational("leader.replication.throttled.replicas")
    assert not is_operational("retention.ms")


@pytest.mark.parametrize(("policy", "answer"), [("compact", True), ("delete, Compact", True), ("delete", False)])
def test_compaction_is_found_in_any_list(policy: str, answer: bool) -> None:
    assert is_compacted(policy) is answer
