"""Schemas by id: memory, disk, one request at a time per id, and the promise that an id never changes its meaning."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from avroad.errors import RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import SchemaText
from avroad.registry.cache import DiskCache, MemoryCache
from avroad.registry.sameness import same

__all__ = ["UNKNOWN_TTL_S", "SchemaIds"]

UNKNOWN_TTL_S: Final = 5.0
"""How long an id is not asked for again that the registry does not know, or answered with what is no schema."""


class SchemaIds:
    """What is known by id. Thread-safe.

    fetch: asks the registry; its errors reach every waiting caller. vet: whether a text is a schema within the limits,
    with what it refers to; None when that cannot be told now. Only what is one is kept, in memory and on disk, and what
    is on disk is asked about once more: one bad answer must not stay, not even for the next process. Both end at the
    monotonic time they are given, which is `wait_s` ahead; so long a caller waits for another one's request.
    name: the registry in messages.
    """

    def __init__(
        self,
        fetch: Callable[[int, float], SchemaText],
        memory: MemoryCache,
        disk: DiskCache | None,
        *,
        vet: Callable[[int, SchemaText, float], bool | None],
        name: str,
        wait_s: float,
    ) -> None:
        self._fetch = fetch
        self._memory = memory
        self._disk = disk
        self._vet = vet
        self._name = name
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._flights: dict[int, Future[SchemaText]] = {}

    def get(self, schema_id: int) -> SchemaText:
        """Return the schema from memory, else disk, else the registry; any number of callers cost one request.

        What is no schema is returned too, for UNKNOWN_TTL_S from memory, and then asked for again.
        Raises SchemaNotFound, also from memory for UNKNOWN_TTL_S, and what `fetch` raises.
        """
        with self._lock:
            found = self._memory.get(schema_id)
            if found is not None:
                return found
            if self._memory.is_unknown(schema_id):
                raise SchemaNotFound(f"the registry at {self._name} does not know schema id {schema_id}")
            flight = self._flights.get(schema_id)
            mine = flight is None
            if flight is None:
                flight = self._flights[schema_id] = Future()
        return self._load(schema_id, flight) if mine else self._wait(schema_id, flight)

    def remember(self, schema_id: int, content: SchemaText) -> None:
        """Take note of what another answer said about an id.

        What refers to others is kept for UNKNOWN_TTL_S only: they would have to be read for each version looked at.
        Raises RegistryError when it contradicts what is known: data would be decoded with the wrong schema.
        """
        known = self._memory.get(schema_id, passing=False)
        if known is not None and known == content:
            return
        until = time.monotonic() + self._wait_s
        if known is None and self._disk is not None:
            known = self._disk.get(schema_id)
            if known is not None and not same(known, content) and self._vet(schema_id, known, until) is False:
                self._disk.drop(schema_id)
                known = None
        if known is not None and not same(known, content):
            place = f" or delete {self._disk.folder}" if self._disk else ""
            raise RegistryError(
                f"schema id {schema_id} of the registry at {self._name} changed its meaning",
                expected="the schema read under this id before", found="another one",
                hint=f"Two registries behind one address, or one set up anew? Restore it{place}",
            )  # fmt: skip
        self._keep(schema_id, known or content, sound=not content.references and self._vet(schema_id, content, until))

    def _load(self, schema_id: int, flight: Future[SchemaText]) -> SchemaText:
        try:
            content = self._read(schema_id, time.monotonic() + self._wait_s)
        except BaseException as error:
            if isinstance(error, SchemaNotFound):
                self._memory.put_unknown(schema_id)
            self._land(schema_id)
            ours = isinstance(error, Exception)  # Ctrl-C is for the thread that got it, not for those that wait
            flight.set_exception(
                error if ours else RegistryUnavailable(f"reading schema id {schema_id} was interrupted")
            )
            raise
        self._land(schema_id)
        flight.set_result(content)
        return content

    def _read(self, schema_id: int, until: float) -> SchemaText:
        content = self._disk.get(schema_id) if self._disk is not None else None
        sound = self._vet(schema_id, content, until) if content is not None else None
        if self._disk is not None and sound is False:
            self._disk.drop(schema_id)
            content = None
        if content is None:
            content = self._fetch(schema_id, until)
            sound = self._vet(schema_id, content, until)
        self._keep(schema_id, content, sound=sound)
        return content

    def _wait(self, schema_id: int, flight: Future[SchemaText]) -> SchemaText:
        try:
            error = flight.exception(timeout=self._wait_s)
        except TimeoutError:
            error = RegistryUnavailable(
                f"the registry at {self._name} did not answer for schema id {schema_id} in time"
            )
        if error is not None:
            raise copy.copy(error)  # one object raised in several threads would collect all their tracebacks
        return flight.result()

    def _land(self, schema_id: int) -> None:
        with self._lock:
            self._flights.pop(schema_id, None)

    def _keep(self, schema_id: int, content: SchemaText, *, sound: bool | None) -> None:
        self._memory.put(schema_id, content, passing=not sound)
        if sound and self._disk is not None:
            self._disk.put(schema_id, content)
