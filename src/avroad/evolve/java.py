"""Apache Avro Java as one of the readers: in a child process, because a JVM takes signals and never goes away.

The child ends when its input does, so that it cannot outlive a parent that was killed.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from avroad.codec import decoder_for
from avroad.errors import AvroadError, CodecError
from avroad.evolve.implementations import Payload, Read, Strange, Unread
from avroad.schema import Schema, to_json

__all__ = ["AvroJava"]

_CLOSE_S: Final = 2.0


class AvroJava:
    """GenericDatumReader of Apache Avro Java. What it reads it writes again as the reader's schema; that is decoded."""

    converts = False

    def __init__(self, libjvm: Path, class_path: Sequence[Path], detail: str) -> None:
        """Start the child and wait for its JVM. Raises AvroadError when it does not come up.

        libjvm: the JVM's library; class_path: Avro and what it needs; detail: Avro's version.
        """
        self.name, self.detail = "java", detail
        command = [sys.executable, "-m", "avroad.evolve.java_child", str(libjvm), *map(str, class_path)]
        self._child = subprocess.Popen(  # noqa: S603  # our own module, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        try:
            self._answer()
        except BaseException:
            self.close()
            raise

    def bind(self, writer: Schema, reader: Schema) -> Read:
        """See `Implementation`."""
        try:
            decode = decoder_for(reader).decode
        except AvroadError as error:
            refused = Unread(kind=type(error).__name__, text=error.message)
            return lambda payloads: [refused] * len(payloads)
        schemas = {"writer": json.dumps(to_json(writer)), "reader": json.dumps(to_json(reader))}

        def one(answer: dict[str, str]) -> Any:  # noqa: ANN401  # any datum
            if "kind" in answer:
                return Unread(kind=answer["kind"], text=answer["text"])
            try:
                return decode(base64.b64decode(answer["body"]))
            except CodecError as error:
                return Strange(reason=error.reason, path=error.path)

        def read(payloads: Sequence[Payload]) -> list[Any]:
            bodies = [base64.b64encode(payload.body).decode() for payload in payloads]
            return [one(answer) for answer in self._ask({**schemas, "bodies": bodies})]

        return read

    def close(self) -> None:
        """End the child."""
        with suppress(OSError):
            if self._child.stdin is not None:
                self._child.stdin.close()
        try:
            self._child.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def _ask(self, question: dict[str, Any]) -> list[dict[str, str]]:
        assert self._child.stdin is not None  # piped
        with suppress(OSError):  # then there is no answer either
            self._child.stdin.write(f"{json.dumps(question)}\n")
            self._child.stdin.flush()
        return self._answer()

    def _answer(self) -> list[dict[str, str]]:
        """Return the next line of the child. Raises AvroadError when it ended: that says nothing about any data."""
        assert self._child.stdout is not None  # piped
        try:
            answer: list[dict[str, str]] = json.loads(self._child.stdout.readline())
        except ValueError:
            raise AvroadError("the process with Apache Avro Java ended") from None
        return answer
