"""What may be shown of what people gave: never a secret, nor what may be one in the wrong place."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_name", "is_secret", "masked", "shown_name", "shown_value"]

_MASK: Final = "***"

_SECRET_ENDS: Final = frozenset({"password", "secret", "passphrase", "token"})
_SECRET_NAMES: Final = frozenset({"basic.auth.user.info", "sasl.oauthbearer.config", "sasl.jaas.config"})
_CREDENTIALS: Final = re.compile(r"\A(\w+://)?.*:.*@", re.DOTALL)
_MAX_SHOWN: Final = 80
# Words, numbers, host:port, lists of them, an address. Not "@", quotes or blanks: a password, or a whole line of
# another setting, would pass as well.
_PLAIN: Final = re.compile(r"(?:\w+://)?(?:\[[0-9A-Fa-f:.%]*\]|[\w./%-]*)(?::[0-9]{0,6}(?:/[\w/.-]*)?)?")
# A line of a key file is a long word, a hexadecimal secret holds digits; names of settings have dots or are one word.
_NAME: Final = re.compile(r"(?:[A-Za-z0-9_-]{1,40}(?:\.[A-Za-z0-9_-]{1,40})+|[A-Z]?[a-z_]{1,30}|[A-Z_]{1,30})")


def is_secret(name: str) -> bool:
    """Say whether the setting of this name must never be shown, logged or given as a flag."""
    return name in _SECRET_NAMES or name.rpartition(".")[2] in _SECRET_ENDS or name.endswith("key.pem")


def shown_value(value: str) -> str:
    """Return the value of a setting as a message may show it: quoted, or named only, when it may hold a secret.

    For settings that are no secrets themselves: a person may have put a password, an address with one, or a whole
    line of another setting there.
    """
    if len(value) > _MAX_SHOWN or not all(_PLAIN.fullmatch(part) for part in value.split(",")):
        return "a value that is not shown, as it may hold a secret"
    return f'"{value}"'


def is_name(text: str) -> bool:
    """Say whether a text looks like the name of a setting, rather than like something in the wrong place."""
    return _NAME.fullmatch(text) is not None


def shown_name(name: str) -> str:
    """Return what was given as the name of a setting as a message may show it, as `shown_value` does."""
    return f'"{name}"' if is_name(name) else "a name that is not shown, as it may hold a secret"


def masked(value: str, *, secret: bool) -> str:
    """Return a value for a person: a secret as `***`, an address without user and password that stand inside it."""
    if secret:
        return _MASK
    return _CREDENTIALS.sub(rf"\g<1>{_MASK}@", value) if "@" in value else value
