"""Decoding in a process of its own: the same answers, and a typed error when the process dies."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest

from avroad.errors import CodecError, ConfigError, DecodeError
from avroad.schema import parse
from avroad.wire.isolated import Bounds, confine, decode_isolated, ended_by
from tests.unit.codec.support import encode, logical, record

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of processes are POSIX's")

NODE: Any = record(("id", "string"), ("n", ["null", "long"]))


def test_the_answers_are_those_of_the_decoder_one_for_each_payload() -> None:
    good = encode(NODE, {"id": "é\n", "n": 5})
    answers = decode_isolated([b"....." + good, b"....." + good[:-1], b"....."], parse(NODE), start=5)
    assert answers[0] == {"id": "é\n", "n": {"long": 5}}
    cut, empty = answers[1:]
    assert isinstance(cut, DecodeError)
    assert isinstance(empty, DecodeError)
    assert (cut.path, cut.offset) == ("$.n", 5 + len(good) - 1)
    assert (empty.path, empty.offset) == ("$.id", 5)
    assert decode_isolated([], parse(NODE)) == []


def test_a_reader_of_other_types_is_an_answer_too() -> None:
    (answer,) = decode_isolated([b"\2"], parse("int"), parse("string"))
    assert isinstance(answer, CodecError)
    assert not isinstance(answer, DecodeError)
    assert decode_isolated([b"\2"], parse("int"), parse("double")) == [1.0]


def test_a_process_out_of_time_names_the_payload_it_died_of() -> None:
    node: Any = {"type": "array", "items": logical("bytes", "decimal", precision=38, scale=2)}
    slow = encode("long", 99_000) + b"\2\1" * 99_000 + b"\0"
    with pytest.raises(DecodeError, match="was ended by SIG") as caught:
        decode_isolated([b"\0", *[slow] * 60], parse(node), bounds=Bounds(cpu_s=1))
    assert caught.value.index is not None
    assert 0 < caught.value.index < 61
    assert caught.value.path == f"$[{caught.value.index}]"


def test_a_process_that_takes_too_long_by_the_clock_is_ended() -> None:
    with pytest.raises(DecodeError, match="took more than 0 s"):
        decode_isolated([b"\2"], parse("int"), bounds=Bounds(wall_s=0))


def test_a_process_without_memory_gives_an_error_and_no_crash() -> None:
    body = encode("bytes", bytes(4 << 20))
    try:
        (answer,) = decode_isolated([body], parse("bytes"), bounds=Bounds(memory_bytes=1 << 20))
    except DecodeError as error:
        answer = error
    assert isinstance(answer, CodecError)


def test_how_a_process_ended_is_said_in_words() -> None:
    bounds = Bounds(cpu_s=3)
    assert ended_by(1, bounds) == "ended with exit code 1"
    assert ended_by(-signal.SIGSEGV, bounds) == "was ended by SIGSEGV"
    assert ended_by(-signal.SIGXCPU, bounds) == "was ended by SIGXCPU, for more than 3 s or from outside"
    assert ended_by(-250, bounds) == "was ended by signal 250"


def test_a_system_without_such_limits_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    with pytest.raises(ConfigError, match="expected a POSIX system"):
        confine(Bounds())
