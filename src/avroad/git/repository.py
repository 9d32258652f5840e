"""The repository around a folder, its revisions, and where a branch left the main one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avroad.errors import ConfigError, GitError
from avroad.git.process import ask

__all__ = ["Commit", "Repository", "open_repository", "short_name"]

_MAIN: Final = ("refs/remotes/origin/main", "refs/heads/main", "refs/remotes/origin/master", "refs/heads/master")
_SHORT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit. id: its full name; day: when it was committed, as YYYY-MM-DD."""

    id: str
    day: str

    @property
    def short(self) -> str:
        """The id as people write it."""
        return self.id[:_SHORT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as seen from a folder inside it. shallow: older commits are not in this clone."""

    folder: Path
    shallow: bool

    def commit(self, revision: str) -> Commit:
        """Return the commit of a revision. Raises ConfigError when there is none."""
        if not revision or revision.startswith("-") or "\0" in revision:
            raise ConfigError("no such revision", expected="a commit, branch or tag", found=f'"{revision[:80]}"')
        found = _quietly(self.folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if not found:
            hint = self._shallow_hint() or "Is it fetched? See: git branch --all; git tag"
            raise ConfigError(f'the repository has no revision "{revision[:80]}".', hint=hint)
        day = ask(self.folder, "show", "--no-patch", "--no-ext-diff", "--format=%cs", found)
        return Commit(id=found, day=(day or "").strip())

    def main_branch(self) -> str:
        """Return the full name of the main branch: origin/main, main, origin/master or master.

        The full one, because a tag may have the short one, and git takes the tag then. Raises ConfigError without one.
        """
        listed = ask(self.folder, "for-each-ref", "--format=%(refname)", *_MAIN) or ""
        names = listed.splitlines()
        found = next((name for name in _MAIN if name in names), None)
        if found is None:
            raise ConfigError(
                "there is no main branch to compare with",
                expected="origin/main, main, origin/master or master", found="none of them",
                hint="Fetch it, or name what to compare with: --against git:REV",
            )  # fmt: skip
        return found

    def is_on(self, branch: str) -> bool:
        """Return whether the checkout is on this main branch, or on the local one of a remote one. Raises GitError."""
        head = ask(self.folder, "symbolic-ref", "--quiet", "HEAD")  # None: on no branch
        return (head or "").strip() == f"refs/heads/{branch.rpartition('/')[2]}"

    def merge_base(self, branch: str) -> Commit:
        """Return the newest commit that this checkout and a branch, given by its full name, have in common.

        Raises ConfigError when there is none, or no commit at all yet.
        """
        head = _quietly(self.folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if not head:
            hint = "Commit first, or compare with a folder: --against dir:PATH"
            raise ConfigError("the repository has no commit yet.", hint=hint)
        found = ask(self.folder, "merge-base", head, self.commit(branch).id)
        if not found:
            hint = self._shallow_hint() or "Name what to compare with: --against git:REV"
            raise ConfigError(f"this checkout and {short_name(branch)} have no commit in common.", hint=hint)
        return self.commit(found.splitlines()[0])

    def _shallow_hint(self) -> str:
        return "This is a shallow clone; run: git fetch --unshallow" if self.shallow else ""


def short_name(branch: str) -> str:
    """Return the full name of a branch as people write it."""
    return branch.removeprefix("refs/remotes/").removeprefix("refs/heads/")


def open_repository(folder: Path) -> Repository:
    """Return the repository around a folder. Raises ConfigError when there is no git or no repository, GitError."""
    try:
        said = ask(folder, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository")
    except GitError as error:
        if "not a git repository" not in error.message:  # such as dubious ownership: git's hint is the best there is
            raise
        hint = "Compare with something else: --against dir:PATH, registry or export:FILE"
        raise ConfigError(f"{folder} is not in a git repository.", hint=hint) from None
    inside, _, shallow = (said or "").partition("\n")
    if inside != "true":
        raise ConfigError(f"{folder} is not in the working tree of a git repository.")
    return Repository(folder=folder, shallow=shallow == "true")


def _quietly(folder: Path, *arguments: str) -> str | None:
    """Ask about something that may not exist: git exits with 1 or 128 then, by version and spelling."""
    try:
        return ask(folder, *arguments)
    except GitError:
        return None
