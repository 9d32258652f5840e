"""The fuzzer finds nothing in a bounded run, and would: each planted mistake of a decoder is found.

F3, F5 and F6 of the test plan on mutated bytes. The seed is fixed and stands in every failure.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avroad.codec import Decoder
from avroad.errors import DecodeError
from tests.fuzz.__main__ import ROOT, main
from tests.fuzz.seeds import SEEDS
from tests.fuzz.target import Finding, Stream, Target

SEED = 20_260_501
RUNS = 60_000
Decode = Callable[[bytes], Any]


def lenient(inner: Decode, change: Callable[[bytes, DecodeError], bytes | None]) -> Decode:
    """A decoder that tries again with changed bytes: what a laxer one would accept."""

    def decode(body: bytes) -> Any:
        try:
            return inner(body)
        except DecodeError as error:
            changed = change(body, error)
            if changed is None:
                raise
            return inner(changed)

    return decode


def cut(body: bytes, error: DecodeError) -> bytes | None:
    return body[: error.offset] if "after the datum" in error.reason else None


def first_symbol(body: bytes, error: DecodeError) -> bytes | None:
    at = error.offset
    return body[:at] + b"\0" + body[at + 1 :] if "an enum has" in error.reason else None


def true(body: bytes, error: DecodeError) -> bytes | None:
    at = error.offset
    return body[:at] + b"\1" + body[at + 1 :] if "a boolean" in error.reason else None


def shorter_varint(body: bytes, error: DecodeError) -> bytes | None:
    at = error.offset
    if "shorter form" not in error.reason:
        return None
    end = next(i for i in range(at, len(body)) if body[i] < 128)
    return body[: end - 1] + bytes([body[end - 1] & 127]) + body[end + 1 :]


def first_branch(body: bytes, error: DecodeError) -> bytes | None:
    at = error.offset
    return body[:at] + b"\0" + body[at + 1 :] if "a union has" in error.reason else None


PLANTED = {
    "trailing-bytes": cut,
    "enum-index": first_symbol,
    "boolean-two": true,
    "overlong-varint": shorter_varint,
    "union-index": first_branch,
}


def find(target_names: set[str], plant: Callable[[Decode], Decode], tries: int = 4_000) -> Finding | None:
    """Run mutants of the named seeds against planted decoders until something is found."""
    stream = Stream(SEED, 0, [seed for seed in SEEDS if seed.name in target_names])
    for target in stream.targets:
        for way in target.ways:
            planted = Decoder.__new__(Decoder)
            planted.plan = way.decoder.plan
            planted.decode = plant(way.decoder.decode)
            way.decoder = planted
    for _ in range(tries):
        index, way_index, body, _ = stream.next()
        try:
            stream.targets[index].run(way_index, body, doubt=True)
        except Finding as found:
            return found
    return None


@pytest.mark.parametrize("name", PLANTED)
def test_a_laxer_decoder_is_found(name: str) -> None:
    found = find({"event", "enums", "unions"}, lambda inner: lenient(inner, PLANTED[name]))
    assert found is not None, f"seed {SEED}"
    assert found.kind in {"wrong accept", "projection"}


def test_a_decoder_that_refuses_too_much_is_found() -> None:
    def plant(inner: Decode) -> Decode:
        def decode(body: bytes) -> Any:
            if len(body) > 12 and body[3] == 0x7F:
                raise DecodeError("a whim", offset=0)
            return inner(body)

        return decode

    found = find({"texts", "numbers"}, plant)
    assert found is not None
    assert found.kind in {"wrong refusal", "projection"}


def test_another_value_and_another_exception_are_found() -> None:
    def other(inner: Decode) -> Decode:
        return lambda body: value if type(value := inner(body)) is not float else value + 1e-9

    def untyped(inner: Decode) -> Decode:
        def decode(body: bytes) -> Any:
            try:
                return inner(body)
            except DecodeError:
                raise IndexError from None

        return decode

    found = find({"double-alone"}, other)
    assert found is not None
    assert found.kind == "wrong accept"
    found = find({"double-alone"}, untyped)
    assert found is not None
    assert found.kind == "untyped exception"


def test_a_bounded_run_finds_nothing(record_property: Callable[[str, object], None]) -> None:
    stream = Stream(SEED, 0)
    record_property("seed", SEED)
    accepted = 0
    for run in range(RUNS):
        index, way, body, doubt = stream.next()
        target = stream.targets[index]
        try:
            good, _ = target.run(way, body, doubt=doubt)
        except Finding as found:
            pytest.fail(f"seed {SEED}, mutant {run}: {found} ({target.seed.name}, way {way}, {body.hex()})")
        accepted += good
    sys.stdout.write(f"fuzz: seed {SEED}, {RUNS} mutants of {len(SEEDS)} schemas, {accepted} accepted\n")
    assert accepted > 8_000, "the mutator makes too few valid bodies: it proves too little"


def test_the_seeds_cover_every_type() -> None:
    assert len(SEEDS) >= 20
    text = json.dumps([seed.writer for seed in SEEDS])
    kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "array", "map"]
    logical = ["decimal", "uuid", "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros"]
    logical += ["timestamp-nanos", "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos"]
    for word in [*kinds, *logical, "fixed", "duration"]:
        assert f'"{word}"' in text, f"no seed has {word}"


def test_a_stream_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = Stream(1, 0), Stream(1, 0), Stream(1, 1)
    drawn = [first.next() for _ in range(300)]
    assert drawn == [again.next() for _ in range(300)]
    assert drawn != [other.next() for _ in range(300)]


def test_the_command_runs_shards_and_reports(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = main(["--count", "600", "--seed", "5", "--shards", "2", "--out", str(tmp_path)])
    out = capfd.readouterr().out
    assert code == 0, out
    assert "executions      600" in out
    assert "wrong accepts   0" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals")
@pytest.mark.parametrize(("name", "what"), [("SIGSEGV", "crash: SIGSEGV"), ("SIGSTOP", "hang")])
def test_a_child_that_dies_or_hangs_leaves_its_input_and_is_replaced(
    name: str, what: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("AVROAD_FUZZ_SIGNAL", f"{name}@200")
    monkeypatch.setattr("tests.fuzz.__main__.HANG_S", 4.0)
    code = main(["--count", "390", "--seed", "5", "--shards", "1", "--out", str(tmp_path)])
    out = capfd.readouterr().out
    assert code == 1
    assert "crashes, hangs  1" in out
    assert "executions      390" in out, "another child does what is left"
    (file,) = tmp_path.iterdir()
    found = json.loads(file.read_text("utf-8"))
    assert found["what"] == what
    assert ("Segmentation fault" in found["log"]) == (name == "SIGSEGV")
    replayed = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--replay", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert replayed.returncode == 0, "this input is innocent: the child was made to die"
    assert "as it should be" in replayed.stdout


def test_every_seed_has_ways_that_accept_its_own_bodies() -> None:
    stream = Stream(SEED, 3)
    for target in stream.targets:
        assert isinstance(target, Target)
        for _ in range(20):
            body = stream.body_of(target)
            assert target.run(0, body, doubt=True)[0], f"{target.seed.name}: {body.hex()}"
