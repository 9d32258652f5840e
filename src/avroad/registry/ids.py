"""Schemas by id: memory, disk, one request at a time per id, and the promise that an id never changes its meaning."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from avroad.errors import RegistryError, RegistryUnavailable, SchemaNotFound, SchemaSyntaxError
from avroad.model import SchemaText
from avroad.registry.cache import DiskCache, MemoryCache
from avroad.registry.sameness import same
from avroad.schema import parse, read_json

__all__ = ["UNKNOWN_TTL_S", "SchemaIds"]

UNKNOWN_TTL_S: Final = 5.0
"""How long an id the registry does not know is not asked for again."""


class SchemaIds:
    """What is known by id. Thread-safe.

    fetch: asks the registry; its errors reach every waiting caller. name: the registry in messages.
    wait_s: how long a caller waits for another one's request.
    """

    def __init__(
        self,
        fetch: Callable[[int], SchemaText],
        memory: MemoryCache,
        disk: DiskCache | None,
        *,
        name: str,
        wait_s: float,
    ) -> None:
        self._fetch = fetch
        self._memory = memory
        self._disk = disk
        self._name = name
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._flights: dict[int, Future[SchemaText]] = {}

    def get(self, schema_id: int) -> SchemaText:
        """Return the schema from memory, else disk, else the registry; any number of callers cost one request.

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

        Raises RegistryError when it contradicts what is known: data would be decoded with the wrong schema.
        """
        known = self._memory.get(schema_id) or (self._disk.get(schema_id) if self._disk else None)
        if known is not None and not same(known, content):
            place = f" or delete {self._disk.folder}" if self._disk else ""
            raise RegistryError(
                f"schema id {schema_id} of the registry at {self._name} changed its meaning",
                expected="the schema read under this id before", found="another one",
                hint=f"Two registries behind one address, or one set up anew? Restore it{place}",
            )  # fmt: skip
        self._keep(schema_id, known or content)

    def _load(self, schema_id: int, flight: Future[SchemaText]) -> SchemaText:
        try:
            content = self._disk.get(schema_id) if self._disk else None
            if content is None:
                content = self._fetch(schema_id)
            self._keep(schema_id, content)
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

    def _keep(self, schema_id: int, content: SchemaText) -> None:
        """Cache what is a schema; anything else is asked for again, so that one bad answer does not stay."""
        if not _is_schema(content):
            return
        self._memory.put(schema_id, content)
        if self._disk is not None:
            self._disk.put(schema_id, content)


def _is_schema(content: SchemaText) -> bool:
    """Return whether the text is a schema; with references only that it can be one, they are followed elsewhere."""
    try:
        if content.references:
            return isinstance(read_json(content.text), dict | list)
        parse(content.text, strict=False)
    except (SchemaSyntaxError, RecursionError):
        return False
    return True
