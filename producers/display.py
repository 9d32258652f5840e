"""Rate and totals of a producer: one live line on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from avroad.cli.output import say
from avroad.cli.streams import silence
from avroad.cli.words import counted
from avroad.model import Outcome

__all__ = ["Display", "named", "totals"]

_LIVE_S = 0.25
_PLAIN_S = 5.0
_WIDTH = 79
_SHOWN_IDS = 5


class Display:
    """Writes to `stream`; `live` says whether lines may be rewritten, found out from the stream when None.

    A stream that cannot be written is no reason to lose what is on its way: showing never raises, and `failure` keeps
    the first reason.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        live: bool | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty() if live is None else live
        self._now = now
        self._began = self._shown = now()
        self._shown_sent = 0
        self.failure: OSError | None = None

    def say(self, text: str) -> None:
        """Write one line, above the live line if there is one."""
        self._write(f"{self._clear()}{text}\n")

    def show(self, sent: int, outcomes: Mapping[Outcome, int]) -> None:
        """Write the present rate and totals when it is time to."""
        now = self._now()
        passed_s = now - self._shown
        if passed_s < (_LIVE_S if self._live else _PLAIN_S):
            return
        rate = (sent - self._shown_sent) / passed_s
        self._shown, self._shown_sent = now, sent
        text = f"{counted(sent, 'event')}, {rate:,.0f}/s, {totals(outcomes)}"
        if self._live:
            self._write(f"\r{text[:_WIDTH]:<{_WIDTH}}")
        else:
            self.say(text)

    def end(self, sent: int, types: Mapping[str, int], outcomes: Mapping[Outcome, int], again: int = 0) -> None:
        """Write the summary: events by type, how their sends ended, and the mean rate; to stderr if need be.

        again: the sends of events that another topic has already.
        """
        passed_s = max(self._now() - self._began, 1e-9)
        summary = f"sent {counted(sent, 'event')} in {passed_s:.1f} s, {sent / passed_s:,.0f}/s"
        kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(types.items()))
        if kinds:
            summary += f": {kinds}" if len(summary) + len(kinds) < _WIDTH - 1 else f"\n  {kinds}"
        summary += "\n"
        sends = sum(outcomes.values())
        second = f", {again:,} of them to a second topic" if again else ""
        summary += f"outcome of {counted(sends, 'send')}{second}: {totals(outcomes)}"
        self.say(summary)
        if self.failure is not None:
            say(summary)

    def _write(self, text: str) -> None:
        if self.failure is not None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            self.failure = error
            silence(self._stream)

    def _clear(self) -> str:
        return f"\r{'':<{_WIDTH}}\r" if self._live else ""


def totals(outcomes: Mapping[Outcome, int]) -> str:
    """Return how sends ended: acked always, the rest when there are any."""
    parts = [f"{outcomes.get(Outcome.ACKED, 0):,} acked"]
    others = (outcome for outcome in Outcome if outcome is not Outcome.ACKED)
    return ", ".join(parts + [f"{outcomes[other]:,} {other.value}" for other in others if outcomes.get(other)])


def named(ids: Sequence[str]) -> str:
    """Return the first few of many ids, and how many there are behind them."""
    more = len(ids) - _SHOWN_IDS
    return ", ".join(ids[:_SHOWN_IDS]) + (f" and {more:,} more" if more > 0 else "")
