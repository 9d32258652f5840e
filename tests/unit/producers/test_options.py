"""Numbers and times nobody means: refused with exit code 64, or taken for what they say."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode, Overloaded
from avroad.model import Delivery
from producers import stats19, synthetic
from tests.unit.producers.fakes import FakeProject, FakePublisher, use

DRY = ["--dry-run", "--rate", "0", "--seed", "1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--duration", "nan"], "'--duration': 'nan' is not a finite number"),
        (["--duration", "inf"], "inf is not in the range 0<x<=31622400"),
        (["--duration", "-inf"], "'--duration'"),
        (["--duration", "1e300"], "'--duration'"),
        (["--duration", "0"], "'--duration'"),
        (["--duration", "-1"], "'--duration'"),
        (["--rate", "nan"], "'--rate': 'nan' is not a finite number"),
        (["--rate", "inf"], "'--rate'"),
        (["--rate", "-1"], "'--rate'"),
        (["--rate", "1e300"], "'--rate'"),
        (["--count", "-1"], "'--count'"),
        (["--count", "0"], "'--count'"),
        (["--count", "99999999999999999999999999"], "is not in the range 1<=x<=1000000000000"),
        (["--count", "1e3"], "'--count'"),
        (["--seed", "-1"], "'--seed'"),
        (["--seed", "nan"], "'--seed'"),
        (["--seed", ""], "'--seed'"),
        (["--start", "0001-01-01T00:00:00+14:00"], "expected a year from 1970 to 2199"),
        (["--start", "0001-01-01T00:00:00Z"], "expected a year from 1970 to 2199"),
        (["--start", "9999-12-31T23:59:59-14:00"], "expected a year from 1970 to 2199"),
        (["--start", "9999-12-31T23:59:59Z"], "expected a year from 1970 to 2199"),
        (["--start", "2026-03-02"], "expected a zone, e.g. 2026-03-02T00:00:00Z"),
        (["--start", "yesterday"], "expected ISO 8601"),
        (["--start", "2026-03-02T07:00:00"], "expected a zone, e.g. 2026-03-02T07:00:00Z"),
    ],
    ids=" ".join,
)
def test_what_nobody_means_is_64(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DRY, "--count", "1", *arguments], synthetic.main) == ExitCode.USAGE
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


@pytest.mark.parametrize("option", ["--rate", "--count"])
def test_both_programs_refuse_alike(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--sample", "--dry-run", option, "nan"], stats19.main) == ExitCode.USAGE
    assert option in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--rate", "-0.0"],
        ["--seed", "9" * 100],
        ["--start", "1970-01-01T00:00:00Z"],
        ["--start", "2199-12-31T23:59:59.999999-14:00"],
    ],
    ids=" ".join,
)
def test_what_is_odd_but_clear_is_done(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DRY, "--count", "50", *arguments], synthetic.main) == ExitCode.OK
    assert len(capsys.readouterr().out.splitlines()) == 50


def test_a_start_is_taken_to_the_millisecond_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*DRY, "--count", "1", "--start", "2026-03-02T08:00:00.123999+01:00"]
    assert run(arguments, synthetic.main) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["value"]["observed_at"] == "2026-03-02T07:00:00.123000Z"


@pytest.mark.parametrize("dry", [True, False])
def test_duration_ends_it_also_while_the_next_event_is_far_away(dry: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher), monkeypatch)
    began = time.monotonic()
    arguments = ["--rate", "0.001", "--seed", "1", "--duration", "0.05", *["--dry-run"] * dry]
    assert run(arguments, synthetic.main) == ExitCode.OK
    assert time.monotonic() - began < 30
    assert publisher.taken == []


def test_duration_ends_it_also_while_the_queue_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(FakePublisher):
        def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
            raise Overloaded("full")

    publisher = Full()
    use(FakeProject(publisher), monkeypatch)
    assert run(["--rate", "0", "--seed", "1", "--duration", "0.05"], synthetic.main) == ExitCode.OK
    assert publisher.closed == 1
