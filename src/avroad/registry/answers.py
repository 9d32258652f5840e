"""What the registry answered: refusals become errors, bodies become values."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from avroad.errors import RegistryCode, RegistryDenied, RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.registry.shapes import WrongShape
from avroad.registry.transport import Response
from avroad.schema import Json

__all__ = ["Answer", "error_of"]

T = TypeVar("T")


class Answer:
    """One response on its way to a value.

    action: what was asked, for messages ("read version 3 of traffic-value"). scrub: masks secrets in foreign text.
    """

    def __init__(self, response: Response, action: str, scrub: Callable[[str], str]) -> None:
        self.status = response.status
        self._response = response
        self._action = action
        self._scrub = scrub

    def value(self, read: Callable[[Json], T]) -> T:
        """Return the body as `read` understands it.

        Raises RegistryDenied for 401 and 403, SchemaNotFound for 404xx, RegistryError for other refusals, and
        RegistryUnavailable for a body that is not JSON of the promised shape: such an answer comes from something
        that stands in the registry's place, and asking again later can help.
        """
        if self.status >= HTTPStatus.BAD_REQUEST:
            raise self.error()
        try:
            return read(json.loads(self._response.body))
        except WrongShape as wrong:
            expected = wrong.expected
        except (ValueError, RecursionError):
            expected = "JSON"
        raise RegistryUnavailable(
            f"cannot {self._action}", status=self.status, expected=expected, found=self._found(),
            hint="Is this the address of a schema registry?",
        )  # fmt: skip

    def error(self) -> RegistryError:
        """Return the refusal as an error."""
        return error_of(self._response, self._action, self._scrub)

    def code(self) -> RegistryCode | None:
        """Return the named code of a refusal, None for an answer or an unknown code."""
        return _code(self._response)[0] if self.status >= HTTPStatus.BAD_REQUEST else None

    def _found(self) -> str:
        body = self._response.body.lstrip()[:1]
        kinds = {b"<": "a web page", b"[": "a list", b"{": "another object", b"n": "null", b"": "nothing"}
        return kinds.get(body, "something else")


def error_of(response: Response, action: str, scrub: Callable[[str], str]) -> RegistryError:
    """Return the error for a refusal, with the registry's own words in `found`."""
    code, number, words = _code(response)
    status = response.status
    found = scrub(words) or f"HTTP {status}"
    if number is not None and code is None and number not in {0, status}:
        found = f"{found} (error code {number})"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return RegistryDenied(
            f"the registry did not let us {action}", code=code, status=status,
            expected="valid credentials" if status == HTTPStatus.UNAUTHORIZED else "credentials with this right",
            found=found, hint="Check basic.auth.user.info or bearer.auth.token of the environment",
        )  # fmt: skip
    if status == HTTPStatus.NOT_FOUND:
        if number is not None and number // 100 == HTTPStatus.NOT_FOUND:
            return SchemaNotFound(f"cannot {action}: {found}", code=code, status=status)
        return RegistryUnavailable(
            f"cannot {action}", status=status,
            expected="a schema registry", found=f"a server without this path, {found}",
            hint="Is this the registry of the environment meant (avroad stack up and docker compose up -d use the same "
            "ports, so one of them must be down), and does its address end in the registry's path, such as "
            "/apis/ccompat/v7 for Apicurio?",
        )  # fmt: skip
    if status == HTTPStatus.CONFLICT:
        return RegistryError(
            f"cannot {action}", code=code or RegistryCode.INCOMPATIBLE, status=status,
            expected="a schema its compatibility level allows", found=found,
        )  # fmt: skip
    return RegistryError(f"cannot {action}: {found}", code=code, status=status)


def _code(response: Response) -> tuple[RegistryCode | None, int | None, str]:
    """Return the code by name, its number and the words of the registry's error form, as far as they are there."""
    try:
        value: Json = json.loads(response.body)
    except (ValueError, RecursionError):
        return None, None, ""
    if not isinstance(value, dict):
        return None, None, ""
    number, words = value.get("error_code"), value.get("message")
    text = words if isinstance(words, str) else ""
    if not isinstance(number, int) or isinstance(number, bool):
        return None, None, text
    try:
        return RegistryCode(number), number, text
    except ValueError:
        return None, number, text
