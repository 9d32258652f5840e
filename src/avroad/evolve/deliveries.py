"""The deliveries of a rolling upgrade, judged as the matrix judges: handled, refused, or read as something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from avroad.codec import encoder_for
from avroad.evolve.counts import Counts, Reading
from avroad.evolve.implementations import Payload, Read, Unread
from avroad.evolve.judge import Datum, cells_of
from avroad.evolve.ledger import Ledger, Meeting
from avroad.evolve.libraries import Avroad
from avroad.evolve.matrix import SubjectMatrix
from avroad.evolve.members import Build
from avroad.evolve.versions import Version
from avroad.schema import Schema

__all__ = ["Deliveries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Counts by (phase, writer's version, reader's version)."""

    counts: Mapping[tuple[int, str, str], Counts]

    @classmethod
    def of(cls, ledger: Ledger, builds: Mapping[str, Build], subject: SubjectMatrix) -> Self:
        """Judge what was delivered. builds: by the label of their version, which is one of the subject's."""
        versions = {version.label: version for version in subject.in_play.versions}
        groups: dict[tuple[int, str, str], list[Meeting]] = defaultdict(list)
        for meeting in ledger.meetings:
            groups[meeting.phase, ledger.sent[meeting.event_id][1], meeting.reader].append(meeting)
        payloads = {label: _payloads(versions[label], build) for label, build in builds.items()}
        counts: dict[tuple[int, str, str], Counts] = {}
        for key, meetings in groups.items():
            _, writer, reader = key
            data = [payloads[writer][ledger.sent[meeting.event_id][2]] for meeting in meetings]
            told = _Told([meeting.got for meeting in meetings])
            (cell,) = cells_of(versions[writer], versions[reader], data, (told,), subject.pairs)
            handled = cell.records - cell.failed
            counts[key] = Counts(
                handled=handled, dead_lettered=cell.failed, misread=cell.different,
                example=cell.example if cell.failed or cell.different else None,
            )  # fmt: skip
        return cls(counts=counts)

    def of_phase(self, number: int) -> Counts:
        """Return what was delivered in one phase."""
        return sum((found for (phase, *_), found in self.counts.items() if phase == number), Counts())

    def readings(self) -> tuple[Reading, ...]:
        """Return what was delivered by versions of writer and reader, in the order in which they met first."""
        pairs: dict[tuple[str, str], Counts] = {}
        for (_, writer, reader), found in sorted(self.counts.items(), key=lambda item: item[0][0]):
            pairs[writer, reader] = pairs.get((writer, reader), Counts()) + found
        return tuple(Reading(writer=writer, reader=reader, counts=counts) for (writer, reader), counts in pairs.items())


class _Told:
    """What consumers told, where the judge expects a library. Refused records get the codec's own words."""

    name, detail, converts = "consumers", "", True

    def __init__(self, told: Sequence[Any]) -> None:
        self._told = told

    def bind(self, writer: Schema, reader: Schema) -> Read:
        """See `Implementation`."""
        read = Avroad().bind(writer, reader)

        def answers(payloads: Sequence[Payload]) -> list[Any]:
            found = list(self._told)
            for number, got in enumerate(found):
                if isinstance(got, Unread):
                    (again,) = read([payloads[number]])
                    found[number] = again if isinstance(again, Unread) else got
            return found

        return answers

    def close(self) -> None:
        """Hold nothing."""


def _payloads(version: Version, build: Build) -> list[Datum]:
    encode = encoder_for(version.schema).encode
    bodies = [encode(datum) for datum in build.data]
    return [
        Datum(payload=Payload(body=body, value=body), place=f"sample {number}") for number, body in enumerate(bodies)
    ]
