"""In which order a rolling upgrade switches its programs, one at a time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from avroad.contracts.compat.order import Order

__all__ = ["MEMBERS", "Side", "Switch", "orders_of", "schedule"]

MEMBERS: Final = 2
"""Producers, and consumers in one group: the least with which one is old while another is new."""


class Side(StrEnum):
    """Who is switched."""

    PRODUCER = "producer"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One program that stops and comes back with the new version. number: from 1."""

    side: Side
    number: int


def orders_of(advised: Order) -> tuple[tuple[Order, bool], ...]:
    """Return the two orders that are played, each with whether it is advised, advised ones first."""
    played = (Order.PRODUCERS, Order.CONSUMERS) if advised is Order.PRODUCERS else (Order.CONSUMERS, Order.PRODUCERS)
    return tuple((order, advised in {order, Order.ANY}) for order in played)


def schedule(order: Order) -> tuple[Switch, ...]:
    """Return the switches of an order, which says who comes first."""
    sides = (Side.PRODUCER, Side.CONSUMER) if order is Order.PRODUCERS else (Side.CONSUMER, Side.PRODUCER)
    return tuple(Switch(side=side, number=number + 1) for side in sides for number in range(MEMBERS))
