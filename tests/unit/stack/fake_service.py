"""Stands in for the JVM in lifecycle tests: formats, serves one Kafka request, serves the registry's list.

Called as the recipe calls Java, with the stack's home as working folder. FAKE_CRASH and FAKE_HANG name services
that fail; FAKE_STUBBORN names one that ignores the polite request to end.
"""

from __future__ import annotations

import http.server
import os
import re
import signal
import socketserver
import struct
import sys
import threading
from pathlib import Path


def text(value: str) -> bytes:
    return struct.pack(">h", len(value)) + value.encode()


def properties(node: int) -> dict[str, str]:
    lines = Path(f"config/broker-{node}.properties").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


class Metadata(socketserver.BaseRequestHandler):
    cluster_id = ""
    nodes: tuple[int, ...] = ()

    def handle(self) -> None:
        (size,) = struct.unpack(">i", self.request.recv(4, 0x100))
        request = self.request.recv(size)
        (correlation,) = struct.unpack_from(">i", request, 4)
        body = struct.pack(">ii", correlation, len(self.nodes))
        for node in self.nodes:
            body += struct.pack(">i", node) + text("127.0.0.1") + struct.pack(">i", 1) + struct.pack(">h", -1)
        body += text(self.cluster_id) + struct.pack(">ii", 1, 0)
        self.request.sendall(struct.pack(">i", len(body)) + body)


class Subjects(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"[]")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def misbehave(name: str) -> None:
    if name in os.environ.get("FAKE_CRASH", "").split(","):
        sys.stdout.write(os.environ.get("FAKE_LAST_WORDS", "fatal: no reason") + "\n")
        sys.exit(7)
    if name in os.environ.get("FAKE_HANG", "").split(","):
        threading.Event().wait(60)
    if name in os.environ.get("FAKE_STUBBORN", "").split(","):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def main() -> None:
    role, *rest = sys.argv[1:]
    if role == "format":
        misbehave("format")
        node, cluster_id = int(rest[0]), rest[1]
        folder = Path(properties(node)["log.dirs"])
        folder.mkdir(parents=True)
        (folder / "environment").write_text(f"JAVA_TOOL_OPTIONS={os.environ.get('JAVA_TOOL_OPTIONS')}")
        (folder / "meta.properties").write_text(f"#\nversion=1\ncluster.id={cluster_id}\nnode.id={node}\n")
        return
    if role == "registry":
        misbehave("registry")
        Path("data/registry").mkdir(parents=True, exist_ok=True)
        Server(("127.0.0.1", int(os.environ["QUARKUS_HTTP_PORT"])), Subjects).serve_forever()
    node = int(rest[0])
    misbehave(f"broker-{node}")
    settings = properties(node)
    meta = Path(settings["log.dirs"], "meta.properties").read_text()
    found = re.search("cluster.id=(.*)", meta)
    Metadata.cluster_id = found.group(1) if found else ""
    Metadata.nodes = tuple(range(1, settings["controller.quorum.voters"].count("@") + 1))
    port = int(settings["listeners"].split(",")[0].rpartition(":")[2])
    sys.stdout.write(f"broker {node} listens on {port}\n")
    sys.stdout.flush()
    Server(("127.0.0.1", port), Metadata).serve_forever()


if __name__ == "__main__":
    main()
