"""What a rehearsal found, as values: who read whose data, what the registry and the engine say, and who agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from avroad.contracts.compat import PairReport, Severity
from avroad.contracts.compat.modes import HistoryReport
from avroad.contracts.compat.order import UpgradeAdvice
from avroad.evolve.accepted import Acceptance
from avroad.evolve.example import Example
from avroad.evolve.order import Step
from avroad.evolve.upgrade import Rolling
from avroad.evolve.versions import InPlay
from avroad.model import Framing, Verdict

__all__ = ["Cell", "Outcome", "Rehearsal", "SubjectMatrix"]


class Outcome(StrEnum):
    """How a reader fares with a writer's data; ELSE: it reads some of it, and what it reads means something else."""

    ALL = "reads all"
    SOME = "reads some"
    FAILS = "fails"
    ELSE = "means something else"
    UNPLAYED = "no data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One writer's data read by one reader through one library.

    records: how many there were, `real` of them from the topic itself; failed: how many were not read; different: how
    many were read as something else; unconverted: of these, those that are wrong only where a conversion is declared
    that the library does not know; remapped: in how many an enum's default stands for the symbol that was written,
    which Avro allows.
    """

    writer: str
    reader: str
    implementation: str
    records: int
    real: int = 0
    failed: int = 0
    different: int = 0
    remapped: int = 0
    unconverted: int = 0
    example: Example | None = None

    @property
    def hurts(self) -> bool:
        """Whether anything went wrong that the reader's schema does not itself leave to avroad's readers."""
        return self.failed > 0 or self.different > self.unconverted

    @property
    def outcome(self) -> Outcome:
        """The worst thing that happened."""
        if not self.records:
            return Outcome.UNPLAYED
        if self.different:
            return Outcome.ELSE
        if not self.failed:
            return Outcome.ALL
        return Outcome.FAILS if self.failed == self.records else Outcome.SOME


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectMatrix:
    """Everything about one subject.

    pairs: the engine's answers by (writer, reader); required: the pairs that the declared mode asks for; history:
    the engine's answers for the mode; acceptance: what somebody accepted of them; verdict: the registry's. steps: see
    `Step`. rolling: None when none was asked for. framing: of its topic's values; hindered: why no publisher of
    ours can write such values here, "" when one can.
    """

    in_play: InPlay
    cells: tuple[Cell, ...]
    pairs: Mapping[tuple[str, str], PairReport]
    required: tuple[tuple[str, str], ...]
    history: HistoryReport
    acceptance: Acceptance
    verdict: Verdict
    advice: UpgradeAdvice
    steps: tuple[Step, ...]
    rolling: Rolling | None = None
    framing: Framing = Framing.ID
    hindered: str = ""

    def of(self, writer: str, reader: str) -> tuple[Cell, ...]:
        """Return one pair's cells, one per library."""
        return tuple(cell for cell in self.cells if (cell.writer, cell.reader) == (writer, reader))

    def clean(self, pair: tuple[str, str]) -> bool:
        """Whether every library reads all of a pair's data as it was meant, declared conversions aside."""
        return not any(cell.hurts for cell in self.of(*pair))

    @property
    def failing(self) -> tuple[tuple[str, str], ...]:
        """The pairs that the mode asks for and some library does not read as meant, without excuse."""
        return tuple(pair for pair in self.required if pair not in self.acceptance.excused and not self.clean(pair))

    @property
    def unconverted(self) -> tuple[Cell, ...]:
        """The cells of libraries that do not know of a conversion which the reader's schema declares."""
        return tuple(cell for cell in self.cells if cell.unconverted)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the engine warns of in the pairs that the mode asks for, beside what it takes for an error."""
        found = [
            f"{finding.rule} at {finding.field_path}: {finding.message}"
            for pair in self.required
            for finding in self.pairs[pair].findings
            if finding.severity is Severity.WARNING
        ]
        return tuple(dict.fromkeys(found))

    @property
    def met(self) -> bool:
        """Whether the declared mode is met: by the registry's word, by the engine's, and by every library's reading.

        What somebody accepted does not count, unless the registry refuses it. A rolling upgrade that was advised and
        hurt somebody is a no too.
        """
        if self.rolling is not None and not self.rolling.sound:
            return False
        said = self.verdict.compatible is not False and self.history.compatible is True
        harmless = self.history.safe and self.history.same_meaning
        accepted = bool(self.acceptance.accepted) and not self.acceptance.counting
        return said and (harmless or accepted) and not self.failing

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Where registry, engine and readers do not say the same, as sentences."""
        found: list[str] = []
        registry, engine = self.verdict.compatible, self.history.compatible
        if registry is not None and registry != engine:
            found.append(f"the registry says {_word(registry)}, the engine {_word(engine)}")
        said: dict[str, list[str]] = {}
        for (writer, reader), report in self.pairs.items():
            promised = report.safe and report.same_meaning
            clean = self.clean((writer, reader))
            pair = f"{writer} -> {reader}"
            if promised and not clean:
                said.setdefault("the engine sees no harm, and a reader showed some", []).append(pair)
            if not promised and clean:
                said.setdefault(f"the engine sees harm that no reader showed: {_reason(report)}", []).append(pair)
            if report.compatible and not clean:
                said.setdefault("compatible for a registry, yet not read as it was meant", []).append(pair)
        found += [f"{', '.join(pairs)}: {sentence}" for sentence, pairs in said.items()]
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One run. against: what the candidate was held against; libraries: (name, version) of those that read.

    unplayed: (name, reason) of those that could not; notes: what else a person should know; seed: of the data.
    """

    against: str
    subjects: tuple[SubjectMatrix, ...]
    libraries: tuple[tuple[str, str], ...]
    unplayed: tuple[tuple[str, str], ...]
    seed: int
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every subject's declared mode is met."""
        return all(subject.met for subject in self.subjects)


def _word(answer: bool | None) -> str:  # noqa: FBT001  # an answer, not a switch
    return {True: "compatible", False: "incompatible", None: "nothing: Java raises"}[answer]


def _reason(report: PairReport) -> str:
    first = next(iter(report.findings), None)
    return report.error or ("" if first is None else f"{first.rule} at {first.field_path}")
