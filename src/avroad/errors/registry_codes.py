"""What the registry's error codes mean, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avroad.errors.registry import RegistryCode

__all__ = ["CODE_HELP", "KEY_REGISTRY_CODES", "CodeHelp"]

_LISTED: Final = "Run avroad subjects: it lists what is registered."
_BREAKS: Final = (
    "Run avroad plan: it names version, field and cure. What shall break on purpose needs --allow-breaking "
    "SUBJECT=REASON."
)
_GONE: Final = "Register the same text again to bring it back, or delete it for good first."
_SOFT: Final = "Delete it softly first; both steps are the registry's own, avroad deletes nothing."
_OWN: Final = "Ask with defaultToGlobal=true for what is in force. avroad apply sets the declared level on the subject."
_ASSOCIATION: Final = "avroad makes none: it names subjects by the topic's declaration."
_WAIT: Final = "Try again later; avroad does so by itself, with growing pauses. If it stays, look into the registry."


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHelp:
    """summary: what the registry says with it; cure: the next step."""

    summary: str
    cure: str


def _help(summary: str, cure: str) -> CodeHelp:
    return CodeHelp(summary=summary, cure=cure)


_C: Final = RegistryCode
CODE_HELP: Final[Mapping[RegistryCode, CodeHelp]] = {
    _C.SUBJECT_NOT_FOUND: _help("There is no such subject.", f"{_LISTED} Declared ones are made by avroad apply."),
    _C.VERSION_NOT_FOUND: _help("The subject has no such version.", _LISTED),
    _C.SCHEMA_NOT_FOUND: _help(
        "No schema has this id or text.",
        "Is it the registry of this environment? Directly after a registration a replica may lag: only then a second "
        "attempt helps.",
    ),
    _C.SUBJECT_SOFT_DELETED: _help("The subject is deleted softly; its ids still resolve.", _GONE),
    _C.SUBJECT_NOT_SOFT_DELETED: _help("A subject can be deleted for good only after it was deleted softly.", _SOFT),
    _C.VERSION_SOFT_DELETED: _help("The version is deleted softly; its id still resolves.", _GONE),
    _C.VERSION_NOT_SOFT_DELETED: _help("A version can be deleted for good only after it was deleted softly.", _SOFT),
    _C.SUBJECT_LEVEL_NOT_SET: _help("The subject has no compatibility level of its own.", _OWN),
    _C.SUBJECT_MODE_NOT_SET: _help("The subject has no mode of its own.", "The registry's own mode is in force."),
    _C.ASSOCIATION_NOT_FOUND: _help("No subject is associated with this topic.", _ASSOCIATION),
    _C.INCOMPATIBLE: _help("The schema breaks the subject's level (the code of older releases).", _BREAKS),
    _C.INCOMPATIBLE_SCHEMA: _help("The schema breaks the subject's level (the code since release 8.5).", _BREAKS),
    _C.TOO_MANY_ASSOCIATIONS: _help("The topic has too many associations.", _ASSOCIATION),
    _C.ASSOCIATION_FOR_SUBJECT_EXISTS: _help("The subject has an association already.", _ASSOCIATION),
    _C.ASSOCIATION_FOR_RESOURCE_EXISTS: _help("The topic has an association already.", _ASSOCIATION),
    _C.STRONG_ASSOCIATION_EXISTS: _help("The subject has a strong association already.", _ASSOCIATION),
    _C.NO_ACTIVE_VERSION: _help("The associated subject has no version that is not deleted.", _ASSOCIATION),
    _C.ASSOCIATION_FROZEN: _help("The association is frozen and cannot be changed.", _ASSOCIATION),
    _C.INVALID_SCHEMA: _help(
        "The text is no schema the registry takes, or a reference leads nowhere.",
        "Run avroad schema lint; then avroad plan, which registers referenced types first. Apicurio gives this code "
        "also when it cannot compare schemas with references.",
    ),
    _C.INVALID_VERSION: _help("A version is a whole number from 1, or latest.", _LISTED),
    _C.INVALID_LEVEL: _help(
        "There is no such compatibility level.",
        "Declare BACKWARD, FORWARD or FULL, each also with _TRANSITIVE, or NONE, under admin/topics.",
    ),
    _C.INVALID_MODE: _help("There is no such mode.", "Modes are READWRITE, READONLY, IMPORT and FORWARD."),
    _C.NOT_PERMITTED: _help(
        "The subject's mode does not permit it, or an id would be overwritten.",
        "Ask the registry for GET /mode/SUBJECT: while it is READONLY nothing can be registered.",
    ),
    _C.REFERENCE_EXISTS: _help("Another schema refers to this version.", "Delete what refers to it first."),
    _C.ID_MISMATCH: _help(
        "The schema is registered under another id.", "Import into an empty registry, or keep the id it has."
    ),
    _C.INVALID_SUBJECT: _help("The subject's name is not allowed.", "Rename topic or type; see their declarations."),
    _C.SCHEMA_TOO_LARGE: _help("The schema is too large.", "Move parts into types of their own: they are referenced."),
    _C.INVALID_RULESET: _help("The rules that come with the schema are not valid.", "avroad sends none: who does?"),
    _C.CONTEXT_NOT_EMPTY: _help("The context still has subjects.", "Delete its subjects first."),
    _C.INVALID_ASSOCIATION: _help("The association is not valid.", _ASSOCIATION),
    _C.ASSOCIATION_BATCH_LIMIT: _help("Too many associations in one request.", _ASSOCIATION),
    _C.STORE_ERROR: _help("The registry cannot write to or read from its store.", _WAIT),
    _C.STORE_TIMEOUT: _help("The registry's store did not answer in time.", _WAIT),
    _C.FORWARDING_FAILED: _help("The node could not pass the request on to the leader.", _WAIT),
    _C.LEADER_UNKNOWN: _help("The registry has no leader now.", _WAIT),
    _C.JSON_PARSE_ERROR: _help(
        "A client library could not read the registry's answer as JSON.",
        "Is a proxy or a web page answering at this address?",
    ),
}
KEY_REGISTRY_CODES: Final = frozenset({40370, 40470, 40471, 40472, 40971, 40972, 42271, 42272, 50070})
"""Codes of the key registry, which belongs to field encryption; avroad never asks it."""
