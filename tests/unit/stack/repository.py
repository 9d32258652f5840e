"""A Maven repository of two small artifacts, as a folder and served over HTTP, for tests of the fetcher."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avroad.stack.artifacts import Artifact, ArtifactLock


def place(root: Path, name: str, content: bytes, *, packaging: str = "jar", unpacked_bytes: int = 0) -> Artifact:
    """Put one artifact of group `org.example`, version 1, into the repository and return its locked description."""
    artifact = Artifact(
        group="org.example",
        name=name,
        version="1",
        packaging=packaging,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        unpacked_bytes=unpacked_bytes,
    )
    file = stored(root, artifact)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return artifact


def stored(root: Path, artifact: Artifact) -> Path:
    return root / "org" / "example" / artifact.name / artifact.version / artifact.filename


def archive(files: dict[str, bytes]) -> bytes:
    """Return a .tar.gz of plain files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def small_lock(root: Path) -> ArtifactLock:
    """Return a lock of two jars and a registry archive that all stand in the repository `root`."""
    files = {"quarkus-run.jar": b"run", "lib/one.jar": b"one" * 100}
    return ArtifactLock(
        kafka_version="1",
        registry_version="1",
        broker=(place(root, "broker", b"broker" * 1000), place(root, "client", b"client" * 10)),
        registry=place(root, "registry", archive(files), packaging="tar.gz", unpacked_bytes=303),
    )


class Counting(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; remembers what was asked for and fails the first `failures` downloads."""

    asked: list[str]
    failures: int = 0

    def do_GET(self) -> None:
        kind = type(self)
        if not self.path.endswith(".sha1"):
            kind.asked.append(self.path.rpartition("/")[2])
            if kind.failures > 0:
                kind.failures -= 1
                self.send_response(200)
                self.send_header("Content-Length", "1000000")  # and then hang up: a connection that breaks
                self.end_headers()
                self.close_connection = True
                return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        return


@contextmanager
def served(root: Path, *, failures: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Serve `root` on loopback; gives the address and the list of files asked for."""
    asked: list[str] = []
    kind = type("Handler", (Counting,), {"asked": asked, "failures": failures})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(kind, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
