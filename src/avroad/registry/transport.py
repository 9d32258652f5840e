"""One request to the registry: total deadline, size cap, repetitions, addresses in health order, no foreign errors."""

from __future__ import annotations

import base64
import email.utils
import json
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

import requests
from urllib3.exceptions import ProxyError, ReadTimeoutError

from avroad.errors import RegistryUnavailable
from avroad.registry.adapter import DeadlineAdapter
from avroad.registry.deadline import Deadline
from avroad.registry.endpoints import Endpoint, Endpoints
from avroad.registry.settings import RegistrySettings

__all__ = ["LATE_HINT", "MAX_BODY_BYTES", "AnswerTooLarge", "Response", "Transport"]

MAX_BODY_BYTES: Final = 1 << 20
START_HINT: Final = (
    "Is it running? Start it with: avroad stack up, or docker compose up -d (is Docker running?), "
    "or say where it is: -X registry.url=URL"
)
LATE_HINT: Final = "Is it slow, or very large? Give it longer: `timeout` (seconds) of the environment's registry"
_MEDIA: Final = "application/vnd.schemaregistry.v1+json"
_CHUNK_BYTES: Final = 64 * 1024
_FIRST_BACKOFF_S: Final = 0.2
_LONGEST_BACKOFF_S: Final = 2.0
_CHANCE: Final = secrets.SystemRandom()


class AnswerTooLarge(RegistryUnavailable):
    """The answer exceeds the size cap; a smaller page may fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete answer with a status below 500 that is no redirect."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """Why an attempt gave no usable answer. elsewhere: another address may give one. again: so may this one, later."""

    reason: str
    elsewhere: bool
    again: bool = False
    status: int = 0
    retry_after_s: float | None = None
    too_large: bool = False


class Transport:
    """Carries requests to the first healthy address. Thread-safe; every request is safe to repeat.

    Repeating is safe because all requests of this client state what shall be, also registration: the same schema
    again gives the same id.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._adapter = DeadlineAdapter(settings)
        self._endpoints = Endpoints(settings.urls)
        self._closed = threading.Event()
        self._headers = _headers(settings)
        self._secrets = _secrets(settings)

    def budget(self) -> float:
        """Return the monotonic time at which a call that begins now has to end."""
        return time.monotonic() + self._settings.timeout_s

    def call(
        self,
        method: str,
        path: str,
        *,
        payload: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        until: float | None = None,
        from_root: bool = False,
    ) -> Response:
        """Return the answer to one request.

        path: below the address, or below the server's root when `from_root`; begins with "/", already quoted.
        until: monotonic time at which the answer is there or RegistryUnavailable raised; default: now plus timeout.
        Repeats on 429 and 5xx only, with full jitter or after what Retry-After says, while time is left. An address
        that gives no answer (refused, reset, unknown, too slow) is asked once, and the next one, where there are
        several, at once. Whoever calls knows better how long an outage may take: a consumer pauses, a command says so.
        """
        ends = self.budget() if until is None else until
        target = f"{path}?{urlencode(query)}" if query else path
        body = None if payload is None else json.dumps(payload).encode()
        attempts_left = max(self._settings.max_retries, len(self._settings.urls) - 1)
        tried: set[str] = set()
        lost: set[str] = set()
        backoffs = 0
        while True:
            if time.monotonic() >= ends:  # says nothing about the health of an address
                raise RegistryUnavailable(f"no time is left to ask the registry at {self._addresses()}", hint=LATE_HINT)
            chosen = self._endpoints.choose(tried)
            if chosen is None and tried != lost:
                tried = set(lost)
                chosen = self._endpoints.choose(tried)
            if chosen is None:
                raise self._resting()
            endpoint, usable = chosen
            share_s = (ends - time.monotonic()) / usable
            outcome = self._attempt(endpoint, method, _url(endpoint, target, from_root=from_root), body, share_s)
            if isinstance(outcome, Response):
                return outcome
            tried.add(endpoint.url)
            if not outcome.again:
                lost.add(endpoint.url)
            round_over = usable == 1
            helpless = not outcome.elsewhere or (round_over and tried == lost)
            wait_s = self._wait_s(outcome, backoffs) if round_over else 0.0
            backoffs += round_over
            late = time.monotonic() + wait_s >= ends
            if helpless or attempts_left <= 0 or late or self._closed.wait(wait_s):
                raise self._unavailable(endpoint, outcome)
            attempts_left -= 1

    def scrub(self, text: str) -> str:
        """Return at most 300 printable characters of `text` with every secret of this client masked."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return "".join(character if character.isprintable() else " " for character in text[:300]).strip()

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond `close`."""
        self._closed.wait(seconds)

    def close(self) -> None:
        """End waiting calls and close the connections."""
        self._closed.set()
        self._adapter.close()

    def _attempt(
        self, endpoint: Endpoint, method: str, url: str, body: bytes | None, seconds: float
    ) -> Response | _Failure:
        healthy = False
        try:
            outcome = self._exchange(method, url, body, seconds)
            healthy = isinstance(outcome, Response) or outcome.too_large
        finally:
            self._endpoints.report(endpoint, healthy=healthy)
        return outcome

    def _exchange(self, method: str, url: str, body: bytes | None, seconds: float) -> Response | _Failure:
        """Send and read once. Nothing the HTTP library raises leaves this function, not even as a context."""
        if seconds <= 0:
            return _Failure(reason="no answer in time", elsewhere=False)
        response: requests.Response | None = None
        with Deadline(seconds) as deadline:
            try:
                request = requests.Request(method, url, headers=self._headers, data=body).prepare()
                response = self._adapter.send(
                    request, stream=True, timeout=seconds, proxies=_proxies(self._settings.proxy)
                )
                outcome = _read(response, deadline)
            except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer that cannot be used
                outcome = _failure(error)
            if deadline.over:  # before anything else: a shut connection can look like a complete answer
                outcome = _Failure(reason=f"no complete answer within {seconds:.2g} s", elsewhere=True)
            if response is not None and isinstance(outcome, _Failure):
                response.close()
        return outcome

    def _wait_s(self, outcome: _Failure, backoffs: int) -> float:
        if outcome.retry_after_s is not None:
            return outcome.retry_after_s
        return _CHANCE.uniform(0, min(_FIRST_BACKOFF_S * 2**backoffs, _LONGEST_BACKOFF_S))

    def _resting(self) -> RegistryUnavailable:
        wait_s = self._endpoints.wait_s()
        return RegistryUnavailable(
            f"the registry at {self._addresses()} failed several times in a row; next try in {wait_s:.1f} s",
            hint=START_HINT,
        )

    def _addresses(self) -> str:
        return ", ".join(self._settings.urls)

    def _unavailable(self, endpoint: Endpoint, outcome: _Failure) -> RegistryUnavailable:
        kind = AnswerTooLarge if outcome.too_large else RegistryUnavailable
        message = f"the registry at {endpoint.url} gave no usable answer: {self.scrub(outcome.reason)}"
        return kind(message, status=outcome.status, hint=START_HINT if not outcome.status else "")


def _read(response: requests.Response, deadline: Deadline) -> Response | _Failure:
    """Read the body as it is on the wire, never decompressed, up to the cap."""
    status, headers = response.status_code, response.headers
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        return _Failure(reason="a compressed answer that was not asked for", elsewhere=False, status=status)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        reason = f"HTTP {status}, a redirect, which is not followed; does the address end in the registry's path?"
        return _Failure(reason=reason, elsewhere=False, status=status)
    parts: list[bytes] = []
    size = 0
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            reason = f"more than {MAX_BODY_BYTES} bytes"
            return _Failure(reason=reason, elsewhere=False, status=status, too_large=True)
        if deadline.over:
            break
        parts.append(chunk)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait_s = _retry_after_s(headers.get("Retry-After", ""))
        reason = f"HTTP {status} {_phrase(status)}{_detail(b''.join(parts))}"
        return _Failure(reason=reason, elsewhere=True, again=True, status=status, retry_after_s=wait_s)
    return Response(status=status, body=b"".join(parts))


def _retry_after_s(value: str) -> float | None:
    """Read seconds or an HTTP date; None when absent or unreadable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(unknown status)"


def _detail(body: bytes) -> str:
    """Return the registry's own words when it used its error form."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    message = value.get("message") if isinstance(value, dict) else None
    return f": {message}" if isinstance(message, str) and message else ""


def _failure(error: Exception) -> _Failure:
    """Name the cause in our words: texts of the library repeat addresses and headers."""
    causes = _causes(error)
    for kinds, reason, elsewhere in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return _Failure(reason=reason, elsewhere=elsewhere)
    return _Failure(reason="the connection was lost or the answer is not HTTP", elsewhere=True)


_REASONS: Final[tuple[tuple[tuple[type[BaseException], ...], str, bool], ...]] = (
    (
        (ssl.SSLCertVerificationError,),
        "its certificate is not trusted or names another host; is ssl.ca.location right?",
        False,
    ),
    ((ssl.SSLError,), "TLS could not be agreed; does the address want https, or a client certificate?", False),
    ((ProxyError,), "the proxy did not let the request through", True),
    ((ConnectionRefusedError,), "connection refused", True),
    ((socket.gaierror,), "its host name is unknown", True),
    ((TimeoutError, ReadTimeoutError), "no answer in time", True),
    ((ConnectionResetError, BrokenPipeError), "the connection was reset", True),
)


def _causes(error: BaseException) -> list[BaseException]:
    """Collect what is wrapped in causes, contexts and arguments, as the library nests them all three ways."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop()
        if isinstance(item, BaseException) and all(item is not known for known in found):
            found.append(item)
            waiting.extend((item.__cause__, item.__context__, getattr(item, "reason", None), *item.args))
    return found


def _url(endpoint: Endpoint, target: str, *, from_root: bool) -> str:
    if not from_root:
        return f"{endpoint.url}{target}"
    parts = urlsplit(endpoint.url)
    prefix = parts.path.partition("/apis/")[0] if "/apis/" in parts.path else ""
    return f"{parts.scheme}://{parts.netloc}{prefix}{target}"


def _proxies(proxy: str) -> dict[str, str]:
    return {"http": proxy, "https": proxy} if proxy else {}


def _headers(settings: RegistrySettings) -> dict[str, str]:
    headers = {
        "Accept": f"{_MEDIA}, application/json",
        "Accept-Encoding": "identity",
        "Content-Type": _MEDIA,
        "User-Agent": "avroad",
    }
    if settings.user:
        headers["Authorization"] = f"Basic {_basic(settings)}"
    elif settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    if settings.logical_cluster:
        headers["target-sr-cluster"] = settings.logical_cluster
    if settings.identity_pool:
        headers["Confluent-Identity-Pool-Id"] = settings.identity_pool
    return headers


def _basic(settings: RegistrySettings) -> str:
    return base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode()


def _secrets(settings: RegistrySettings) -> tuple[str, ...]:
    basic = _basic(settings) if settings.password else ""
    return tuple(secret for secret in (basic, settings.password, settings.token, settings.key_password) if secret)
