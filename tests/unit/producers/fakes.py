"""As much of a publisher and of a project as the programs need."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from avroad.model import ClusterState, Delivery, Outcome, TopicState
from avroad.producer import CloseReport
from producers.display import Display
from producers.sending import Ledger, Sender, Sending


class FakePublisher:
    """Resolves every send at once; `script` says how, in order, errors are raised."""

    def __init__(self, *script: Outcome | Exception) -> None:
        self.script = list(script)
        self.taken: list[tuple[object, str]] = []
        self.closed = 0

    def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
        step = self.script.pop(0) if self.script else Outcome.ACKED
        if isinstance(step, Exception):
            raise step
        self.taken.append((event, topic))
        future: Future[Delivery] = Future()
        reason = "" if step is Outcome.ACKED else "MSG_TIMED_OUT"
        position = len(self.taken)
        future.set_result(Delivery(outcome=step, topic=topic, partition=1, offset=position, reason=reason))
        return future

    def close(self, deadline_s: float | None = None) -> CloseReport:
        assert deadline_s
        self.closed += 1
        return CloseReport(undelivered=(), acked=0, rejected=0, unknown=0, fatal=0, elapsed_s=0.0)


def sending(number: int, *topics: str) -> Sending:
    return Sending(
        event={"n": number}, event_id=str(number), type_name="n.T", topics=topics or ("t",), origin=f"f:{number}"
    )


def never() -> bool:
    return False


def sender(publisher: FakePublisher, over: Callable[[], bool] = never) -> Sender:
    return Sender(publisher, Ledger(None), over)


def quiet() -> Display:
    return Display(io.StringIO(), live=False)


class FakeProject:
    """As much of a project as sending needs."""

    def __init__(
        self, publisher: FakePublisher, topics: tuple[str, ...] = ("traffic.events", "traffic.cameras")
    ) -> None:
        self._publisher = publisher
        self._topics = topics

    def lock(self) -> None:
        return None

    def observe(self, topics: tuple[str, ...], lock: None) -> ClusterState:
        assert lock is None
        found = {name: TopicState(name=name, partitions=()) for name in self._topics if name in topics}
        return ClusterState(cluster_id="c", brokers=(1,), topics=found)

    def publisher(self, **_settings: object) -> FakePublisher:
        return self._publisher


def use(project: FakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avroad.cli.context.Context.project", lambda _context: project)
