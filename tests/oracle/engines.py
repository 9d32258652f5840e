"""Other Avro libraries as oracles: each reads a body with a pair of schemas, logical types aside.

An engine gives the value in the oracle's raw form (`Spec(..., logical=False)`), or raises Other.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import avro.io
import avro.schema
import fastavro
from avro.name import Names

from tests.oracle.spec import Spec
from tests.oracle.spec_resolution import Refused


class Other(Exception):
    """The library refused: with which exception."""


@dataclass(frozen=True)
class Kept:
    """What a library read and wrote again, although it breaks a rule; equal to no value."""

    rule: str


class Engine(Protocol):
    """A library under comparison."""

    name: str

    def bind(self, writer: Any, reader: Any) -> Callable[[bytes], Any]:
        """Return what reads one body. Raises Other for schemas the library does not take."""
        ...


def bare(node: Any) -> Any:
    """Return a schema without its logical types."""
    if isinstance(node, dict):
        return {key: value if key == "default" else bare(value) for key, value in node.items() if key != "logicalType"}
    return [bare(branch) for branch in node] if isinstance(node, list) else node


class Fastavro:
    """fastavro's `schemaless_reader`."""

    name = "fastavro"

    def bind(self, writer: Any, reader: Any) -> Callable[[bytes], Any]:
        try:
            wrote, reads = (fastavro.parse_schema(bare(node), _write_hint=False) for node in (writer, reader))
        except Exception as error:  # noqa: BLE001 - whatever it raises is its refusal
            raise Other(f"{type(error).__name__}: {error}"[:300]) from None

        def read(body: bytes) -> Any:
            try:
                return fastavro.schemaless_reader(io.BytesIO(body), wrote, reads)
            except Exception as error:  # noqa: BLE001 - whatever it raises is its refusal
                raise Other(f"{type(error).__name__}: {error}"[:300]) from None

        return read


class ApacheAvro:
    """Apache avro's Python `DatumReader`."""

    name = "avro"

    def bind(self, writer: Any, reader: Any) -> Callable[[bytes], Any]:
        if '"aliases"' in text(reader):
            raise Other("no aliases")
        try:
            both = [avro.schema.make_avsc_object(bare(node), Names()) for node in (writer, reader)]
        except Exception as error:  # noqa: BLE001 - whatever it raises is its refusal
            raise Other(f"{type(error).__name__}: {error}"[:300]) from None
        datum_reader = avro.io.DatumReader(*both)

        def read(body: bytes) -> Any:
            try:
                return datum_reader.read(avro.io.BinaryDecoder(io.BytesIO(body)))
            except Exception as error:  # noqa: BLE001 - whatever it raises is its refusal
                raise Other(f"{type(error).__name__}: {error}"[:300]) from None

        return read


class JavaAvro:
    """Apache Avro Java: what it writes again is read by the slow oracle, branch numbers included."""

    name = "java"

    def __init__(self) -> None:
        from tests.oracle.java import Java

        self._java = Java()

    def bind(self, writer: Any, reader: Any) -> Callable[[bytes], Any]:
        from tests.oracle.java import JavaRefused

        try:
            pair = self._java.pair(self._java.schema(writer), self._java.schema(reader))
        except JavaRefused as error:
            raise Other(str(error)) from None
        spec = Spec(reader, logical=False)

        def read(body: bytes) -> Any:
            try:
                again, _ = self._java.reencode(pair, body)
                return spec.read(again).value
            except JavaRefused as error:
                raise Other(str(error)) from None
            except Refused as refused:
                return Kept(refused.rule)  # Java read it, and writes it as it was

        return read


def engines(names: list[str]) -> list[Engine]:
    """Return the named engines; `java` starts a JVM in this process."""
    known: dict[str, Callable[[], Engine]] = {"java": JavaAvro, "fastavro": Fastavro, "avro": ApacheAvro}
    return [known[name]() for name in names]


def text(node: Any) -> str:
    """Return a schema as compact JSON, for messages."""
    return json.dumps(node, separators=(",", ":"))
