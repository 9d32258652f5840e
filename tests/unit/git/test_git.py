"""What is read from git: every step of a folder, whatever the files are, and an error for what is not there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from avroad.errors import ConfigError, GitError
from avroad.git import file_changes, files_at, open_repository, process, short_name
from tests.cli.git_world import GIT, git


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "schemas").mkdir()
    return tmp_path


def commit(folder: Path, **files: bytes | None) -> None:
    for name, content in files.items():
        path = folder / "schemas" / f"{name}.avsc"
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Step")


def steps(folder: Path, max_bytes: int = 100) -> list[dict[str, bytes | None]]:
    repository = open_repository(folder)
    changes = file_changes(repository, repository.commit("HEAD"), "schemas", suffix=".avsc", max_bytes=max_bytes)
    return [dict(change.files) for change in changes]


def test_steps_are_oldest_first_with_what_each_changed(folder: Path) -> None:
    commit(folder, a=b"1\n", b=b"2")
    commit(folder, a=b"3")
    commit(folder, b=None)
    (folder / "README").write_text("outside")
    (folder / "schemas" / "note.txt").write_text("another suffix")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "No schema")
    assert steps(folder)[:3] == [{"a.avsc": b"1\n", "b.avsc": b"2"}, {"a.avsc": b"3"}, {"b.avsc": None}]


def test_the_files_at_a_commit(folder: Path) -> None:
    commit(folder, a=b"1", b=b"2", big=b"x" * 101)
    commit(folder, a=b"3", b=None)
    (folder / "schemas" / "deep").mkdir()
    (folder / "schemas" / "deep" / "c.avsc").write_bytes(b"deep")
    (folder / "schemas" / "ä \t\n.avsc").write_bytes(b"odd")
    (folder / "schemas" / "link.avsc").symlink_to("elsewhere")
    (folder / "schemas" / "note.txt").write_text("another suffix")
    commit(folder)
    repository = open_repository(folder)

    def at(revision: str) -> dict[str, bytes | None]:
        return files_at(repository, repository.commit(revision), "schemas", suffix=".avsc", max_bytes=100)

    assert at("HEAD~2") == {"a.avsc": b"1", "b.avsc": b"2", "big.avsc": None}
    assert at("HEAD~1") == {"a.avsc": b"3", "big.avsc": None}
    assert at("HEAD") == {"a.avsc": b"3", "big.avsc": None, "ä \t\n.avsc": b"odd"}
    assert files_at(repository, repository.commit("HEAD"), "nowhere", suffix=".avsc", max_bytes=100) == {}


def test_odd_names_large_files_and_links(folder: Path) -> None:
    (folder / "schemas" / "deep").mkdir()
    (folder / "schemas" / "ä \t\n.avsc").write_bytes(b"odd")
    (folder / "schemas" / "deep" / "c.avsc").write_bytes(b"deep")
    (folder / "schemas" / "link.avsc").symlink_to("elsewhere")
    commit(folder, big=b"x" * 101, fits=b"x" * 100, empty=b"")
    assert steps(folder) == [
        {
            "big.avsc": None,
            "deep/c.avsc": b"deep",
            "empty.avsc": b"",
            "fits.avsc": b"x" * 100,
            "link.avsc": None,
            "ä \t\n.avsc": b"odd",
        }
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log.showSignature", "true"), ("log.showRoot", "false"), ("diff.external", "false"), ("color.ui", "always"),
        ("core.pager", "false"), ("log.diffMerges", "combined"), ("diff.renames", "copies"), ("core.quotePath", "true"),
        ("format.pretty", "oneline"), ("log.date", "relative"), ("diff.noprefix", "true"), ("core.abbrev", "4"),
    ],
)  # fmt: skip
def test_nobodys_settings_change_what_is_read(folder: Path, name: str, value: str) -> None:
    commit(folder, a=b"1")
    git(folder, "checkout", "--quiet", "-b", "side")
    commit(folder, a=b"2")
    commit(folder, b=b"1")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--no-edit", "side")
    git(folder, "config", name, value)
    assert steps(folder) == [{"a.avsc": b"1"}, {"a.avsc": b"2", "b.avsc": b"1"}]


def test_two_processes_however_long_the_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        commit(folder, a=str(number).encode())
    repository = open_repository(folder)
    head = repository.commit("HEAD")
    started: list[object] = []
    real = subprocess.Popen

    def counted(*args: object, **more: object) -> object:
        started.append(args)
        return real(*args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", counted)
    assert len(file_changes(repository, head, "schemas", suffix=".avsc", max_bytes=100)) == 6
    assert len(started) == 2


def test_what_git_says_is_passed_on(folder: Path) -> None:
    with pytest.raises(GitError, match="git log failed"), process.pipe(folder, "log", "nowhere") as out:
        out.read()
    with pytest.raises(ConfigError, match="no commit yet"):
        open_repository(folder).merge_base("main")


def test_a_tag_with_the_name_of_the_main_branch_is_not_taken_for_it(folder: Path) -> None:
    commit(folder, a=b"1")
    git(folder, "tag", "main")
    commit(folder, a=b"2")
    repository = open_repository(folder)
    branch = repository.main_branch()
    assert (branch, short_name(branch), repository.is_on(branch)) == ("refs/heads/main", "main", True)
    assert repository.merge_base(branch) == repository.commit("HEAD")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "tag", "origin/main", "HEAD~1")
    branch = repository.main_branch()
    assert (short_name(branch), repository.is_on(branch)) == ("origin/main", True)
    assert repository.merge_base(branch) == repository.commit("HEAD")


def test_a_git_that_does_not_end_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(process, "_TIMEOUT_S", 0.2)
    with pytest.raises(GitError, match="did not end"):
        process.ask(folder, "log")
    with pytest.raises(GitError, match="did not end"), process.pipe(folder, "log") as out:
        out.read()


def test_a_missing_object_is_an_error(folder: Path) -> None:
    commit(folder, a=b"1")
    blob = git(folder, "rev-parse", "HEAD:schemas/a.avsc")
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match="lacks an object"):
        steps(folder)
