"""From payloads to the matrix: every reader and every library on every writer's data, held against what was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from avroad.codec import decoder_for
from avroad.contracts.compat import PairReport, compare
from avroad.contracts.compat.modes import Version as Older
from avroad.contracts.compat.modes import check_history
from avroad.contracts.compat.order import cures, holds, upgrade_order
from avroad.contracts.exceptions import Exemptions
from avroad.contracts.topic_settings import Retention
from avroad.errors import AvroadError, CodecError
from avroad.evolve.accepted import acceptance_of
from avroad.evolve.example import Example
from avroad.evolve.implementations import Implementation, Payload, Strange, Unread
from avroad.evolve.matrix import Cell, SubjectMatrix
from avroad.evolve.meant import meant_reader
from avroad.evolve.order import steps_of
from avroad.evolve.values import difference, place_of, shown
from avroad.evolve.versions import InPlay, Version
from avroad.model import Verdict
from avroad.schema import Record, Schema, named_types

__all__ = ["Datum", "cells_of", "matrix_of"]

_BY_NAME: Final = "UNIT_CHANGED"
"""The one change of meaning that no value shows: only the fields' names say it."""
_REMAPPED: Final = "ENUM_REMAPPED"
_CONVERTED: Final = "CONVERSION_DECLARED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One record that was read back. place: which it is, for people; real: whether it is somebody's, not made up."""

    payload: Payload
    place: str
    real: bool = False


def matrix_of(
    in_play: InPlay,
    data: Mapping[str, Sequence[Datum]],
    implementations: Sequence[Implementation],
    verdict: Verdict,
    *,
    retention: Retention,
    exemptions: Exemptions,
) -> SubjectMatrix:
    """Return the matrix of one subject.

    data: the records of each version by its label; retention: how long the topic keeps them; exemptions: findings that
    somebody has accepted.
    """
    versions = in_play.versions
    pairs = {(w.label, r.label): compare(r.schema, w.schema) for w in versions for r in versions}
    cells = tuple(
        cell
        for writer in versions
        for reader in versions
        for cell in cells_of(writer, reader, data.get(writer.label, ()), implementations, pairs)
    )
    older, new = versions[:-1], in_play.candidate
    history = check_history(
        new.schema, [Older(name=version.label, schema=version.schema) for version in older], in_play.spec.level
    )
    required = tuple(
        (item.version, new.label) if item.backward else (new.label, item.version) for item in history.comparisons
    )
    advice = upgrade_order(
        backward=all(holds(pairs[each.label, new.label]) for each in older),
        forward=all(holds(pairs[new.label, each.label]) for each in older),
        retention=retention,
        fixes=cures(pairs[each.label, new.label] for each in older),
    )
    clean = {pair: not any(c.hurts for c in cells if (c.writer, c.reader) == pair) for pair in pairs}
    return SubjectMatrix(
        in_play=in_play,
        cells=cells,
        pairs=pairs,
        required=required,
        history=history,
        acceptance=acceptance_of(history, new.label, in_play.spec, exemptions),
        verdict=verdict,
        advice=advice,
        steps=steps_of(advice, [each.label for each in older], new.label, clean.__getitem__),
    )


def cells_of(
    writer: Version,
    reader: Version,
    data: Sequence[Datum],
    implementations: Sequence[Implementation],
    pairs: Mapping[tuple[str, str], PairReport],
) -> list[Cell]:
    """Return one cell per library for one pair. data: of the writer; pairs: the engine's answers."""
    findings = pairs[writer.label, reader.label].findings
    meant = _meant(data, writer, meant_reader(writer.schema, reader.schema))
    symbols = meant
    if any(finding.rule == _REMAPPED for finding in findings):
        symbols = _meant(data, writer, meant_reader(writer.schema, reader.schema, symbols=True))
    renamed = next((finding for finding in findings if finding.rule == _BY_NAME), None)
    judge = _Judge(
        fields=_fields(writer.schema) | _fields(reader.schema),
        unit=f"{renamed.field_path}: {renamed.message}" if renamed else "",
        converted=frozenset(place_of(finding.field_path) for finding in findings if finding.rule == _CONVERTED),
    )
    payloads = [datum.payload for datum in data]
    return [
        judge.cell(
            (writer.label, reader.label, library.name),
            library.converts,
            [*zip(data, meant, symbols, library.bind(writer.schema, reader.schema)(payloads), strict=True)],
        )
        for library in implementations
    ]


def _fields(schema: Schema) -> frozenset[str]:
    records = (kind for kind in named_types(schema).values() if isinstance(kind, Record))
    return frozenset(field.name for record in records for field in record.fields)


def _meant(data: Sequence[Datum], writer: Version, reader: Schema) -> list[Any]:
    """Return what each datum means in the reader's terms, Unread where it has no place there."""
    try:
        decode = decoder_for(writer.schema, reader).decode
    except AvroadError as error:
        problem = next(iter(error.problems), None)
        unread = Unread(kind="", text="" if problem is None else f"expected {problem.expected}, found {problem.found}",
                        path="" if problem is None else problem.path)  # fmt: skip
        return [unread] * len(data)
    found: list[Any] = []
    for datum in data:
        try:
            found.append(decode(datum.payload.body))
        except CodecError as error:
            found.append(Unread(kind="", text=error.reason, path=error.path))
    return found


_Reading = tuple[Datum, Any, Any, Any]
"""(datum, what was meant, the same with every enum symbol kept, what was read)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Judges readings.

    fields: all names of record fields; unit: what names say of a changed unit, "" for nothing; converted: the places
    where the reader's type declares a conversion.
    """

    fields: frozenset[str]
    unit: str
    converted: frozenset[str]

    def cell(self, names: tuple[str, str, str], converts: bool, readings: Sequence[_Reading]) -> Cell:  # noqa: FBT001  # of a library
        """Count one cell. names: writer, reader, library; converts: whether that one does declared conversions."""
        failed = different = remapped = unconverted = 0
        unread: Example | None = None
        wrong: Example | None = None
        lost: Example | None = None
        for datum, meant, symbols, got in readings:
            if isinstance(got, Unread):
                failed += 1
                unread = unread or _unread(datum, got, meant)
            elif (found := self._wrong(datum, meant, got) or self._misnamed(datum)) is not None:
                different += 1
                wrong = wrong or found
                unconverted += not converts and self._as_declared(meant, got)
            elif symbols is not meant and (found := self._wrong(datum, symbols, got)) is not None:
                remapped += 1
                lost = lost or found
        return Cell(
            writer=names[0], reader=names[1], implementation=names[2], records=len(readings),
            real=sum(datum.real for datum, *_ in readings), failed=failed, different=different, remapped=remapped,
            unconverted=unconverted, example=wrong or unread or lost,
        )  # fmt: skip

    def _wrong(self, datum: Datum, meant: object, got: object) -> Example | None:
        if isinstance(got, Strange):
            return Example(
                place=datum.place,
                path=got.path,
                what=f"read without an error, but what it read cannot be used: {got.reason}",
            )
        if isinstance(meant, Unread):
            reason = "" if datum.real or not meant.text else f": {meant.text}"
            what = f"a value where there is none to read{reason}"
            return Example(place=datum.place, path=meant.path or "$", what=what)
        found = difference(meant, got, self.fields)
        if found is None:
            return None
        path, was, now = found
        what = "another value than was written" if datum.real else f"wrote {shown(was)}, read {shown(now)}"
        return Example(place=datum.place, path=path, what=what)

    def _as_declared(self, meant: object, got: object) -> bool:
        """Say whether a datum is wrong only where a conversion is declared, which this library does not know of."""
        if self.unit or isinstance(meant, Unread):
            return False
        if isinstance(got, Strange):
            return place_of(got.path) in self.converted
        return difference(meant, got, self.fields, ignored=self.converted) is None

    def _misnamed(self, datum: Datum) -> Example | None:
        return Example(place=datum.place, path="$", what=self.unit) if self.unit else None


def _unread(datum: Datum, got: Unread, meant: object) -> Example:
    """A library that names no place has the place where the datum finds none by our own reading."""
    path = got.path or (meant.path if isinstance(meant, Unread) else "") or "$"
    what = got.kind if datum.real or not got.text else f"{got.kind}: {got.text}"
    return Example(place=datum.place, path=path, what=what)
