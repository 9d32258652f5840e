"""Git: what the files of a folder were at a revision and before it. Reads, never writes, asks nobody anything."""

from __future__ import annotations

from avroad.git.history import Change, file_changes, files_at
from avroad.git.repository import Commit, Repository, open_repository, short_name

__all__ = ["Change", "Commit", "Repository", "file_changes", "files_at", "open_repository", "short_name"]
