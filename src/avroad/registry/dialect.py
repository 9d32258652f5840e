"""Which registry product answers, and what that means for the calls. Detected from its answers, never assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from avroad.model import Dialect
from avroad.registry.transport import Response

__all__ = ["Traits", "detect", "traits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a product does differently. Seen on Apicurio 3.3.3; Karapace and Confluent 8.5 from their sources.

    lists_subjects: `GET /schemas` says to which subject and version each schema belongs.
    own_level_apart: `GET /config/{subject}` does not tell an own level from a default; the rule has to be asked for.
    refuses_some_checks: a check that involves references is answered with 422 instead of a verdict.
    hides_versions: a list of versions ends at 500 whatever the offset; its own interface has the rest.
    folds_revisions: schemas that differ in aliases or enum defaults only are taken for the same.
    """

    lists_subjects: bool
    own_level_apart: bool = False
    refuses_some_checks: bool = False
    hides_versions: bool = False
    folds_revisions: bool = False


_TRAITS: Final = {
    Dialect.CONFLUENT: Traits(lists_subjects=True),
    Dialect.KARAPACE: Traits(lists_subjects=True),
    Dialect.APICURIO: Traits(
        lists_subjects=False, own_level_apart=True, refuses_some_checks=True, hides_versions=True, folds_revisions=True
    ),
    Dialect.UNKNOWN: Traits(lists_subjects=False, refuses_some_checks=True),
}


def traits_of(dialect: Dialect) -> Traits:
    """Return the traits of a product; the careful ones for an unknown product."""
    return _TRAITS[dialect]


def detect(ask: Callable[[str, bool], Response]) -> Dialect:
    """Return the product, by the first question only it answers.

    ask: sends a GET for a path, below the server's root when the flag is set; its errors pass through, so that an
    outage is never mistaken for an unknown product.
    """
    for dialect, path, from_root, key, word in _QUESTIONS:
        if _answers(ask(path, from_root), key, word):
            return dialect
    return Dialect.UNKNOWN


_QUESTIONS: Final = (
    (Dialect.APICURIO, "/apis/registry/v3/system/info", True, "name", "Apicurio"),
    (Dialect.CONFLUENT, "/v1/metadata/version", False, "version", ""),
    (Dialect.KARAPACE, "/_health", False, "karapace_version", ""),
)


def _answers(response: Response, key: str, word: str) -> bool:
    if response.status != HTTPStatus.OK:
        return False
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        return False
    text = value.get(key) if isinstance(value, dict) else None
    return isinstance(text, str) and word in text
