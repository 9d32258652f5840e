"""Readiness: only a real answer counts, and no answer hangs the caller."""

from __future__ import annotations

import http.server
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from avroad.stack.ports import free_ports
from avroad.stack.probe import Cluster, ask_broker, registry_answers

CORRELATION = 0x61767264


@contextmanager
def broker(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """Answer one request per connection with raw bytes."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(answer(self.request.recv(4096)))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def text(value: str | None) -> bytes:
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value)) + value.encode()


def metadata(nodes: tuple[int, ...], *, cluster_id: str | None = "abc", correlation: int = CORRELATION) -> bytes:
    body = struct.pack(">ii", correlation, len(nodes))
    for node in nodes:
        body += struct.pack(">i", node) + text("127.0.0.1") + struct.pack(">i", 9092) + text(None)
    body += text(cluster_id) + struct.pack(">ii", 1, 0)
    return struct.pack(">i", len(body)) + body


def test_a_broker_tells_its_cluster_and_the_brokers_in_service() -> None:
    requests: list[bytes] = []

    def answer(request: bytes) -> bytes:
        requests.append(request)
        return metadata((3, 1))

    with broker(answer) as port:
        assert ask_broker(port) == Cluster(cluster_id="abc", brokers=(1, 3))
    size, key, version = struct.unpack_from(">ihh", requests[0])
    assert (size, key, version) == (len(requests[0]) - 4, 3, 2)


def test_a_broker_without_a_cluster_yet_has_an_empty_one() -> None:
    with broker(lambda _request: metadata((), cluster_id=None)) as port:
        assert ask_broker(port) == Cluster(cluster_id="", brokers=())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        struct.pack(">i", -1),
        struct.pack(">i", 2_000_000_000),
        struct.pack(">i", 100) + b"short",
        metadata((1,), correlation=1),
        struct.pack(">iii", 8, CORRELATION, 1),  # announces a broker that does not follow
        struct.pack(">iiih", 10, CORRELATION, 0, 500),  # a string longer than the answer
        struct.pack(">iiih", 12, CORRELATION, 0, 2) + b"\xff\xff",  # not UTF-8
    ],
    ids=["nothing", "cut", "http", "negative", "huge", "short", "foreign", "missing", "long", "not text"],
)
def test_anything_else_is_no_answer(answer: bytes) -> None:
    with broker(lambda _request: answer) as port:
        assert ask_broker(port, timeout_s=2) is None


def test_a_broker_that_accepts_and_says_nothing_is_given_up() -> None:
    go_on = threading.Event()

    def wait(_request: bytes) -> bytes:
        go_on.wait(10)
        return b""

    with broker(wait) as port:
        assert ask_broker(port, timeout_s=0.1) is None
        go_on.set()


def test_nothing_that_listens_is_no_answer() -> None:
    (port,) = free_ports(1)
    assert ask_broker(port) is None
    assert not registry_answers(port)


@pytest.mark.parametrize(
    ("status", "body", "ready"),
    [
        (200, b'["a", "b"]', True),
        (200, b"[]", True),
        (200, b"{}", False),
        (200, b"<html>", False),
        (200, b"\xff", False),
        (503, b"[]", False),
        (404, b"[]", False),
    ],
)
def test_a_registry_is_ready_when_it_lists_its_subjects(status: int, body: bytes, *, ready: bool) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        assert registry_answers(server.server_address[1]) is ready
        server.shutdown()
        thread.join()
    assert asked == ["/apis/ccompat/v7/subjects"]


def test_something_that_is_not_http_is_no_registry() -> None:
    with broker(lambda _request: b"\x00\x01\x02\x03\r\n\r\n") as port:
        assert not registry_answers(port)
