"""The child process of `java`: Apache Avro Java through JPype, one JSON document a line in and out."""

from __future__ import annotations

import base64
import importlib
import json
import os
import sys
from typing import Any, Final, TextIO

__all__: list[str] = []

_OPTIONS: Final = (
    "-XX:-UsePerfData",  # no statistics file in the machine's temporary folder
    "-Xrs", "-Xmx256m", "-Xss16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED", "-Dorg.apache.avro.limits.collectionItems.maxLength=100000",
    "-Dorg.apache.avro.limits.bytes.maxLength=16777216", "-Dorg.apache.avro.limits.string.maxLength=16777216",
)  # fmt: skip
_LONGEST: Final = 160


class _Java:
    """The classes that are used, looked up once. Starts the JVM."""

    def __init__(self, libjvm: str, class_path: list[str]) -> None:
        self._jpype: Any = importlib.import_module("jpype")
        self._jpype.startJVM(libjvm, *_OPTIONS, classpath=class_path, convertStrings=True)
        find = self._jpype.JClass
        self._parser = find("org.apache.avro.Schema$Parser")
        self._names = find("org.apache.avro.NameValidator").NO_VALIDATION
        self._reader = find("org.apache.avro.generic.GenericDatumReader")
        self._writer = find("org.apache.avro.generic.GenericDatumWriter")
        self._decoders = find("org.apache.avro.io.DecoderFactory").get()
        self._encoders = find("org.apache.avro.io.EncoderFactory").get()
        self._out = find("java.io.ByteArrayOutputStream")

    def answer(self, question: dict[str, Any]) -> list[dict[str, str]]:
        """Return each body as Java reads it and writes it again, or what it threw."""
        bodies = question["bodies"]
        try:
            writer, reader = (self._schema(question[side]) for side in ("writer", "reader"))
            pair = self._reader(writer, reader), self._writer(reader)
        except self._jpype.JException as error:
            return [_thrown(error)] * len(bodies)
        return [self._read(pair, base64.b64decode(body)) for body in bodies]

    def _schema(self, text: str) -> Any:  # noqa: ANN401  # Java's
        return self._parser(self._names).setValidateDefaults(False).parse(text)  # Java's method

    def _read(self, pair: tuple[Any, Any], body: bytes) -> dict[str, str]:
        try:
            datum = pair[0].read(None, self._decoders.binaryDecoder(body, None))
            out = self._out()
            encoder = self._encoders.directBinaryEncoder(out, None)
            pair[1].write(datum, encoder)
            encoder.flush()
            return {"body": base64.b64encode(bytes(out.toByteArray())).decode()}
        except self._jpype.JException as error:
            return _thrown(error)


def _thrown(error: Any) -> dict[str, str]:  # noqa: ANN401  # Java's
    kind = str(error.getClass().getSimpleName())
    return {"kind": kind, "text": " ".join(str(error.getMessage()).split())[:_LONGEST]}


def _serve(answers: TextIO) -> None:
    java = _Java(sys.argv[1], sys.argv[2:])
    answers.write("[]\n")  # ready
    answers.flush()
    for line in sys.stdin:
        answers.write(f"{json.dumps(java.answer(json.loads(line)))}\n")
        answers.flush()
    answers.flush()
    os._exit(0)  # a JVM's orderly end takes longer than anybody waits


if __name__ == "__main__":
    _serve(sys.stdout)
