"""Apache Avro Java on this machine: the JVM of the local stack, and the jars that its registry brings along."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avroad.errors import StackError
from avroad.stack.artifacts import load_artifact_lock
from avroad.stack.cache import cache_root
from avroad.stack.java import find_java

__all__ = ["AvroJars", "find_avro_java", "find_libjvm"]

_JARS: Final = (
    "org.apache.avro.avro-*.jar", "com.fasterxml.jackson.core.jackson-core-*.jar",
    "com.fasterxml.jackson.core.jackson-databind-*.jar", "com.fasterxml.jackson.core.jackson-annotations-*.jar",
    "org.slf4j.slf4j-api-*.jar",
)  # fmt: skip
_LIBRARIES: Final = (
    "lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll", "jre/lib/server/libjvm.so",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AvroJars:
    """libjvm: the JVM's library; class_path: Avro and what it needs; version: Avro's."""

    libjvm: Path
    class_path: tuple[Path, ...]
    version: str


def find_libjvm() -> Path:
    """Return the JVM's library of the JRE that the local stack uses. Raises StackError without one."""
    home = find_java().executable.resolve().parents[1]
    found = next((home / name for name in _LIBRARIES if (home / name).exists()), None)
    if found is None:
        raise StackError("the Java found has no JVM library to load", expected=_LIBRARIES[0], found=str(home))
    return found


def find_avro_java() -> AvroJars:
    """Return where Apache Avro Java is; nothing is fetched. Raises StackError saying what is missing."""
    if importlib.util.find_spec("jpype") is None:
        raise StackError("JPype is not installed", hint="Run: pip install jpype1")
    libjvm = find_libjvm()
    folder = cache_root() / load_artifact_lock().registry_folder / "lib" / "main"
    found = [next(iter(sorted(folder.glob(pattern))), None) for pattern in _JARS]
    jars = tuple(jar for jar in found if jar is not None)
    if len(jars) < len(_JARS):
        raise StackError("the jars of Apache Avro are not in the cache", hint="Run: avroad stack up")
    return AvroJars(libjvm=libjvm, class_path=jars, version=jars[0].stem.rpartition("-")[2])
