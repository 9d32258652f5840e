"""Carries out exactly one plan, in its order, and writes the lock when all of it is done."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from avroad.admin.actual import BegunBreak, state_marks
from avroad.admin.observe import observe_state
from avroad.admin.plan import Change, Plan
from avroad.admin.records import Records
from avroad.admin.register import Registrar, refuses
from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig
from avroad.contracts.lock import SchemaLock
from avroad.contracts.pending import PendingBreak
from avroad.errors import (
    AvroadError,
    ClusterMismatch,
    DestructiveRefused,
    IncompatibleSchema,
    LockError,
    PlanError,
    StalePlan,
)
from avroad.model import TopicSpec
from avroad.ports import ClusterAdmin, Registry

__all__ = ["ApplyReport", "apply", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """What became of a plan. error: why it stopped, None when all of it is done; lock: what was written, if so.

    unsure: whether the step that failed may have been carried out, wholly or in part.

    After an error everything in `done` stands, nothing in `remaining` was completed, and a new plan holds only the
    rest.
    """

    done: tuple[Change, ...]
    remaining: tuple[Change, ...] = ()
    error: AvroadError | None = None
    lock: SchemaLock | None = None
    unsure: bool = False

    @property
    def counts(self) -> tuple[int, int, int]:
        """Topics and subjects created, changed and left, counted as a plan does; one is left while a step of it is."""
        left = {change.target for change in self.remaining}
        finished = [change for change in self.done if change.target not in left]
        created = {change.target for change in finished if change.creates}
        return len(created), len({change.target for change in finished} - created), len(left)


def verify(
    plan: Plan,
    admin: ClusterAdmin,
    registry: Registry,
    *,
    environment: str,
    cluster_id: str = "",
    allow_destructive: Collection[str] = (),
    lock: SchemaLock | None = None,
    pending: Sequence[PendingBreak] = (),
) -> None:
    """Observe once and raise unless `plan` may be carried out now. Nothing is written.

    cluster_id: the one the environment is bound to, "" when to none. lock, pending: as they are now.
    Raises ClusterMismatch, StalePlan, DestructiveRefused; when the plan holds refusals, IncompatibleSchema if a schema
    is among them, else PlanError.
    """
    _refuse_other_target(plan, registry, environment, cluster_id)
    if plan.refusals:
        first = plan.refusals[0]
        more = f" (and {len(plan.refusals) - 1} more)" if len(plan.refusals) > 1 else ""
        refused = IncompatibleSchema if plan.breaks_contract else PlanError
        raise refused(f"the plan holds refusals{more}: {first.target}: {first.found}", hint=first.hint)
    missing = [topic for topic in plan.destructive if topic not in allow_destructive]
    if missing:
        flags = " ".join(f"--allow-destructive {topic}" for topic in missing)
        raise DestructiveRefused(f"the plan drops data of {', '.join(missing)}", hint=f"Allow it with: {flags}")
    topics = [name.removeprefix("topic ") for name in plan.marks if name.startswith("topic ")]
    subjects = [name.removeprefix("subject ") for name in plan.marks if name.startswith("subject ")]
    state = dataclasses.replace(
        observe_state(admin, registry, topics, subjects),
        lock=lock,
        begun=tuple(BegunBreak(pending=item) for item in pending),
    )
    if state.cluster_id != plan.cluster_id:
        raise ClusterMismatch(
            "the plan was made for another cluster",
            expected=f"cluster {plan.cluster_id}",
            found=state.cluster_id or "a cluster without an id",
            hint=f"Run the command again; a saved plan is made anew by: avroad plan -e {environment} --out FILE",
        )
    marks = state_marks(state, topics, subjects)
    moved = [name for name, mark in plan.marks.items() if marks[name] != mark]
    if moved:
        shown = ", ".join(moved[:3]) + (f" and {len(moved) - 3} more" if len(moved) > 3 else "")  # noqa: PLR2004
        raise StalePlan(
            f"plan is stale: {shown} changed since {plan.observed_at}",
            hint=f"Run the command again; a saved plan is made anew by: avroad plan -e {environment} --out FILE",
        )


def apply(
    plan: Plan,
    admin: ClusterAdmin,
    registry: Registry,
    *,
    lock_path: Path | None = None,
    progress: Callable[[Change], None] = lambda _change: None,
    held_back: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> ApplyReport:
    """Carry out a plan that `verify` let pass. An empty plan writes nothing to cluster and registry.

    lock_path: where the lock is written once everything is done, and beside it what it does not hold yet; None writes
    neither. held_back: the block in which a level is NONE is run within it; it should let no signal interrupt that.
    progress: told each change when it is done. A failure ends up in the report, so that nobody loses what was done.
    """
    done: list[Change] = []

    def finish(changes: Sequence[Change]) -> None:
        for change in changes:
            done.append(change)
            progress(change)

    registrar = Registrar(registry, plan.subjects, at=plan.observed_at, finish=finish)
    records = Records(plan, lock_path)
    try:
        _create(admin, [change for change in plan.changes if isinstance(change, CreateTopic)], finish)
        _grow(admin, [change for change in plan.changes if isinstance(change, AddPartitions)], finish)
        for change in plan.changes:
            if isinstance(change, SetConfig):
                admin.set_config(change.topic, {setting.key: setting.new for setting in change.settings})
                finish([change])
            elif isinstance(change, SetLevel):
                registrar.set_level(change)
            elif isinstance(change, RegisterSchema) and change.allowance is not None:
                with held_back():
                    _register_break(change, registrar, records)
            elif isinstance(change, RegisterSchema):
                registrar.register(change)
    except AvroadError as error:
        remaining = tuple(change for change in plan.changes if change not in done)
        unsure = error.retriable or bool(registrar.lowered)
        return ApplyReport(done=tuple(done), remaining=remaining, error=error, unsure=unsure)
    try:
        return ApplyReport(done=tuple(done), lock=records.finish(registrar.locked()))
    except LockError as error:
        return ApplyReport(done=tuple(done), error=error)


def _register_break(change: RegisterSchema, registrar: Registrar, records: Records) -> None:
    """Register what is allowed to break, so that no end of this process at any moment loses why it was."""
    records.begin(change)
    try:
        registrar.register(change)
    except AvroadError as error:
        if refuses(error) and change.subject not in registrar.broken():
            records.forget(change)
        raise
    finally:
        records.keep(registrar.broken())


def _refuse_other_target(plan: Plan, registry: Registry, environment: str, cluster_id: str) -> None:
    if plan.environment != environment:
        raise ClusterMismatch(
            "the plan was made for another environment",
            expected=f"environment {plan.environment}",
            found=environment,
            hint=f"Apply it with: -e {plan.environment}",
        )
    if cluster_id and plan.cluster_id != cluster_id:
        raise ClusterMismatch(
            f"the plan was made for another cluster than environment {environment} is bound to",
            expected=f"cluster {cluster_id}",
            found=plan.cluster_id,
        )
    if plan.registry != registry.name:
        raise ClusterMismatch("the plan was made for another registry", expected=plan.registry, found=registry.name)


def _create(admin: ClusterAdmin, changes: list[CreateTopic], finish: Callable[[Sequence[Change]], None]) -> None:
    """Create in one request per replication factor, after the cluster has validated all of them."""
    batches = [
        (copies, list(group))
        for copies, group in itertools.groupby(
            sorted(changes, key=lambda change: change.replication_factor), key=lambda change: change.replication_factor
        )
    ]
    for copies, batch in batches:
        admin.create_topics([_spec(change) for change in batch], replication_factor=copies, validate_only=True)
    for copies, batch in batches:
        try:
            admin.create_topics([_spec(change) for change in batch], replication_factor=copies)
        except AvroadError:
            _finish_existing(admin, batch, finish)
            raise
        finish(batch)


def _grow(admin: ClusterAdmin, changes: list[AddPartitions], finish: Callable[[Sequence[Change]], None]) -> None:
    if not changes:
        return
    try:
        admin.add_partitions({change.topic: change.new for change in changes})
    except AvroadError:
        _finish_existing(admin, changes, finish)
        raise
    finish(changes)


def _finish_existing(
    admin: ClusterAdmin, batch: Sequence[CreateTopic | AddPartitions], finish: Callable[[Sequence[Change]], None]
) -> None:
    """Report what a failed request did all the same; when the cluster cannot say, report nothing."""
    try:
        topics = admin.observe([change.topic for change in batch]).topics
    except AvroadError:
        return
    counts = {name: len(state.partitions) for name, state in topics.items()}
    for change in batch:
        wanted = change.new if isinstance(change, AddPartitions) else change.partitions
        if counts.get(change.topic) == wanted:
            finish([change])


def _spec(change: CreateTopic) -> TopicSpec:
    return TopicSpec(name=change.topic, partitions=change.partitions, config=change.config)
