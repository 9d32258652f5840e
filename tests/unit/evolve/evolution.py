"""Two versions of one subject judged without a broker: by our codec and by fastavro."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from avroad.codec import encoder_for
from avroad.contracts.compat.rules import RULES
from avroad.contracts.declared import SubjectSpec
from avroad.contracts.exceptions import Exemption, Exemptions
from avroad.contracts.topic_settings import retention
from avroad.evolve.implementations import Payload
from avroad.evolve.judge import Datum, matrix_of
from avroad.evolve.libraries import Avroad, Fastavro
from avroad.evolve.matrix import Cell, SubjectMatrix
from avroad.evolve.samples import samples
from avroad.evolve.versions import InPlay, Version
from avroad.model import Level, Verdict
from avroad.schema import fingerprint, parse

OLD, NEW = "1", "candidate"


def spec(level: Level = Level.BACKWARD) -> SubjectSpec:
    return SubjectSpec(subject="road.jams-value", type_name="road.Jam", topic="road.jams", level=level, references=())


def version(label: str, schema: Any) -> Version:
    parsed = parse(schema)
    return Version(label=label, schema=parsed, origins=("registered",), id=fingerprint(parsed))


def record(*fields: dict[str, Any], name: str = "road.Jam") -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


def long(logical: str) -> dict[str, Any]:
    return {"type": "long", "logicalType": logical}


def payload_of(body: bytes) -> Payload:
    return Payload(body=body, value=b"\0\0\0\0\1" + body)


def judged(
    old: Any, new: Any, *libraries: Any, verdict: bool | None = True, level: Level = Level.BACKWARD, real: bool = False,
    readers: tuple[str, ...] = (), accepted: Sequence[Exemption] = (),
) -> SubjectMatrix:  # fmt: skip
    """Return the matrix of two schemas for generated data, judged on the first of May."""
    versions = (version(OLD, old), version(NEW, new))
    data = {
        each.label: [
            Datum(payload=payload_of(encoder_for(each.schema).encode(datum)), place=f"sample {i}", real=real)
            for i, datum in enumerate(samples(each.schema, 1))
        ]
        for each in versions
    }
    play = InPlay(spec=spec(level), versions=versions, readers=readers)
    exemptions = Exemptions(accepted, rules=RULES.keys(), today=date(2026, 5, 1))
    return matrix_of(
        play, data, libraries or (Avroad(), Fastavro()), Verdict(compatible=verdict), retention=retention({}),
        exemptions=exemptions,
    )  # fmt: skip


def exemption(rule: str, *, path: str = "", until: date = date(2026, 5, 1)) -> Exemption:
    """Return the acceptance of a finding of `spec`'s subject."""
    return Exemption(rule=rule, reason="nobody reads it", until=until, subject="road.jams-value", path=path)


def cell(matrix: SubjectMatrix, writer: str, reader: str, library: str) -> Cell:
    return next(cell for cell in matrix.of(writer, reader) if cell.implementation == library)
