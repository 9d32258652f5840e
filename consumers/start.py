"""Where to begin reading, as a person says it: beginning, latest, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from avroad.consumer import Start

__all__ = ["StartType"]

_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})Z?")
_AGO: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class StartType(click.ParamType[Start | datetime]):
    """A click type for `--from`."""

    name = "start"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's signature
        """Return what stands behind the option in the help text."""
        return "beginning|latest|TIME"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Start | datetime:
        """Return the start for `beginning`, `latest`, an ISO 8601 time with zone, or `15m`, `2h`, `1d` ago.

        A day alone is its midnight in UTC, the zone of every time that is shown.
        """
        if isinstance(value, Start | datetime):
            return value
        text = str(value)
        if text in set(Start):
            return Start(text)
        ago = _AGO.fullmatch(text)
        if ago is not None:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        day = _DAY.fullmatch(text)
        try:
            moment = datetime.fromisoformat(f"{day[1]}T00:00:00Z" if day is not None else text)
        except ValueError:
            self.fail(
                f"expected beginning, latest, 15m or a time like 2026-03-02T07:00:00Z, found {text[:40]!r}", param, ctx
            )
        if moment.tzinfo is None:
            self.fail(f"expected a time with a zone, e.g. {moment.isoformat()}Z, found {text[:40]!r}", param, ctx)
        return moment.astimezone(UTC)
