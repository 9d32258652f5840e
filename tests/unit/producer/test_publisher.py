"""The publisher over a scripted sink: what no broker can be made to do on command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest

from avroad.errors import BrokerError, Overloaded
from avroad.model import Delivery, Outcome, OutgoingRecord
from avroad.ports.hooks import Hook
from avroad.producer import ProducerSettings, Publisher
from avroad.registry import MemoryRegistry
from tests.behaviour.runtime.world import make_catalog, order, register, until

CATALOG = make_catalog()
LOCK = register(CATALOG, MemoryRegistry())
ACKED = Delivery(outcome=Outcome.ACKED, topic="orders", partition=0, offset=1)


class FakeSink:
    """Takes at most `room` records and answers them when told."""

    def __init__(self, room: int = 10) -> None:
        self.room = room
        self.waiting: list[Callable[[Delivery], None]] = []
        self.calls: list[str] = []
        self.forgets = False
        self.entered = threading.Event()
        self.gate: threading.Event | None = None

    def produce(self, record: OutgoingRecord, on_delivery: Callable[[Delivery], None]) -> bool:
        if self.gate is not None:
            self.entered.set()
            assert self.gate.wait(20)
        if len(self.waiting) >= self.room:
            return False
        self.waiting.append(on_delivery)
        return True

    def answer(self, delivery: Delivery = ACKED) -> None:
        self.waiting.pop(0)(delivery)

    def poll(self, timeout_s: float) -> int:
        threading.Event().wait(min(timeout_s, 0.01))
        return 0

    def flush(self, timeout_s: float) -> int:
        self.calls.append("flush")
        return len(self)

    def partitions(self, topic: str) -> int:
        return 1

    def close(self, timeout_s: float) -> bool:
        self.calls.append("close")
        purged, self.waiting = self.waiting, []
        for on_delivery in purged if not self.forgets else []:
            on_delivery(Delivery(outcome=Outcome.UNKNOWN, topic="orders", reason="purged"))
        return not self.forgets

    def __len__(self) -> int:
        return len(self.waiting)


def publisher(sink: FakeSink, hooks: Sequence[Hook] = (), **settings: float) -> Publisher:
    values = {"queue_timeout_s": 0.05, "background_poll": False, **settings}
    return Publisher(
        catalog=CATALOG, lock=LOCK, sink=sink, source_uri="urn:x", hooks=hooks,
        settings=ProducerSettings(**values),  # type: ignore[arg-type]
    )  # fmt: skip


def send(target: Publisher, number: int = 1) -> Future[Delivery]:
    return target.send(order(number), type_name="demo.Order")


def test_overload_takes_nothing_and_room_takes_it_again() -> None:
    sink = FakeSink(room=1)
    target = publisher(sink)
    first = send(target)
    with pytest.raises(Overloaded, match=r"0\.05 s, 1 waiting"):
        send(target, 2)
    assert len(target) == 1
    sink.answer()
    assert first.result(0) == ACKED
    second = send(target, 3)
    sink.answer()
    assert second.result(0) == ACKED


class Answering(FakeSink):
    """Answers whatever waits when it is polled, and knows by whom."""

    def __init__(self) -> None:
        super().__init__(room=10_000)
        self.polled_by: set[int] = set()

    def poll(self, timeout_s: float) -> int:
        if timeout_s:
            return super().poll(timeout_s)  # the publisher's own thread
        self.polled_by.add(threading.get_ident())
        for _ in range(found := len(self.waiting)):
            self.answer()
        return found


def test_fast_sends_serve_results_themselves() -> None:
    sink = Answering()
    target = publisher(sink, background_poll=True)
    sent = [send(target, number) for number in range(2000)]
    assert sum(future.done() for future in sent) >= 1500
    assert sink.polled_by == {threading.get_ident()}
    target.close(0.1)


def test_a_future_resolves_once_even_if_the_client_reports_twice() -> None:
    sink = FakeSink()
    target = publisher(sink)
    future = send(target)
    report = sink.waiting[0]
    sink.answer()
    report(Delivery(outcome=Outcome.REJECTED, topic="orders"))
    assert future.result(0) == ACKED
    assert target.close(0.1).acked == 1


class Told:
    """A hook that notes what it is told, and then breaks its promise not to raise."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def on_delivery(self, delivery: Delivery, type_name: str) -> None:
        self.outcomes.append(delivery.outcome)
        raise RuntimeError("a broken hook")


@pytest.mark.parametrize("forgets", [False, True])
def test_nothing_a_caller_does_to_its_future_hides_an_outcome(forgets: bool) -> None:
    sink, told = FakeSink(), Told()
    target = publisher(sink, hooks=[told])
    acked, late, failed, done = (send(target, number) for number in range(1, 5))

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(late), 0.01)

    assert not acked.cancel()
    sink.answer()
    assert acked.result(0) == ACKED
    asyncio.run(give_up())
    failed.set_exception(KeyError())
    done.set_result(ACKED)
    sink.forgets = forgets
    report = target.close(0.05)
    assert report.undelivered == tuple(str(order(number)["event_id"]) for number in (2, 3, 4))
    assert (report.acked, report.unknown) == (1, 3)
    assert told.outcomes == [Outcome.ACKED, Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert late.result(0).outcome is Outcome.UNKNOWN
    assert target.close() is report


def test_no_future_stays_open_even_if_the_client_forgets_one() -> None:
    sink = FakeSink()
    sink.forgets = True
    target = publisher(sink)
    future = send(target)
    report = target.close(0.05)
    assert future.result(0).outcome is Outcome.UNKNOWN
    assert report.undelivered == (str(order(1)["event_id"]),)
    assert sink.calls[-1] == "close"


def test_what_is_given_up_at_the_end_is_unknown_and_named() -> None:
    sink = FakeSink()
    target = publisher(sink)
    future = send(target)
    report = target.close(0.05)
    assert future.result(0).reason == "purged"
    assert (report.undelivered, report.unknown) == ((str(order(1)["event_id"]),), 1)


def test_an_empty_queue_closes_at_once() -> None:
    sink = FakeSink()
    assert publisher(sink).close(5).clean
    assert sink.calls == ["close"]


def test_closing_waits_for_a_send_that_has_begun() -> None:
    sink = FakeSink()
    sink.gate = threading.Event()
    target = publisher(sink)
    futures: list[Future[Delivery]] = []
    sender = threading.Thread(target=lambda: futures.append(send(target)))
    sender.start()
    assert sink.entered.wait(10)
    closer = threading.Thread(target=target.close, args=(5,))
    closer.start()
    until(lambda: target._closing)
    with pytest.raises(BrokerError, match="closed"):
        send(target)
    sink.gate.set()
    sender.join(10)
    until(lambda: sink.waiting)
    sink.answer()
    closer.join(10)
    assert futures[0].result(0) == ACKED
    assert target.close().clean


def test_closing_ends_a_send_that_waits_for_room() -> None:
    sink = FakeSink(room=0)
    target = publisher(sink, queue_timeout_s=60)
    errors: list[BaseException] = []

    def wait_for_room() -> None:
        try:
            send(target)
        except Overloaded as error:
            errors.append(error)

    sender = threading.Thread(target=wait_for_room)
    sender.start()
    until(lambda: target._sending == 1)
    report = target.close(5)
    sender.join(10)
    assert len(errors) == 1
    assert report.undelivered == ()


def test_a_fatal_outcome_refuses_further_sends_and_still_closes() -> None:
    sink = FakeSink()
    target = publisher(sink)
    future = send(target)
    sink.answer(Delivery(outcome=Outcome.FATAL, topic="orders", reason="sequence broken"))
    assert future.result(0).outcome is Outcome.FATAL
    with pytest.raises(BrokerError, match="sequence broken"):
        send(target)
    assert target.close(1).fatal == 1


def test_leaving_a_block_closes_and_an_empty_publisher_is_true() -> None:
    sink = FakeSink()
    with publisher(sink) as target:
        assert len(target) == 0
        assert target
        assert target.poll() == 0
        assert target.flush(0.1) == 0
    assert "close" in sink.calls


def test_flushing_counts_what_is_left_at_its_deadline() -> None:
    sink = FakeSink()
    target = publisher(sink)
    send(target)
    assert target.flush(0.05) == 1
    sink.answer()
    assert target.flush(0.05) == 0
    target.close(1)
