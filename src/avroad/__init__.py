"""avroad: Avro contracts in git, everything else on Apache Kafka follows from them.

What programs use most can be imported from here; each name is loaded when it is first asked for, so that importing
one part never loads another. The rest is in the packages below this one (`avroad.wire`, `avroad.testing`, ...).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from avroad.codec import decoder_for, encoder_for
    from avroad.consumer import Event, Runner, RunnerSettings, Start
    from avroad.errors import AvroadError, DecodeError, EncodeError
    from avroad.model import Delivery, Outcome, Record
    from avroad.producer import Publisher
    from avroad.project import Project, open_project

__all__ = [
    "AvroadError",
    "DecodeError",
    "Delivery",
    "EncodeError",
    "Event",
    "Outcome",
    "Project",
    "Publisher",
    "Record",
    "Runner",
    "RunnerSettings",
    "Start",
    "decoder_for",
    "encoder_for",
    "open_project",
]

_HOME: Final = {
    **dict.fromkeys(("decoder_for", "encoder_for"), "codec"),
    **dict.fromkeys(("Event", "Runner", "RunnerSettings", "Start"), "consumer"),
    **dict.fromkeys(("AvroadError", "DecodeError", "EncodeError"), "errors"),
    **dict.fromkeys(("Delivery", "Outcome", "Record"), "model"),
    "Publisher": "producer",
    **dict.fromkeys(("Project", "open_project"), "project"),
}


def __getattr__(name: str) -> object:
    """Load a name of `__all__` from where it lives (PEP 562). Raises AttributeError for others."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
