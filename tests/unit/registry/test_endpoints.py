"""Order of health and the circuit breaker, on a clock of their own."""

from __future__ import annotations

from avroad.registry.endpoints import FAILURES_TO_OPEN, Endpoint, Endpoints


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def chosen(endpoints: Endpoints, *tried: str) -> Endpoint:
    found = endpoints.choose(tried)
    assert found is not None
    return found[0]


def fail(endpoints: Endpoints, times: int = 1) -> None:
    for _ in range(times):
        endpoints.report(chosen(endpoints), healthy=False)


def test_the_given_order_counts_while_all_are_well() -> None:
    endpoints = Endpoints(["a", "b", "c"])
    assert endpoints.choose(()) is not None
    assert [chosen(endpoints).url, chosen(endpoints, "a").url, chosen(endpoints, "a", "b").url] == ["a", "b", "c"]
    assert endpoints.choose(("a", "b", "c")) is None


def test_how_many_could_be_tried_is_told() -> None:
    endpoints = Endpoints(["a", "b", "c"])
    assert [found[1] for tried in ((), ("a",), ("a", "b")) if (found := endpoints.choose(tried))] == [3, 2, 1]


def test_failures_move_an_address_back_and_one_success_forward() -> None:
    endpoints = Endpoints(["a", "b"])
    first = chosen(endpoints)
    endpoints.report(first, healthy=False)
    assert chosen(endpoints).url == "b"
    endpoints.report(first, healthy=True)
    assert chosen(endpoints).url == "a"


def test_the_circuit_opens_after_failures_in_a_row_only() -> None:
    endpoints = Endpoints(["a"], Clock())
    fail(endpoints, FAILURES_TO_OPEN - 1)
    endpoints.report(chosen(endpoints), healthy=True)
    fail(endpoints, FAILURES_TO_OPEN - 1)
    assert endpoints.choose(()) is not None
    fail(endpoints)
    assert endpoints.choose(()) is None


def test_after_the_cooldown_exactly_one_probe_is_let_through() -> None:
    clock = Clock()
    endpoints = Endpoints(["a"], clock)
    fail(endpoints, FAILURES_TO_OPEN)
    assert endpoints.wait_s() == 1.0
    clock.now += 1.0
    probe = chosen(endpoints)
    assert endpoints.choose(()) is None
    endpoints.report(probe, healthy=True)
    assert endpoints.choose(()) is not None


def test_the_cooldown_doubles_up_to_half_a_minute() -> None:
    clock = Clock()
    endpoints = Endpoints(["a"], clock)
    fail(endpoints, FAILURES_TO_OPEN)
    waits = []
    for _ in range(7):
        waits.append(endpoints.wait_s())
        clock.now += endpoints.wait_s()
        assert endpoints.wait_s() == 0
        fail(endpoints)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    clock.now += 30
    endpoints.report(chosen(endpoints), healthy=True)
    fail(endpoints, FAILURES_TO_OPEN)
    assert endpoints.wait_s() == 1.0


def test_an_open_address_does_not_hold_up_the_others() -> None:
    endpoints = Endpoints(["a", "b"], Clock())
    first = chosen(endpoints)
    for _ in range(FAILURES_TO_OPEN):
        endpoints.report(first, healthy=False)
    found = endpoints.choose(())
    assert found is not None
    assert (found[0].url, found[1]) == ("b", 1)
    assert endpoints.choose(("b",)) is None
