"""Downloads of locked artifacts: in parallel, through a mirror if one is set, verified before anyone sees them."""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avroad.errors import StackError
from avroad.stack.artifacts import Artifact
from avroad.stack.disk import disk_errors_named, human_size
from avroad.stack.progress import Reporter, Transfers

__all__ = ["MIRROR_VARIABLE", "ChecksumMismatch", "FetchError", "fetch", "sha256_of"]

MIRROR_VARIABLE = "AVROAD_MAVEN_MIRROR"
_PARALLEL = 6
_ATTEMPTS = 3
_TIMEOUT_S = 20
_BACK_OFF_S = 0.5
_LEAVE_AFTER_S = 1.0
_SHOWN = 3


class FetchError(StackError):
    """Something the stack needs is not in the cache and could not be downloaded."""


class ChecksumMismatch(FetchError):
    """A download arrived complete but is not the locked file; it was thrown away."""


class _Absent(FetchError):
    """The repository answered that it does not have the file; asking again does not help."""


class _Stopped(Exception):
    """Ends a download nobody waits for any more; never shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What all downloads of one call share. repositories: jgo's arguments; stop: set when no more is wanted."""

    repositories: Mapping[str, Any]
    staging: Path
    transfers: Transfers
    stop: threading.Event


def sha256_of(path: Path) -> str:
    """Return the lower-case hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(
    wanted: Mapping[Artifact, Path],
    *,
    reporter: Reporter,
    staging: Path,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Place every artifact in its folder under its file name, each only after its SHA-256 was found right.

    staging: a folder on the same file system for what is not verified yet; nothing stays in it.
    environ: `AVROAD_MAVEN_MIRROR` names another repository, an http(s) address or a folder.
    Raises FetchError (ChecksumMismatch, DiskFull) at the first artifact that cannot be had; others are stopped.
    """
    repositories = _repositories(os.environ if environ is None else environ)
    for folder in {*wanted.values(), staging}:
        folder.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    largest_first = sorted(wanted, key=lambda artifact: -artifact.size_bytes)
    waiting: queue.SimpleQueue[tuple[Artifact, Future[None]]] = queue.SimpleQueue()
    futures: list[Future[None]] = []
    for artifact in largest_first:
        futures.append(Future())
        waiting.put((artifact, futures[-1]))
    size_bytes = sum(artifact.size_bytes for artifact in largest_first)
    with reporter.transfers(len(futures), size_bytes) as transfers:
        job = _Job(repositories=repositories, staging=staging, transfers=transfers, stop=stop)
        # Daemons, unlike those of a pool: nobody who presses Ctrl-C waits until a silent server times out.
        workers = [
            threading.Thread(target=_work, args=(waiting, wanted, job), name=f"avroad-fetch-{number}", daemon=True)
            for number in range(min(_PARALLEL, len(futures)))
        ]
        try:
            for worker in workers:
                worker.start()
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            for future in futures:
                future.cancel()
            _join(workers)
    ended = [future for future in futures if future.done() and not future.cancelled()]
    errors = [error for future in ended if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, _Stopped):
            raise _named(error, wanted) from error


def _work(
    waiting: queue.SimpleQueue[tuple[Artifact, Future[None]]], wanted: Mapping[Artifact, Path], job: _Job
) -> None:
    """Fetch one artifact after the other until none is waiting."""
    while True:
        try:
            artifact, future = waiting.get_nowait()
        except queue.Empty:
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            _fetch_one(artifact, wanted[artifact], job)
        except BaseException as error:  # noqa: BLE001 -- the waiting thread raises it
            future.set_exception(error)
        else:
            future.set_result(None)
        del future  # it holds the error, whose traceback holds this frame: a cycle that keeps connections open


def _join(workers: Sequence[threading.Thread]) -> None:
    """Wait a moment for workers that were told to stop; one that hangs in the network is left behind."""
    deadline = time.monotonic() + _LEAVE_AFTER_S
    for worker in workers:
        if worker.ident is not None:  # an interruption can come before it was started
            worker.join(max(0.0, deadline - time.monotonic()))


def _named(error: BaseException, wanted: Mapping[Artifact, Path]) -> BaseException:
    """Return what to raise: a download that failed for want of a network names everything still missing."""
    if not isinstance(error, FetchError) or isinstance(error, ChecksumMismatch):
        return error
    missing = [artifact for artifact, folder in wanted.items() if not (folder / artifact.filename).exists()]
    missing.sort(key=lambda artifact: -artifact.size_bytes)
    size = human_size(sum(artifact.size_bytes for artifact in missing))
    shown = ", ".join(artifact.filename for artifact in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    files = "1 file" if len(missing) == 1 else f"{len(missing)} files"
    return FetchError(
        f"the local stack is not in the cache and cannot be downloaded ({error.message}): "
        f"{files} missing, {size}: {shown}{more}",
        hint=(
            f"Either connect this machine for the first start, or set {MIRROR_VARIABLE} to a Maven mirror "
            "(an http(s) address or a folder), or use Docker: docker compose up -d, or use a cluster that runs "
            "already: -X bootstrap.servers=HOST:PORT -X registry.url=URL."
        ),
    )


def _fetch_one(artifact: Artifact, target: Path, job: _Job) -> None:
    """Download, verify and place one artifact, trying again when the network fails."""
    with disk_errors_named(target, purpose=artifact.filename):
        for attempt in range(1, _ATTEMPTS + 1):
            folder = Path(tempfile.mkdtemp(prefix="fetch-", dir=job.staging))
            try:
                arrived = _download(artifact, folder, job)
                _verify(artifact, arrived)
                arrived.replace(target / artifact.filename)
            except (ChecksumMismatch, _Absent):
                raise
            except FetchError:
                if attempt == _ATTEMPTS or job.stop.wait(_BACK_OFF_S * attempt):
                    raise
            else:
                job.transfers.done(artifact.filename, artifact.size_bytes)
                return
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _verify(artifact: Artifact, path: Path) -> None:
    found = sha256_of(path)
    if found != artifact.sha256:
        raise ChecksumMismatch(
            f"{artifact.filename} is not the locked file and was thrown away",
            expected=f"SHA-256 {artifact.sha256} ({artifact.size_bytes} bytes)",
            found=f"{found} ({path.stat().st_size} bytes)",
            hint=f"Is a proxy or the mirror in {MIRROR_VARIABLE} answering with something else?",
        )


def _download(artifact: Artifact, folder: Path, job: _Job) -> Path:
    """Return the unverified file inside `folder`; raises FetchError naming why the network did not give it."""
    maven: Any = _library("jgo.maven")
    resolver_type: Any = maven.PythonResolver

    @contextmanager
    def progress(_filename: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        advance = job.transfers.begin(artifact.filename)

        def arrived(count_bytes: int) -> None:
            if job.stop.is_set():
                raise _Stopped
            advance(count_bytes)

        yield arrived

    if job.stop.is_set():
        raise _Stopped
    context = maven.MavenContext(
        resolver=resolver_type(progress_callback=progress), repo_cache=folder, timeout=_TIMEOUT_S, **job.repositories
    )
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    coordinate = component.artifact(classifier=artifact.classifier, packaging=artifact.packaging)
    network_error: type[Exception] = _library("requests").RequestException
    try:
        path = Path(coordinate.resolve())
    except network_error as error:  # an OSError too, so it must be named before the disk's errors are
        raise FetchError(f"{_source(job.repositories)} did not answer: {type(error).__name__}") from error
    except RuntimeError as error:
        raise _Absent(f"{_source(job.repositories)} does not have {artifact.filename}") from error
    if folder in path.parents:
        return path
    copied = folder / artifact.filename
    shutil.copyfile(path, copied)
    return copied


def _repositories(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return jgo's repository arguments: none for Maven Central, an address, or a folder that is only read."""
    mirror = environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
    if not mirror:
        return {}
    if mirror.startswith(("http://", "https://")):
        return {"remote_repos": {"mirror": mirror}}
    folder = Path(mirror).expanduser()
    if not folder.is_dir():
        raise FetchError(
            f"{MIRROR_VARIABLE} names no repository",
            expected="an http(s) address or a folder that exists",
            found=mirror,
        )
    return {"remote_repos": {}, "local_repos": [folder]}


def _source(repositories: Mapping[str, Any]) -> str:
    return f"the mirror of {MIRROR_VARIABLE}" if repositories else "Maven Central"


def _library(name: str) -> Any:  # noqa: ANN401 -- jgo carries no types for what is used here
    logging.getLogger("jgo").addHandler(logging.NullHandler())  # its warnings repeat what our errors say
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise StackError("the local stack needs its extra packages", hint='Run: pip install "avroad[stack]"') from error
