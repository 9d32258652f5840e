"""What every commit changed in one folder, or what it held at one: two git processes, however long the history is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final

from avroad.errors import GitError
from avroad.git.process import pipe
from avroad.git.repository import Commit, Repository

__all__ = ["Change", "file_changes", "files_at"]

_REGULAR: Final = ("100644", "100755")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit changed. files: content by path below the folder that was asked for, None when it went away.

    A file larger than the bound, and what is no regular file, counts as gone.
    """

    commit: Commit
    files: Mapping[str, bytes | None]


def file_changes(
    repository: Repository, until: Commit, folder: str, *, suffix: str, max_bytes: int
) -> tuple[Change, ...]:
    """Return what happened to a folder up to a commit, oldest first, merges as one step (first parents).

    folder: below the repository's; suffix: of the files that matter. A shallow clone begins with all its oldest
    commit holds. Raises GitError.
    """
    steps = list(_steps(repository, until, folder, suffix))
    wanted = dict.fromkeys(blob for _, files in steps for blob in files.values() if blob)
    contents = dict(_contents(repository, wanted, max_bytes))
    return tuple(
        Change(commit=commit, files={path: contents.get(blob) if blob else None for path, blob in files.items()})
        for commit, files in reversed(steps)
    )


def files_at(
    repository: Repository, commit: Commit, folder: str, *, suffix: str, max_bytes: int
) -> dict[str, bytes | None]:
    """Return the files directly in a folder at a commit, by name, None for one larger than the bound.

    folder: below the repository's. Raises GitError.
    """
    with pipe(repository.folder, "ls-tree", "-z", commit.id, "--", f"{folder}/") as out:
        text = out.read().decode("utf-8", "surrogateescape")
    blobs: dict[str, str] = {}
    for entry in text.split("\0"):
        meta, _, path = entry.partition("\t")
        if path.endswith(suffix):
            mode, _, blob = meta.split()
            if mode in _REGULAR:
                blobs[path.rpartition("/")[2]] = blob
    contents = dict(_contents(repository, dict.fromkeys(blobs.values()), max_bytes))
    return {name: contents.get(blob) for name, blob in blobs.items()}


def _steps(repository: Repository, until: Commit, folder: str, suffix: str) -> Iterator[tuple[Commit, dict[str, str]]]:
    """Yield commits, newest first, with the blob of each changed file, "" for one that went away."""
    raw = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--relative")
    arguments = ("log", "--first-parent", "-m", *raw, "--format=%x01%H %cs", until.id, "--", folder)
    with pipe(repository.folder, *arguments) as out:
        text = out.read().decode("utf-8", "surrogateescape")
    for entry in text.split("\x01")[1:]:
        # With -z a zero byte ends the header, the raw lines come in pairs: what changed, and where.
        header, *parts = [part.lstrip("\n") for part in entry.split("\0")]
        name, _, day = header.strip().partition(" ")
        files: dict[str, str] = {}
        lines = [part for part in parts if part]
        for meta, path in zip(lines[::2], lines[1::2], strict=True):
            _, mode, _, blob, _ = meta.split()
            below = path.removeprefix(f"{folder}/")
            if below.endswith(suffix):
                files[below] = blob if mode in _REGULAR else ""
        yield Commit(id=name, day=day), files


def _contents(repository: Repository, blobs: Iterable[str], max_bytes: int) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{blob}\n" for blob in blobs).encode())
        if not names.tell():
            return
        names.seek(0)
        with pipe(repository.folder, "cat-file", "--batch", stdin=names) as out:
            while header := out.readline():
                name, kind, *size = header.decode().split()
                if not size:
                    raise GitError(f"the repository lacks an object it refers to: {name} {kind}")
                content = _read(out, int(size[0]), max_bytes)
                if content is not None:
                    yield name, content


def _read(out: IO[bytes], size: int, max_bytes: int) -> bytes | None:
    if size <= max_bytes:
        return out.read(size + 1)[:-1]
    left = size + 1
    while left and (part := out.read(min(left, 1 << 20))):
        left -= len(part)
    return None
