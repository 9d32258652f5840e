"""What a rehearsal proved of one subject, bound to the fingerprints of the versions that it played. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from avroad.errors import ConfigError, Problem
from avroad.evolve.matrix import Rehearsal, SubjectMatrix
from avroad.evolve.upgrade import Rolling
from avroad.evolve.versions import InPlay
from avroad.schema import not_utf8

__all__ = ["Certificate", "certificates_json", "certificates_of", "read_certificates"]

_REHEARSE: Final = "Make it with: avroad evolve rehearse --output json > FILE"
_TEXTS: Final = ("subject", "mode", "candidate", "at", "registry", "order")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WORDS: Final = {True: "compatible", False: "incompatible", None: "no answer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One subject's result. candidate: fingerprint of what was rehearsed; at: when, UTC, ISO 8601.

    played: (label, fingerprint) of the versions it was played against; mode: the declared level then, and met whether
    it was met; registry: what the registry said, in a word; order, steps: of the upgrade, as the matrix proved it;
    libraries: (name, version) of those that read; seed: of the data; accepted: findings that did not count, in words;
    rolling: which upgrades were played, or that none was, in words.
    """

    subject: str
    mode: str
    candidate: str
    played: tuple[tuple[str, str], ...]
    met: bool
    registry: str
    order: str
    steps: tuple[str, ...]
    at: str
    seed: int
    libraries: tuple[tuple[str, str], ...]
    accepted: tuple[str, ...] = ()
    rolling: str = ""

    def stale(self, play: InPlay) -> tuple[str, ...]:
        """Return what changed since, a sentence each; nothing while the result is valid for what is in play now."""
        found = []
        if self.candidate != play.candidate.id:
            found.append("its schema is another one than was rehearsed")
        if self.mode != play.spec.level.value:
            found.append(f"its declared mode is {play.spec.level}, and was {self.mode}")
        known = {fingerprint for _, fingerprint in self.played}
        found += [
            f"version {version.label} is in play, and was not" for version in play.versions[:-1]
            if version.id not in known
        ]  # fmt: skip
        return tuple(found)


def certificates_of(rehearsal: Rehearsal, at: datetime) -> tuple[Certificate, ...]:
    """Return what a rehearsal that ended at `at` proved, a certificate for each subject."""
    return tuple(_certificate(rehearsal, subject, at) for subject in rehearsal.subjects)


def _certificate(rehearsal: Rehearsal, subject: SubjectMatrix, at: datetime) -> Certificate:
    play = subject.in_play
    return Certificate(
        subject=play.spec.subject, mode=play.spec.level.value, candidate=play.candidate.id,
        played=tuple((version.label, version.id) for version in play.versions[:-1]),
        met=subject.met, registry=_WORDS[subject.verdict.compatible] if subject.required else "not asked",
        order=subject.advice.order.value, steps=tuple(step.text for step in subject.steps),
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"), seed=rehearsal.seed, libraries=rehearsal.libraries,
        accepted=tuple(each.words for each in subject.acceptance.accepted), rolling=_rolling(subject.rolling),
    )  # fmt: skip


def _rolling(rolling: Rolling | None) -> str:
    advised = [each for each in rolling.upgrades if each.advised] if rolling is not None else []
    if advised:
        return ", ".join(f"rolling upgrade {each.order} {'sound' if each.sound else 'NOT sound'}" for each in advised)
    if rolling is not None and rolling.upgrades:
        return "no rolling upgrade is advised"
    return "no rolling upgrade played" + (f": {rolling.unplayed}" if rolling is not None and rolling.unplayed else "")


def certificates_json(certificates: Iterable[Certificate]) -> list[dict[str, Any]]:
    """Return certificates as JSON, as `read_certificates` takes them under the key `certificates`."""
    return [
        {
            "subject": each.subject,
            "mode": each.mode,
            "candidate": each.candidate,
            "played": [{"label": label, "fingerprint": fingerprint} for label, fingerprint in each.played],
            "met": each.met,
            "registry": each.registry,
            "order": each.order,
            "steps": list(each.steps),
            "at": each.at,
            "seed": each.seed,
            "libraries": [{"name": name, "version": version or None} for name, version in each.libraries],
            "accepted": list(each.accepted),
            "rolling": each.rolling,
        }
        for each in certificates
    ]


def read_certificates(document: object, file: str) -> dict[str, Certificate]:
    """Return the certificates in a document by subject: what `evolve rehearse --output json` says, or what it keeps.

    file: for messages. Raises ConfigError for a document that is none; of one subject's certificates the newest counts.
    """
    listed = document.get("certificates") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _refused(file, "$.certificates", "the certificates of a rehearsal", "none")
    if not_utf8(listed) is not None:
        raise _refused(file, "$.certificates", "whole characters", "half of a surrogate pair")
    found: dict[str, Certificate] = {}
    for number, item in enumerate(listed):
        each = _read(item, file, f"$.certificates[{number}]")
        if any(_CONTROL.search(text) for text in _texts_of(each)):
            raise _refused(file, f"$.certificates[{number}]", "printable text", "a control character")
        if each.subject not in found or each.at >= found[each.subject].at:
            found[each.subject] = each
    return found


def _texts_of(each: Certificate) -> Iterator[str]:
    """Yield what may come to a terminal or into a changelog."""
    yield from (each.subject, each.mode, each.candidate, each.registry, each.order, each.at, each.rolling)
    yield from (*each.steps, *each.accepted)
    yield from (text for pair in (*each.played, *each.libraries) for text in pair)


def _read(item: object, file: str, path: str) -> Certificate:
    if not isinstance(item, dict):
        raise _refused(file, path, "an object", "something else")
    for key in _TEXTS:
        if not isinstance(item.get(key), str):
            raise _refused(file, f"{path}.{key}", "text", "something else" if key in item else "no such key")
    if not isinstance(item.get("met"), bool):
        raise _refused(file, f"{path}.met", "true or false", "something else")
    if not isinstance(item.get("rolling", ""), str):
        raise _refused(file, f"{path}.rolling", "text", "something else")
    if type(item.get("seed")) is not int:
        raise _refused(file, f"{path}.seed", "a whole number", "something else")
    return Certificate(
        **{key: item[key] for key in _TEXTS}, met=item["met"], seed=item["seed"], rolling=item.get("rolling", ""),
        steps=_texts(item, "steps", file, path), accepted=_texts({"accepted": [], **item}, "accepted", file, path),
        played=_pairs(item, "played", ("label", "fingerprint"), file, path),
        libraries=_pairs(item, "libraries", ("name", "version"), file, path),
    )  # fmt: skip


def _texts(item: Mapping[str, Any], name: str, file: str, path: str) -> tuple[str, ...]:
    listed = item.get(name)
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise _refused(file, f"{path}.{name}", "a list of texts", "something else")
    return tuple(listed)


def _pairs(
    item: Mapping[str, Any], name: str, keys: tuple[str, str], file: str, path: str
) -> tuple[tuple[str, str], ...]:
    listed = item.get(name)
    first, second = keys
    good = isinstance(listed, list) and all(
        isinstance(each, dict) and isinstance(each.get(first), str) and isinstance(each.get(second) or "", str)
        for each in listed
    )
    if not good or listed is None:
        raise _refused(file, f"{path}.{name}", f"a list of objects with {first} and {second}", "something else")
    return tuple((each[first], each.get(second) or "") for each in listed)


def _refused(file: str, path: str, expected: str, found: str) -> ConfigError:
    problem = Problem(expected=expected, found=found, file=file, path=path, fix=_REHEARSE)
    return ConfigError("this is not the result of a rehearsal", problems=(problem,))
