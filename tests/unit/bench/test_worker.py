"""A framework's process answers in lines of JSON, and what the framework prints does not get between them."""

from __future__ import annotations

import io
import json
import sys

import pytest

from bench.ours import Avroad
from bench.shapes import LIGHT, digest
from bench.worker import FRAME_SIZE, Clock, Light, serve

FRAME = b"\0\0\0\0\1"


class Noisy:
    """Reads and writes nothing, and talks while it does."""

    def __init__(self, servers: str, light: Light) -> None:
        sys.stdout.write(f"hello from a framework at {servers}\n")
        self.light = light

    def produce(self, topic: str, count: int, clock: Clock) -> int:
        clock.start()
        sys.stdout.write(f"sending to {topic}\n")
        clock.stop()
        return count - 1

    def consume(self, topic: str, count: int, clock: Clock) -> int:
        clock.seen.extend(self.light.decode(self.light.encode(event)) for event in self.light.events[:count])
        return count


def test_requests_are_answered_in_order(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    requests = [
        {"do": "produce", "topic": "t", "count": 3, "keep": False},
        {"do": "consume", "topic": "t", "count": 2, "keep": True},
    ]
    monkeypatch.setattr(sys, "argv", ["worker", "host:1", FRAME.hex(), "3"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{json.dumps(request)}\n" for request in requests)))
    serve(("fastavro",), Noisy)
    said = capsys.readouterr()
    versions, produced, consumed = map(json.loads, said.out.splitlines())
    assert set(versions) == {"fastavro"}
    assert produced["events"] == 2
    assert produced["wall_s"] >= 0
    light = Light(FRAME, 2)
    assert consumed["digest"] == digest(light.decode(light.encode(event)) for event in light.events)
    assert "hello from a framework" in said.err


def test_a_framework_is_given_the_same_bytes_and_reads_the_same_events() -> None:
    light, ours = Light(FRAME, 5), Avroad(LIGHT, FRAME)
    payloads = ours.encode(typed=False)(light.events)
    assert [light.encode(event) for event in light.events] == payloads
    decode = ours.decode_one(typed=False)
    assert [light.decode(payload) for payload in payloads] == [decode(payload, FRAME_SIZE) for payload in payloads]
