"""What a runner reads, where it starts, and the limits it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from avroad.errors import ConfigError, Problem

__all__ = ["RunnerSettings", "Start", "VersionPolicy"]


class Start(StrEnum):
    """Where a group without offsets, or a reader without a group, begins; a time may stand instead."""

    BEGINNING = "beginning"
    LATEST = "latest"


class VersionPolicy(StrEnum):
    """What to do about a registered version that gets a no from the check, before the first record or later.

    REFUSE: do not start; of a version that appears later, stop before its first record, which stays uncommitted.
    PARK: say so; every record of it goes to the dead-letter topic, the others flow. WARN: say so; what can be read of
    it is handled, the rest goes to the dead-letter topic.
    """

    REFUSE = "refuse"
    PARK = "park"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """Settings of a runner.

    group: consumer group; "" reads every partition without a group, without commits and without dead letters.
    start: used only where the group has no offset for any partition of a topic; partitions added to a topic later
    begin at their beginning.
    unreadable, unsafe, changed_meaning: what to do about registered versions that are not compatible with our schema
    (or that our codec cannot read in full), that some reader fails on or reads wrongly although they are, and whose
    values mean something else to us; declared conversions (`avroad.converts`) are none. The same holds before the
    first record and for versions that appear later, so a restart changes nothing. Refusing is the default, also of
    versions met later: somebody forced them past every check, nothing is lost while their records wait, and parked
    ones would be handled out of order after the cure. A change of meaning is only warned of, because it stays
    registered for ever after somebody has accepted it: refusing would keep every later run from starting.
    max_records: most records taken per poll.
    slice_s: how long fetched records are handled before the loop polls again, at most half of `max.poll.interval.ms`;
    only the handler call under way makes it longer.
    commit_interval_s, commit_records: whichever comes first triggers an asynchronous commit.
    handler_attempts: how often a record is handed to the handler when it raises retriable errors.
    retry_base_s, retry_cap_s: full-jitter back-off of handler retries, registry outages and dead-letter sends.
    unknown_id_grace_s: how long an id the registry does not know may still appear before its records are poison. It
    is paid once per id; afterwards the registry is asked again once a minute, and no record waits for that. All such
    ids share it: one met meanwhile waits for its end, a later one for a tenth of the time since, until one appears.
    watch_interval_s: how often a run looks whether its topics are still those it began with, whether a partition
    stands still although records are there, and, without a group, whether partitions were added (members of a group
    learn that from the client: `topic.metadata.refresh.interval.ms`).
    shutdown_s: what draining, committing and leaving the group take at most.
    dead_letter_window, dead_letter_share: the run stops when of the last `window` records a larger share was poison;
    a bad deployment must not empty a topic into its dead-letter topic. Parked records count; a share of 1 never stops.
    """

    topics: tuple[str, ...]
    group: str = ""
    start: Start | datetime = Start.BEGINNING
    unreadable: VersionPolicy = VersionPolicy.REFUSE
    unsafe: VersionPolicy = VersionPolicy.REFUSE
    changed_meaning: VersionPolicy = VersionPolicy.WARN
    max_records: int = 500
    poll_s: float = 0.2
    slice_s: float = 1.0
    commit_interval_s: float = 1.0
    commit_records: int = 1000
    handler_attempts: int = 5
    retry_base_s: float = 0.2
    retry_cap_s: float = 30.0
    unknown_id_grace_s: float = 300.0
    watch_interval_s: float = 60.0
    shutdown_s: float = 25.0
    dead_letter_window: int = 200
    dead_letter_share: float = 0.5
    app_version: str = ""

    def __post_init__(self) -> None:
        problems = []
        if not self.topics:
            problems.append(Problem(path="topics", expected="at least one topic", found="none"))
        if isinstance(self.start, datetime) and self.start.tzinfo is None:
            problems.append(Problem(path="start", expected="a time with a zone", found=str(self.start)))
        counts = ("max_records", "commit_records", "handler_attempts", "dead_letter_window")
        problems += [
            Problem(path=name, expected="at least 1", found=str(getattr(self, name)))
            for name in counts
            if getattr(self, name) < 1
        ]
        if not 0 < self.retry_base_s <= self.retry_cap_s:
            found = f"{self.retry_base_s} and {self.retry_cap_s}"
            problems.append(Problem(path="retry_base_s", expected="0 < base <= cap", found=found))
        if self.watch_interval_s <= 0:
            problems.append(Problem(path="watch_interval_s", expected="above 0", found=str(self.watch_interval_s)))
        if problems:
            raise ConfigError("the runner's settings are wrong", problems=tuple(problems))
