"""What consumers do with a changed schema, for docs/evolution.md: at their start, and with the bytes."""

from __future__ import annotations

import io
import json
import textwrap
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import fastavro

from avroad.codec import decoder_for, encoder_for
from avroad.consumer import RunnerSettings
from avroad.consumer.judgement import Judge
from avroad.consumer.startup import check_versions
from avroad.contracts import Catalog
from avroad.errors import IncompatibleSchema, render
from avroad.ports import Registry
from avroad.schema import Schema, to_json
from tests.contracts.samples import sample

__all__ = ["startup_lines", "three_readers"]

MOMENT: Final = datetime(2026, 5, 4, 7, 30, tzinfo=UTC)
_WIDTH: Final = 80


def startup_lines(catalog: Catalog, registry: Registry) -> str:
    """Return what a runner raises before its first record."""
    settings = RunnerSettings(topics=("traffic.events",))
    judge = Judge(settings)
    report = check_versions(catalog, registry, settings.topics, judge)
    try:
        judge.meet((*report.unreadable, *report.unsafe, *report.changed_meaning))
    except IncompatibleSchema as error:
        lines = render(error).splitlines()
        return "\n".join(fold for line in lines for fold in textwrap.wrap(line, _WIDTH, subsequent_indent="    "))
    return "nothing"


def three_readers(old: Schema, shifted: Schema, converting: Schema) -> str:
    """Return what readers make of one jam that was written before the change."""
    jam = {**sample(old, full=False), "observed_at": MOMENT}
    body = encoder_for(old).encode(jam)
    number = int(MOMENT.timestamp() * 1000)
    java = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
    lines: list[tuple[str, object]] = [
        ("written, in milliseconds", MOMENT),
        ("the bytes as microseconds, as Java takes them", java),
    ]
    lines.append(("fastavro, which keeps the writer's unit", _fastavro(body, old, shifted)))
    lines.append(("avroad, shifted", _avroad(body, old, shifted)))
    lines.append(("avroad, conversion declared", _avroad(body, old, converting)))
    width = max(len(who) for who, _ in lines)
    return "\n".join(f"{who.ljust(width)}  {value}" for who, value in lines)


def _fastavro(body: bytes, writer: Schema, reader: Schema) -> object:
    plain: list[Any] = [json.loads(json.dumps(to_json(schema))) for schema in (writer, reader)]
    datum: Any = fastavro.schemaless_reader(io.BytesIO(body), *plain)
    return datum["observed_at"]


def _avroad(body: bytes, writer: Schema, reader: Schema) -> object:
    try:
        datum: Any = decoder_for(writer, reader).decode(body)
    except IncompatibleSchema:
        return "refused: IncompatibleSchema"
    return datum["observed_at"]
