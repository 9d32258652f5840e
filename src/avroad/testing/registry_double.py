"""A registry for tests over real HTTP on loopback: answers like the real one, and fails on demand in every way."""

from __future__ import annotations

import functools
import json
import os
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qsl

from avroad.model import Dialect
from avroad.registry import MemoryRegistry
from avroad.testing.registry_routes import Asked, Routes

__all__ = ["Fault", "FaultKind", "RegistryDouble"]

_LONGEST_S: Final = 30.0
"""No fault keeps a connection longer than this."""

_BOMB_BYTES: Final = 64 * 1024 * 1024


class FaultKind(StrEnum):
    """What the double does instead of answering, or to its answer."""

    HANG = "hang"  # says nothing
    DELAY = "delay"  # waits, then answers
    DRIP_HEADERS = "drip-headers"  # a byte now and then
    DRIP_BODY = "drip-body"
    DRIP_CHUNKS = "drip-chunks"
    STATUS = "status"  # answers with an HTTP status
    BODY = "body"  # 200 with another body
    HUGE = "huge"  # a body over the size cap
    TRUNCATE = "truncate"  # announces more than it sends
    RESET = "reset"  # resets the connection
    GARBAGE = "garbage"  # something that is not HTTP
    GZIP = "gzip"  # a small compressed answer that unpacks to 64 MiB
    REDIRECT = "redirect"
    COLLISION = "collision"  # another schema under the same id


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail.

    path: only requests whose path begins so. times: how many requests it hits, None for all.
    status, body, headers: for STATUS and BODY. every_s: between dripped bytes, or the length of DELAY.
    """

    kind: FaultKind
    path: str = ""
    times: int | None = None
    status: int = HTTPStatus.SERVICE_UNAVAILABLE
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    every_s: float = 0.05


class RegistryDouble:
    """An HTTP server on 127.0.0.1 in front of `registry`. A context manager; `close` ends hanging answers at once.

    context: serves https with it. Faults are switched while it runs; the earliest that applies is used.
    """

    def __init__(
        self,
        registry: MemoryRegistry | None = None,
        *,
        dialect: Dialect = Dialect.CONFLUENT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.registry = registry or MemoryRegistry()
        self._routes = Routes(self.registry, dialect)
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, list[None]]] = []
        self._asked: list[Asked] = []
        self._closing = threading.Event()
        self._prefix = "/apis/ccompat/v7" if dialect is Dialect.APICURIO else ""
        self._server = _Server(self._serve, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._scheme = "https" if context else "http"
        self._thread.start()

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}{self._prefix}"

    @property
    def requests(self) -> tuple[Asked, ...]:
        """Every request that arrived, also those answered with a fault."""
        with self._lock:
            return tuple(self._asked)

    def count(self, path: str = "", method: str = "") -> int:
        """Return how many requests began with `path`."""
        return sum(item.path.startswith(path) and item.method.startswith(method) for item in self.requests)

    def fail(self, kind: FaultKind, **how: object) -> None:
        """Add a fault; see Fault for `how`."""
        fault = Fault(kind=kind, **how)  # type: ignore[arg-type]  # named in Fault, checked by its constructor
        with self._lock:
            self._faults.append((fault, []))

    def heal(self) -> None:
        """Remove every fault; answers that hang end."""
        with self._lock:
            self._faults.clear()
        ended, self._closing = self._closing, threading.Event()
        ended.set()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self.heal()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_LONGEST_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fault(self, asked: Asked) -> Fault | None:
        with self._lock:
            self._asked.append(asked)
            for fault, hits in self._faults:
                if asked.path.startswith(fault.path) and (fault.times is None or len(hits) < fault.times):
                    hits.append(None)
                    return fault
        return None

    def _serve(self, asked: Asked, out: _Out) -> None:
        path = asked.path.removeprefix(self._prefix)
        asked = Asked(method=asked.method, path=path, query=asked.query, headers=asked.headers, body=asked.body)
        fault = self._fault(asked)
        out.ended = self._closing
        if fault is None:
            out.answer(*self._routes.answer(asked))
        elif fault.kind is FaultKind.COLLISION:
            out.answer(*_colliding(*self._routes.answer(asked)))
        elif fault.kind is FaultKind.DELAY:
            out.wait(fault.every_s)
            out.answer(*self._routes.answer(asked))
        else:
            _FAULTS[fault.kind](out, fault, self._routes.answer(asked)[1])


class _Out:
    """The connection a request came on."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.ended = threading.Event()
        self.keep = True

    def wait(self, seconds: float) -> None:
        self.ended.wait(min(seconds, _LONGEST_S))

    def answer(
        self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = (), size: int | None = None
    ) -> None:
        self.send(_head(status, (("Content-Length", str(len(body) if size is None else size)), *headers)) + body)

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def drip(self, data: bytes, every_s: float) -> None:
        """Send byte by byte until done, ended, or too long."""
        for number in range(len(data)):
            if number * every_s > _LONGEST_S or self.ended.is_set():
                break
            self.send(data[number : number + 1])
            self.wait(every_s)
        self.end()

    def end(self) -> None:
        self.keep = False

    def reset(self) -> None:
        self._connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        )
        self.end()


def _head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    lines = [f"HTTP/1.1 {status} double", "Content-Type: application/vnd.schemaregistry.v1+json"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _hang(out: _Out, _: Fault, __: bytes) -> None:
    out.wait(_LONGEST_S)
    out.end()


def _drip_headers(out: _Out, fault: Fault, body: bytes) -> None:
    out.drip(_head(200, (("Content-Length", str(len(body))), ("X-Long", "x" * 2000))) + body, fault.every_s)


def _drip_body(out: _Out, fault: Fault, body: bytes) -> None:
    padded = body + b" " * 2000
    out.send(_head(200, (("Content-Length", str(len(padded))),)))
    out.drip(padded, fault.every_s)


def _drip_chunks(out: _Out, fault: Fault, body: bytes) -> None:
    out.send(_head(200, (("Transfer-Encoding", "chunked"),)))
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body + b" " * 2000)
    out.drip(chunks + b"0\r\n\r\n", fault.every_s)


def _status(out: _Out, fault: Fault, _: bytes) -> None:
    out.answer(fault.status, fault.body, fault.headers)


def _body(out: _Out, fault: Fault, _: bytes) -> None:
    out.answer(200, fault.body, fault.headers)


def _huge(out: _Out, _: Fault, __: bytes) -> None:
    body = json.dumps({"schema": '"string"', "padding": "x" * (1 << 20)}).encode()
    out.answer(200, body)


def _truncate(out: _Out, _: Fault, body: bytes) -> None:
    out.answer(200, body, size=len(body) + 100)
    out.end()


def _reset(out: _Out, _: Fault, __: bytes) -> None:
    out.reset()


def _garbage(out: _Out, _: Fault, __: bytes) -> None:
    out.send(b"\x15\x03\x01\x00\x02\x02\x46 this is not HTTP\r\n\r\n")
    out.end()


def _gzip(out: _Out, _: Fault, __: bytes) -> None:
    out.answer(200, _bomb(), (("Content-Encoding", "gzip"),))


@functools.cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)  # 31: in gzip's form
    blank = b" " * (_BOMB_BYTES // 1024)
    return b"".join(packer.compress(blank) for _ in range(1024)) + packer.flush()


def _redirect(out: _Out, _: Fault, __: bytes) -> None:
    out.answer(HTTPStatus.FOUND, b"", (("Location", "http://127.0.0.1:9/elsewhere"),))


_FAULTS: Final[dict[FaultKind, Callable[[_Out, Fault, bytes], None]]] = {
    FaultKind.HANG: _hang,
    FaultKind.DRIP_HEADERS: _drip_headers,
    FaultKind.DRIP_BODY: _drip_body,
    FaultKind.DRIP_CHUNKS: _drip_chunks,
    FaultKind.STATUS: _status,
    FaultKind.BODY: _body,
    FaultKind.HUGE: _huge,
    FaultKind.TRUNCATE: _truncate,
    FaultKind.RESET: _reset,
    FaultKind.GARBAGE: _garbage,
    FaultKind.GZIP: _gzip,
    FaultKind.REDIRECT: _redirect,
}


def _colliding(status: int, body: bytes) -> tuple[int, bytes]:
    """Give the answer another schema; ids stay."""
    value = json.loads(body)
    if isinstance(value, dict) and "schema" in value:
        value = {**value, "schema": '{"type": "fixed", "name": "somebody.Elses", "size": 7}'}
        value.pop("references", None)
    return status, json.dumps(value).encode()


class _Server(ThreadingHTTPServer):
    """One thread per connection; errors of a connection that goes away are expected and silent."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, serve: Callable[[Asked, _Out], None], context: ssl.SSLContext | None) -> None:
        self.serve = serve
        self._context = context
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: object, client_address: object) -> None:
        """Do the handshake in the connection's own thread."""
        assert isinstance(request, socket.socket)
        if self._context is None:
            super().finish_request(request, client_address)
            return
        with self._context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def shutdown_request(self, request: object) -> None:
        """Close without the polite half first, which would turn a reset into a normal end."""
        assert isinstance(request, socket.socket)
        self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients under test drop connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _LONGEST_S

    def _any(self) -> None:
        assert isinstance(self.server, _Server)
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length", "0"))
        asked = Asked(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query)),
            headers=dict(self.headers.items()),
            body=self.rfile.read(size),
        )
        out = _Out(self.connection)
        self.server.serve(asked, out)
        self.close_connection = not out.keep

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
