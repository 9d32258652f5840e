"""What a plan may do to a topic, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["AddPartitions", "CreateTopic", "SetConfig", "SettingChange"]


class _OfTopic:
    """What all changes of a topic can be asked."""

    __slots__ = ()
    topic: str

    @property
    def target(self) -> str:
        """What is changed; topic and subject names may be equal, so the kind is part of it."""
        return f"topic {self.topic}"

    @property
    def creates(self) -> bool:
        """Whether the topic does not exist before."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTopic(_OfTopic):
    """Create a topic; config holds every setting of its own."""

    topic: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""

    @property
    def creates(self) -> bool:
        """Whether the topic does not exist before."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions(_OfTopic):
    """Raise the number of partitions, allowed by a person for `reason`; effect: what happens to keys."""

    topic: str
    old: int
    new: int
    reason: str
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """One setting: from the value in force to `new`; `new` None removes the topic's own value.

    old: None when the broker hides it. own: whether `old` is the topic's own value, else the broker's.
    default: what will apply after a removal, "" when it is not known.
    destructive: what is destroyed, "" for nothing; caution: what to mind, "" for nothing.
    """

    key: str
    old: str | None
    new: str | None
    own: bool = True
    default: str = ""
    destructive: str = ""
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConfig(_OfTopic):
    """Change settings of one topic, in one request."""

    topic: str
    settings: tuple[SettingChange, ...]

    @property
    def destructive(self) -> bool:
        """Whether any of the settings destroys something."""
        return any(setting.destructive for setting in self.settings)
