"""All benchmarks: `python -m bench`, or `make bench`, which installs the peers first."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.codec import Effort, codec_tables
from bench.kafka import KafkaEffort, KafkaReport, kafka_report
from bench.plot import as_svg
from bench.readme import quote, replaced
from bench.report import Report, as_json, as_markdown, environment, outcome
from bench.rounds import Table
from bench.shapes import SHAPES
from bench.targets import judge

__all__ = ["main"]

_RESULTS: Final = Path(__file__).parent / "results"
_README: Final = Path(__file__).parents[1] / "README.md"
# More events than a table of remembered strings holds (4,096): data that repeats would be measured from memory. Not
# many more: events of a program are in the processor's cache, and of a long list they are not.
_CODEC: Final = Effort(rounds=15, events=5_000, slice_s=0.02)
_CODEC_QUICK: Final = Effort(rounds=2, events=500, slice_s=0.002)
_KAFKA: Final = KafkaEffort(
    rounds=9, sent=60_000, read=100_000, both=20_000, framework=20_000, latency_rounds=9, latency_s=1.5
)
_KAFKA_QUICK: Final = KafkaEffort(
    rounds=2, sent=5_000, read=5_000, both=2_000, framework=2_000, latency_rounds=1, latency_s=0.5
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; return 1 when a floor does not hold, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, to see that it runs; floors are not enforced")
    parser.add_argument("--only", choices=("codec", "kafka"), help="one half")
    parser.add_argument("--bootstrap-servers", default="", help="real brokers instead of the mock cluster")
    parser.add_argument("--quixstreams", default="", metavar="PYTHON", help="interpreter that has quixstreams")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results go (whole runs: bench/results)")
    given = parser.parse_args(arguments)
    tables: list[Table] = []
    found = KafkaReport(tables=(), cluster="", versions={})
    before = environment({})
    if given.only != "kafka":
        for shape in SHAPES:
            print(f"measuring the codec: {shape.title}", file=sys.stderr)
            tables += codec_tables(shape, _CODEC_QUICK if given.quick else _CODEC)
    if given.only != "codec":
        print("measuring Kafka", file=sys.stderr)
        pythons = {"faststream": sys.executable, "quixstreams": given.quixstreams}
        found = kafka_report(_KAFKA_QUICK if given.quick else _KAFKA, pythons, given.bootstrap_servers)
    report = Report(
        command="python -m bench" if given.quick or given.only else "make bench",
        environment={**environment(found.versions), "load before": before["load before"]},
        cluster=found.cluster,
        tables=(*tables, *found.tables),
        verdicts=judge([*tables, *found.tables]),
    )
    print(as_markdown(report))
    out = given.out or (None if given.quick or given.only else _RESULTS)
    if out is not None:
        _write(out, report)
    failed = [verdict for verdict in report.verdicts if not verdict.held]
    for verdict in failed:
        print(f"{verdict.target.title}: {verdict.value:.2f}, {outcome(verdict)}", file=sys.stderr)
    if failed:
        print(f"load before the run: {before['load before']}; is the machine busy? Then run it again.", file=sys.stderr)
    return 1 if failed and not given.quick else 0


def _write(folder: Path, report: Report) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    results = as_json(report)
    for name, text in {"md": as_markdown(report), "json": results, "svg": as_svg(report)}.items():
        (folder / f"results.{name}").write_text(text, "utf-8")
    if folder == _RESULTS:
        _README.write_text(replaced(_README.read_text("utf-8"), quote(json.loads(results))), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
