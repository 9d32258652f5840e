"""The user's cache folder: jars and the unpacked registry, verified once and shared by every project."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from avroad.config.filelock import LockBusy, exclusive
from avroad.errors import StackError
from avroad.stack.artifacts import Artifact, ArtifactLock
from avroad.stack.disk import disk_errors_named, human_size, require_space, write_atomically
from avroad.stack.fetch import fetch, sha256_of
from avroad.stack.progress import Reporter

__all__ = ["CACHE_VARIABLE", "Installation", "cache_root", "ensure_installed", "unpack"]

CACHE_VARIABLE = "AVROAD_CACHE_DIR"
_STAMP = "verified.json"
_WAIT_FOR_OTHERS_S = 900.0
_SPARE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the verified files stand: a folder of jars, and the registry's unpacked folder."""

    jars: Path
    registry: Path


def cache_root(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder the stack is cached in: `AVROAD_CACHE_DIR`, else the user's cache folder, plus `stack`."""
    settings = os.environ if environ is None else environ
    chosen = settings.get(CACHE_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute() / "stack"
    from platformdirs import user_cache_path  # noqa: PLC0415 -- an extra; not needed when the folder is given

    return user_cache_path("avroad", appauthor=False) / "stack"


def ensure_installed(
    lock: ArtifactLock, root: Path, *, reporter: Reporter, environ: Mapping[str, str] | None = None
) -> Installation:
    """Return the installed files of `lock` under `root`, downloading and unpacking what is missing or damaged.

    Files whose SHA-256 was verified before are recognised by size and modification time. Safe to call from
    several processes at once: one fetches, the others wait and find its work.
    Raises FetchError, ChecksumMismatch or DiskFull; what was verified until then is kept. Raises StackError for a
    folder that cannot be used.
    """
    if os.pathsep in str(root):
        raise StackError(
            "the cache folder cannot stand in Java's class path",
            expected=f"a path without {os.pathsep!r}",
            found=str(root),
            hint=f"Set {CACHE_VARIABLE} to another folder.",
        )
    installation = Installation(jars=root / lock.broker_folder, registry=root / lock.registry_folder)
    if not _unstamped_jars(lock, installation.jars) and _tree_is_intact(installation.registry):
        return installation
    try:
        with (
            disk_errors_named(root, purpose="the downloads"),
            exclusive(
                root / ".lock",
                wait_s=_WAIT_FOR_OTHERS_S,
                on_wait=lambda: reporter.say("waiting for another process that is filling the cache"),
            ),
        ):
            _install(lock, root, installation, reporter, environ)
    except LockBusy as busy:
        raise StackError(
            "another process has been filling the cache for 15 minutes", file=str(root), hint="Is it stuck? End it."
        ) from busy
    return installation


def unpack(archive: Path, target: Path, *, staging: Path) -> None:
    """Unpack a .tar.gz so that `target` appears complete or not at all; an older `target` is replaced.

    Only plain files and folders below the archive's root are accepted; anything else raises StackError.
    """
    staging.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="unpack-", dir=staging))
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            for member in members:
                _refuse_unsafe(member, archive)
            if hasattr(tarfile, "data_filter"):
                tar.extractall(folder, members=members, filter="data")
            else:  # Python 3.11.0 to 3.11.3: the checks above are all there is
                tar.extractall(folder, members=members)  # noqa: S202 -- every member was checked
        write_atomically(folder / _STAMP, json.dumps(_tree_stamp(folder)))
        if target.exists():
            target.rename(folder.with_name(f"{folder.name}-old"))
        folder.rename(target)
    except (tarfile.TarError, EOFError) as error:
        raise StackError("the registry's archive cannot be unpacked", file=str(archive)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder.with_name(f"{folder.name}-old"), ignore_errors=True)


def _refuse_unsafe(member: tarfile.TarInfo, archive: Path) -> None:
    name = PurePosixPath(member.name)
    plain = member.isfile() or member.isdir()
    if not plain or name.is_absolute() or ".." in name.parts or "\\" in member.name or ":" in member.name:
        raise StackError("the archive holds an entry that may not be unpacked", file=str(archive), path=member.name)


def _install(
    lock: ArtifactLock,
    root: Path,
    installation: Installation,
    reporter: Reporter,
    environ: Mapping[str, str] | None,
) -> None:
    """Do the work of `ensure_installed` while holding the cache's lock."""
    staging = root / "staging"
    shutil.rmtree(staging, ignore_errors=True)  # left by a process that was killed; nobody else is in here
    archives = root / "archives"
    jars = _missing(lock.broker, installation.jars, reporter)
    archive: tuple[Artifact, ...] = ()
    if not _tree_is_intact(installation.registry):
        if installation.registry.exists():
            reporter.say(f"{installation.registry.name} is damaged in the cache, fetching it again")
        archive = _missing((lock.registry,), archives, reporter)
    wanted = (*jars, *archive)
    if wanted:
        size = sum(artifact.size_bytes for artifact in wanted)
        require_space(
            root, size + sum(artifact.unpacked_bytes for artifact in archive) + _SPARE_BYTES, purpose="the downloads"
        )
        files = "1 file" if len(wanted) == 1 else f"{len(wanted)} files"
        reporter.say(f"fetching {files}, {human_size(size)}, once, into {root}")
    targets = {artifact: archives if artifact in archive else installation.jars for artifact in wanted}
    try:
        fetch(targets, reporter=reporter, staging=staging, environ=environ)
        _write_stamp(lock, installation.jars)
        if not _tree_is_intact(installation.registry):
            reporter.say("unpacking the registry")
            unpack(archives / lock.registry.filename, installation.registry, staging=staging)
        shutil.rmtree(archives, ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _missing(artifacts: tuple[Artifact, ...], folder: Path, reporter: Reporter) -> tuple[Artifact, ...]:
    """Return the artifacts that are not in `folder`; damaged ones are removed and count as missing."""
    missing: list[Artifact] = []
    for artifact in artifacts:
        path = folder / artifact.filename
        if not path.exists():
            missing.append(artifact)
        elif path.stat().st_size != artifact.size_bytes or sha256_of(path) != artifact.sha256:
            reporter.say(f"{artifact.filename} is damaged in the cache, fetching it again")
            path.unlink()
            missing.append(artifact)
    return tuple(missing)


def _unstamped_jars(lock: ArtifactLock, folder: Path) -> list[str]:
    """Return the names of jars that are missing or changed since their SHA-256 was verified."""
    stamp = _read_stamp(folder)
    return [jar.filename for jar in lock.broker if stamp.get(jar.filename) != _mark(folder / jar.filename)]


def _write_stamp(lock: ArtifactLock, folder: Path) -> None:
    marks = {jar.filename: _mark(folder / jar.filename) for jar in lock.broker}
    write_atomically(folder / _STAMP, json.dumps(marks))


def _tree_stamp(folder: Path) -> dict[str, list[int] | None]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != _STAMP)
    return {path.relative_to(folder).as_posix(): _mark(path) for path in files}


def _tree_is_intact(folder: Path) -> bool:
    """Return whether every file that was unpacked is there unchanged; files added later are allowed."""
    stamp = _read_stamp(folder)
    return bool(stamp) and all(_mark(folder / name) == mark for name, mark in stamp.items())


def _read_stamp(folder: Path) -> dict[str, list[int] | None]:
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _mark(path: Path) -> list[int] | None:
    """Return what tells an unchanged file: [size in bytes, modification time in ns]; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
