"""The members of one rolling upgrade: who begins, who is switched while events flow, who never is, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from avroad.evolve.ledger import Ledger
from avroad.evolve.members import Build, Clients, Consumer, Producer
from avroad.evolve.switches import MEMBERS, Side, Switch

__all__ = ["Cast", "Keeper"]

_PLACES: Final = tuple(range(1, MEMBERS + 1))
_ALONE: Final = 1
_FEWEST: Final = 40
_MOST: Final = 120
_WAIT_S: Final = 20.0
_SETTLE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """A version that declared programs are pinned to: one consumer in a group of its own. programs: their names."""

    programs: tuple[str, ...]
    group: str
    build: Build


class Cast:
    """The members of one play. kept: what each keeper is told, in their order; it has the ids that were sent, too."""

    def __init__(
        self, builds: tuple[Build, Build], group: str, keepers: Sequence[Keeper], clients: Clients, ledger: Ledger
    ) -> None:
        """builds: old and new; group: of all consumers but the keepers; ledger: told what they send and meet."""
        self._builds, self._group, self._keepers = builds, group, keepers
        self._clients, self._ledger = clients, ledger
        self._members: dict[tuple[Side, int], Producer | Consumer] = {}
        self._aside: list[Consumer] = []
        self.kept = tuple(ledger.beside() for _ in keepers)
        most = max(len(build.data) for build in builds)
        self._events = min(_MOST, max(_FEWEST, most))

    def begin(self) -> None:
        """Let all begin, the members with the old version."""
        for keeper, ledger in zip(self._keepers, self.kept, strict=True):
            self._aside.append(Consumer(_ALONE, keeper.group, keeper.build, self._clients, ledger))
        for side in (Side.CONSUMER, Side.PRODUCER):
            for number in _PLACES:
                self._enter(Switch(side=side, number=number), self._builds[0])
        self._ledger.wait_met(_PLACES, _WAIT_S)
        self._go_on()

    def switch(self, switch: Switch) -> None:
        """End one member, let it come back with the new version, and wait until it has taken its part."""
        self._members.pop((switch.side, switch.number)).end()
        self._enter(switch, self._builds[1])
        if switch.side is Side.CONSUMER:
            self._ledger.wait_met(_PLACES, _WAIT_S)
        self._go_on()

    def fall_silent(self) -> None:
        """End the producers, then wait until everything is read."""
        for number in _PLACES:
            self._members.pop((Side.PRODUCER, number)).end()
        self._ledger.wait_finished(_WAIT_S)
        for ledger in self.kept:
            for event_id in self._ledger.delivered:
                ledger.acked(event_id)
            ledger.wait_finished(_WAIT_S)

    def end(self) -> None:
        """End whoever is still there.

        A consumer that goes while it joins leaves a place behind that its group waits for; it is let in first.
        """
        self._ledger.settle(tuple(number for side, number in self._members if side is Side.CONSUMER), _SETTLE_S)
        for ledger in self.kept[: len(self._aside)]:
            ledger.settle((_ALONE,), _SETTLE_S)
        for member in (*self._members.values(), *self._aside):
            member.stop()
        while self._members:
            self._members.popitem()[1].end()
        while self._aside:
            self._aside.pop().end()

    def _enter(self, place: Switch, build: Build) -> None:
        member: Producer | Consumer
        if place.side is Side.CONSUMER:
            self._ledger.entered(place.number)
            member = Consumer(place.number, self._group, build, self._clients, self._ledger)
        else:
            member = Producer(place.number, build, self._clients, self._ledger)
        self._members[place.side, place.number] = member

    def _go_on(self) -> None:
        """Let traffic pass; what is in the log by then is finished before anybody else is switched.

        Whatever does not come in time is not waited for again: the comparison by id will say what it is.
        """
        self._ledger.wait_acked(_PLACES, self._events, _WAIT_S)
        self._ledger.wait_finished(_WAIT_S)
