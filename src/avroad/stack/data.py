"""The data folder of a stack: begun once, checked at every start, never repaired by guessing."""

from __future__ import annotations

import base64
import secrets
import shutil
import subprocess
from pathlib import Path

from avroad.config.filelock import is_locked_by_java
from avroad.errors import StackError
from avroad.stack.java import Java
from avroad.stack.logs import DamagedData, diagnose, last_lines
from avroad.stack.process import child_environment
from avroad.stack.recipe import format_command
from avroad.stack.state import ClusterIdentity, Home

__all__ = ["begin_data", "check_data", "data_bytes", "delete_data", "format_data"]

_RESET = "Run `avroad stack reset` to delete this stack's data, then `avroad stack up`."
_META = "meta.properties"
_METADATA = "__cluster_metadata-0"
_FORMAT_TIMEOUT_S = 120.0


def check_data(home: Home, brokers: int) -> ClusterIdentity | None:
    """Return the identity of the data in `home`, or None when there is none to lose yet.

    Raises DamagedData when something is there that a start would trip over: no or an unreadable identity
    beside data, a broker's folder that is missing or lacks its own, or data of another number of brokers.
    """
    identity = ClusterIdentity.read(home.identity)
    if identity is None:
        if home.data.exists() and any(home.data.iterdir()):
            raise DamagedData(
                "the data folder is half-written",
                expected="a readable cluster.json in it",
                found="none",
                file=str(home.data),
                hint=_RESET,
            )
        return None
    if not _may_hold_records(home, identity):
        return None  # the first start was interrupted; nobody ever used it
    if identity.brokers != brokers:
        raise DamagedData(
            "the data belongs to a stack of another size",
            expected=f"data of {_count(brokers)}",
            found=f"data of {_count(identity.brokers)}",
            file=str(home.data),
            hint=f"Keep it with --brokers {identity.brokers}, or delete it with `avroad stack reset`.",
        )
    for node in range(1, brokers + 1):
        _check_meta(home.data / f"broker-{node}" / _META, node, identity)
        _check_log(home.data / f"broker-{node}")
    return identity


def size_of_data(home: Home) -> int:
    """Return for how many brokers the data in `home` was made, 0 when there is none to lose."""
    identity = ClusterIdentity.read(home.identity)
    return identity.brokers if identity and _may_hold_records(home, identity) else 0


def begin_data(home: Home, brokers: int) -> ClusterIdentity:
    """Return a new identity, written down as incomplete; what an interrupted first start left is dropped."""
    delete_data(home)
    identity = _new_identity(brokers)
    identity.write(home.identity)
    return identity


def delete_data(home: Home) -> None:
    """Delete all data in `home`: it goes as a whole, so that an interruption leaves none that looks half-written.

    Raises StackError, with nothing deleted, when a broker works on it that is none of the processes seen here.
    """
    for lock in home.data.glob("broker-*/.lock"):
        if is_locked_by_java(lock):
            raise StackError(
                f"the data of {lock.parent.name} is in use by a broker that this machine does not show",
                file=str(home.data),
                hint="Does the stack run in a container, or as another user? Run `avroad stack down` there.",
            )
    doomed = home.path / "deleted"
    shutil.rmtree(doomed, ignore_errors=True)
    if home.data.exists():
        home.data.rename(doomed)
        shutil.rmtree(doomed)


def format_data(home: Home, identity: ClusterIdentity, *, java: Java, jars: Path) -> None:
    """Format the empty folders of every broker, whose configuration files must be written already.

    Raises DiskFull or Crashed with the tool's last lines.
    """
    nodes = range(1, identity.brokers + 1)
    running: list[tuple[int, subprocess.Popen[bytes]]] = []
    try:
        for node in nodes:
            command = format_command(java.executable, jars, node, cluster_id=identity.cluster_id, home=home.path)
            with java.starting(), _format_log(home, node).open("wb") as output:
                handle = subprocess.Popen(  # noqa: S603 -- our own command line, no shell
                    command,
                    cwd=home.path,
                    env=child_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            running.append((node, handle))
        for node, handle in running:
            if handle.wait(timeout=_FORMAT_TIMEOUT_S) != 0:
                raise diagnose(
                    f"formatting the data of broker-{node}",
                    last_lines(_format_log(home, node), 60),
                    reason=f"failed with exit code {handle.returncode}",
                    log=_format_log(home, node),
                )
    finally:
        for _, handle in running:
            if handle.poll() is None:
                handle.kill()
                handle.wait()


def data_bytes(home: Home) -> int:
    """Return the space the data takes; files that vanish meanwhile do not count."""
    total = 0
    for path in home.data.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue
        # Kafka's index files are sparse: what they take counts, not how long they are.
        total += status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size
    return total


def _new_identity(brokers: int) -> ClusterIdentity:
    """Return the identity of a new cluster: a random UUID in URL-safe base64 without padding."""
    while True:
        cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not cluster_id.startswith("-"):  # it would be read as an option
            return ClusterIdentity(cluster_id=cluster_id, brokers=brokers, complete=False)


def _may_hold_records(home: Home, identity: ClusterIdentity) -> bool:
    """Return whether somebody may have used the data: its first start was seen to the end, or there is a topic.

    After `kill -9` of the first `up` the services live on and serve whoever knows their ports.
    """
    if identity.complete:
        return True
    partitions = (path for path in home.data.glob("broker-*/*-*") if path.is_dir() and path.name != _METADATA)
    return any(path.name.rpartition("-")[2].isdigit() for path in partitions)


def _format_log(home: Home, node: int) -> Path:
    return home.log(f"format-{node}")


def _check_meta(path: Path, node: int, identity: ClusterIdentity) -> None:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    entries = {key: value for key, _, value in (line.partition("=") for line in lines)}
    expected = {"cluster.id": identity.cluster_id, "node.id": str(node)}
    wrong = [name for name, value in expected.items() if entries.get(name) != value]
    if wrong:
        raise DamagedData(
            f"the data folder of broker-{node} is half-written or not its own",
            expected=", ".join(f"{name}={expected[name]}" for name in wrong),
            found=", ".join(f"{name}={entries[name][:60]}" if name in entries else f"no {name}" for name in wrong),
            file=str(path),
            hint=_RESET,
        )


def _check_log(folder: Path) -> None:
    """Refuse a folder that was in use but lost the cluster's metadata: Kafka would start empty without a word."""
    if (folder / "recovery-point-offset-checkpoint").exists() and not (folder / _METADATA).is_dir():
        raise DamagedData(
            f"the data folder of {folder.name} lost its cluster metadata",
            expected=f"a folder {_METADATA}",
            found="none",
            file=str(folder),
            hint=_RESET,
        )


def _count(brokers: int) -> str:
    return "1 broker" if brokers == 1 else f"{brokers} brokers"
