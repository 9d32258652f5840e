"""Readiness, asked as a client would: one Kafka request by hand, one HTTP request; no client library.

Source: Kafka protocol guide, Metadata request and response version 2.
"""

from __future__ import annotations

import http.client
import json
import socket
import struct
from dataclasses import dataclass

from avroad.stack.recipe import HOST, REGISTRY_API

__all__ = ["Cluster", "ask_broker", "registry_answers"]

_METADATA_KEY, _METADATA_VERSION, _CORRELATION = 3, 2, 0x61767264
_LARGEST_ANSWER = 1_000_000
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What one broker says about its cluster. brokers: ids of those that are in service."""

    cluster_id: str
    brokers: tuple[int, ...]


def ask_broker(port: int, *, timeout_s: float = 1.0) -> Cluster | None:
    """Return the cluster as the broker at 127.0.0.1:`port` sees it, or None when no broker answers in time."""
    client = b"avroad-stack"
    body = struct.pack(">hhih", _METADATA_KEY, _METADATA_VERSION, _CORRELATION, len(client)) + client
    body += struct.pack(">i", 0)  # no topics: the brokers are all we want to know
    try:
        with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            (size,) = struct.unpack(">i", _read(connection, 4))
            if not 0 < size <= _LARGEST_ANSWER:
                return None
            return _parse(_read(connection, size))
    except (OSError, EOFError, struct.error, ValueError):
        return None


def registry_answers(port: int, *, timeout_s: float = 1.0) -> bool:
    """Return whether a registry at 127.0.0.1:`port` lists its subjects in time."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", f"{REGISTRY_API}/subjects")
        answer = connection.getresponse()
        return answer.status == _OK and isinstance(json.loads(answer.read(_LARGEST_ANSWER)), list)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _read(connection: socket.socket, count: int) -> bytes:
    chunks: list[bytes] = []
    while count:
        chunk = connection.recv(min(count, 65536))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


def _parse(answer: bytes) -> Cluster:
    """Read correlation id, brokers (id, host, port, rack) and cluster id; the rest is not needed."""
    correlation, count = struct.unpack_from(">ii", answer)
    if correlation != _CORRELATION:
        raise ValueError("an answer to something else")
    offset = 8
    brokers: list[int] = []
    for _ in range(count):
        brokers.append(struct.unpack_from(">i", answer, offset)[0])
        _, offset = _string(answer, offset + 4)
        _, offset = _string(answer, offset + 4)
    cluster_id, _ = _string(answer, offset)
    return Cluster(cluster_id=cluster_id, brokers=tuple(sorted(brokers)))


def _string(answer: bytes, offset: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">h", answer, offset)
    start = offset + 2
    end = start + max(length, 0)
    if end > len(answer):
        raise ValueError("a string that is longer than the answer")
    return answer[start:end].decode("utf-8"), end
