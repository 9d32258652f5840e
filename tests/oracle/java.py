"""Apache Avro Java in this process, through JPype: its parser, its reader and writer of data, `SchemaCompatibility`.

A JVM cannot be started twice in one process, and stays until its end: use this in a child of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import jpype

from avroad.stack.avro_java import find_libjvm
from tests.oracle.jars import class_path

_T = TypeVar("_T")
LIMITS = {
    "org.apache.avro.limits.collectionItems.maxLength": 100_000,
    "org.apache.avro.limits.bytes.maxLength": 1 << 20,
    "org.apache.avro.limits.string.maxLength": 1 << 20,
}
"""Java's own guards against bombs; their defaults are two thousand million of each."""


class JavaRefused(Exception):
    """Java threw. kind: the class of what it threw; text: its message."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


class Java:
    """The classes that are used, looked up once. Starts the JVM."""

    def __init__(self) -> None:
        options = ["-XX:-UsePerfData", "-Xmx256m", "-Xss16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options += ["--enable-native-access=ALL-UNNAMED", *(f"-D{name}={value}" for name, value in LIMITS.items())]
        jpype.startJVM(
            str(find_libjvm()), *options, classpath=[str(path) for path in class_path()], convertStrings=True
        )
        self._parser = jpype.JClass("org.apache.avro.Schema$Parser")
        self._names = jpype.JClass("org.apache.avro.NameValidator").NO_VALIDATION
        self._reader = jpype.JClass("org.apache.avro.generic.GenericDatumReader")
        self._writer = jpype.JClass("org.apache.avro.generic.GenericDatumWriter")
        self._decoders = jpype.JClass("org.apache.avro.io.DecoderFactory").get()
        self._encoders = jpype.JClass("org.apache.avro.io.EncoderFactory").get()
        self._compatibility = jpype.JClass("org.apache.avro.SchemaCompatibility")
        self._out = jpype.JClass("java.io.ByteArrayOutputStream")

    def schema(self, node: Any) -> Any:
        """Return Java's schema of JSON, parsed by a parser of its own. Raises JavaRefused."""
        return _guarded(lambda: self._parser(self._names).setValidateDefaults(False).parse(json.dumps(node)))

    def incompatibilities(self, reader: Any, writer: Any) -> list[tuple[str, str, str]]:
        """Return (type, path, message) of all that stands between Java's schemas `reader` and `writer`, in its order.

        Raises JavaRefused where Java throws.
        """

        def work() -> list[tuple[str, str, str]]:
            result = self._compatibility.checkReaderWriterCompatibility(reader, writer).getResult()
            found = result.getIncompatibilities()
            return [(str(f.getType().name()), str(f.getLocation()), str(f.getMessage())) for f in found]

        return _guarded(work)

    def pair(self, writer: Any, reader: Any) -> tuple[Any, Any]:
        """Return what `reencode` needs of two schemas. Raises JavaRefused."""
        return _guarded(lambda: (self._reader(writer, reader), self._writer(reader)))

    def reencode(self, pair: tuple[Any, Any], body: bytes) -> tuple[bytes, bool]:
        """Return the datum in `body` as Java reads it, written by Java with the reader's schema; and whether all
        bytes were used. Raises JavaRefused.
        """

        def work() -> tuple[bytes, bool]:
            decoder = self._decoders.binaryDecoder(body, None)
            datum = pair[0].read(None, decoder)
            out = self._out()
            encoder = self._encoders.directBinaryEncoder(out, None)
            pair[1].write(datum, encoder)
            encoder.flush()
            return bytes(out.toByteArray()), bool(decoder.isEnd())

        return _guarded(work)


def _guarded(work: Callable[[], _T]) -> _T:
    try:
        return work()
    except jpype.JException as error:
        raise JavaRefused(str(error.getClass().getName()), str(error.getMessage())[:300]) from None
