"""The committed lock: complete, exact, without a host, and read strictly."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from avroad.errors import StackError
from avroad.stack.artifacts import Artifact, dump_artifact_lock, load_artifact_lock, lock_path
from avroad.stack.relock import KAFKA_VERSION, REGISTRY_VERSION

LOCK = load_artifact_lock()


def test_the_lock_is_of_the_versions_the_relock_command_names() -> None:
    assert (LOCK.kafka_version, LOCK.registry_version) == (KAFKA_VERSION, REGISTRY_VERSION) == ("4.3.1", "3.3.3")
    by_name = {artifact.name: artifact.version for artifact in LOCK.broker}
    assert by_name["kafka_2.13"] == by_name["kafka-clients"] == KAFKA_VERSION
    assert by_name["slf4j-simple"] == by_name["slf4j-api"] == "1.7.36"


def test_the_lock_holds_the_whole_class_path_once() -> None:
    assert len(LOCK.broker) == 46
    assert len({(artifact.group, artifact.name) for artifact in LOCK.broker}) == 46
    assert len({artifact.filename for artifact in LOCK.broker}) == 46
    assert all(artifact.filename.endswith(".jar") for artifact in LOCK.broker)


def test_the_registry_is_the_archive_of_everything() -> None:
    assert LOCK.registry.filename == "apicurio-registry-app-3.3.3-all.tar.gz"
    assert LOCK.registry.unpacked_bytes > LOCK.registry.size_bytes > 100_000_000


def test_every_artifact_has_a_checksum_and_a_size() -> None:
    for artifact in (*LOCK.broker, LOCK.registry):
        assert re.fullmatch(r"[0-9a-f]{64}", artifact.sha256), artifact.filename
        assert artifact.size_bytes > 0


def test_the_lock_names_no_host() -> None:
    text = lock_path().read_text(encoding="utf-8")
    assert "://" not in text
    assert set(json.loads(text)) == {"format_version", "kafka_version", "registry_version", "broker", "registry"}


def test_the_committed_text_is_what_the_relock_command_writes() -> None:
    assert dump_artifact_lock(LOCK) == lock_path().read_text(encoding="utf-8")


def test_another_set_of_files_gets_another_cache_folder() -> None:
    changed = replace(LOCK.broker[0], sha256="0" * 64)
    other = replace(LOCK, broker=(changed, *LOCK.broker[1:]))
    assert other.broker_folder != LOCK.broker_folder
    assert other.registry_folder == LOCK.registry_folder
    assert LOCK.broker_folder.startswith("kafka-4.3.1-")
    assert replace(LOCK, broker=LOCK.broker[::-1]).broker_folder == LOCK.broker_folder


@pytest.mark.parametrize(
    ("classifier", "packaging", "expected"),
    [("", "jar", "a-1.jar"), ("all", "tar.gz", "a-1-all.tar.gz")],
)
def test_file_names_follow_the_repository_layout(classifier: str, packaging: str, expected: str) -> None:
    artifact = Artifact(
        group="g", name="a", version="1", classifier=classifier, packaging=packaging, sha256="", size_bytes=1
    )
    assert artifact.filename == expected


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format_version": "1.0"}', '{"format_version": "2.0"}'])
def test_a_lock_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "artifacts.lock.json"
    path.write_text(text)
    with pytest.raises(StackError, match="artifact lock") as caught:
        load_artifact_lock(path)
    assert caught.value.file == str(path)


def test_a_missing_lock_says_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"python -m avroad\.stack\.relock"):
        load_artifact_lock(tmp_path / "nothing.json")
