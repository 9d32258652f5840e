"""Writing the lock again: everything resolved is measured, nothing but the lock is written."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from avroad.stack import relock
from avroad.stack.artifacts import load_artifact_lock, lock_path
from avroad.stack.fetch import sha256_of

from .repository import archive


class Context:
    """Resolves a small tree the way jgo does, from files it makes."""

    def __init__(self, repo_cache: Path) -> None:
        self.folder = repo_cache
        self.resolver = SimpleNamespace(resolve=self.resolve_tree)

    def create_dependency(self, coordinate: str) -> SimpleNamespace:
        group, name, version = coordinate.split(":")
        return dependency(group, name, version, scope=None)

    def resolve_tree(self, roots: list[SimpleNamespace]) -> tuple[list[SimpleNamespace], list[SimpleNamespace]]:
        tree = [
            dependency("org.example", "needed", "1", scope="compile"),
            dependency("org.example", "at-run-time", "1", scope="runtime"),
            dependency("org.example", "for-tests", "1", scope="test"),
            dependency("org.example", "given", "1", scope="provided"),
            dependency("org.example", "optional", "1", scope="compile", optional=True),
        ]
        return roots, tree

    def project(self, group: str, name: str) -> SimpleNamespace:
        return SimpleNamespace(at_version=lambda version: self.component(name, version))

    def component(self, name: str, version: str) -> SimpleNamespace:
        def artifact(*, classifier: str, packaging: str) -> SimpleNamespace:
            path = self.folder / f"{name}-{version}{classifier}.{packaging}"
            path.write_bytes(archive({"a": b"12345"}) if packaging == "tar.gz" else name.encode())
            return SimpleNamespace(resolve=lambda: path)

        return SimpleNamespace(artifact=artifact)


def dependency(group: str, name: str, version: str, *, scope: str | None, optional: bool = False) -> SimpleNamespace:
    return SimpleNamespace(
        groupId=group, artifactId=name, version=version, classifier="", type="jar", scope=scope, optional=optional
    )


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "artifacts.lock.json"
    monkeypatch.setattr(relock, "lock_path", lambda: path)
    monkeypatch.setattr(relock.importlib, "import_module", lambda _name: SimpleNamespace(MavenContext=Context))  # type: ignore[attr-defined]
    return path


def test_run_time_artifacts_are_measured_and_written(target: Path, tmp_path: Path) -> None:
    assert relock.main([]) == 0
    lock = load_artifact_lock(target)
    assert [artifact.name for artifact in lock.broker] == ["kafka_2.13", "at-run-time", "needed", "slf4j-simple"]
    (tmp_path / "needed").write_bytes(b"needed")
    needed = next(artifact for artifact in lock.broker if artifact.name == "needed")
    assert (needed.sha256, needed.size_bytes) == (sha256_of(tmp_path / "needed"), 6)
    assert lock.registry.packaging == "tar.gz"
    assert lock.registry.unpacked_bytes == 5


def test_checking_writes_nothing_and_fails_on_a_difference(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert relock.main(["--check"]) == 1
    assert not target.exists()
    assert "python -m avroad.stack.relock" in capsys.readouterr().err


def test_an_unchanged_lock_is_left_alone(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    relock.main([])
    before = target.stat().st_mtime_ns
    assert relock.main([]) == relock.main(["--check"]) == 0
    assert target.stat().st_mtime_ns == before
    assert "up to date" in capsys.readouterr().err


def test_the_committed_lock_is_not_touched_by_these_tests() -> None:
    assert load_artifact_lock(lock_path()).kafka_version == relock.KAFKA_VERSION
