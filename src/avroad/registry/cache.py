"""id -> schema caches: bounded memory, and a folder that outlives the process."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from avroad.model import Reference, SchemaText

__all__ = ["DiskCache", "MemoryCache"]

_MAX_BYTES: Final = 16 * 1024 * 1024
_ENTRY_BYTES: Final = 200
"""What an entry costs beside its text, roughly."""


class MemoryCache:
    """Schemas by id, least recently used out first, bounded by number and by bytes; also what is known not to exist.

    Thread-safe. A schema never changes, so it stays until there is no room; an answer that was not found to be one, and
    "does not exist", stay `unknown_ttl_s`.
    """

    def __init__(
        self,
        capacity: int,
        *,
        max_bytes: int = _MAX_BYTES,
        unknown_ttl_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._max_bytes = max_bytes
        self._unknown_ttl_s = unknown_ttl_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[int, tuple[SchemaText, float]] = OrderedDict()
        self._unknown: OrderedDict[int, float] = OrderedDict()
        self._bytes = 0

    def get(self, schema_id: int, *, passing: bool = True) -> SchemaText | None:
        """Return what is kept for an id, None when nothing is; without `passing` only what stays."""
        with self._lock:
            found = self._known.get(schema_id)
            if found is None:
                return None
            content, until = found
            if self._clock() >= until:
                self._drop(schema_id)
                return None
            self._known.move_to_end(schema_id)
            return content if passing or until == math.inf else None

    def put(self, schema_id: int, content: SchemaText, *, passing: bool = False) -> None:
        """Keep a schema; one that alone exceeds the bound is not kept, and a passing one replaces none that stays."""
        with self._lock:
            self._unknown.pop(schema_id, None)
            _, until = self._known.get(schema_id, (None, 0.0))
            if until == math.inf or _cost(content) > self._max_bytes:
                return
            self._drop(schema_id)
            self._known[schema_id] = content, self._clock() + self._unknown_ttl_s if passing else math.inf
            self._bytes += _cost(content)
            while len(self._known) > self._capacity or self._bytes > self._max_bytes:
                self._drop(next(iter(self._known)))

    def put_unknown(self, schema_id: int) -> None:
        """Note that the registry does not know this id now."""
        with self._lock:
            self._unknown.pop(schema_id, None)
            self._unknown[schema_id] = self._clock() + self._unknown_ttl_s
            while len(self._unknown) > self._capacity:
                self._unknown.popitem(last=False)

    def is_unknown(self, schema_id: int) -> bool:
        """Return whether the registry said a short while ago that it does not know this id."""
        with self._lock:
            until = self._unknown.get(schema_id)
            if until is not None and self._clock() >= until:
                del self._unknown[schema_id]
                return False
            return until is not None

    def __len__(self) -> int:
        with self._lock:
            return len(self._known)

    def _drop(self, schema_id: int) -> None:
        content, _ = self._known.pop(schema_id, (None, 0.0))
        self._bytes -= _cost(content) if content is not None else 0


class DiskCache:
    """Schemas by id in a folder per registry. Written atomically, checked on reading; a damaged file is a miss.

    identity: what tells the registry from others, its addresses and the id of what stands behind them.
    A folder that cannot be read or written costs speed only.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self._folder = folder / hashlib.sha256(identity.encode()).hexdigest()[:16]

    @property
    def folder(self) -> Path:
        """Where the files of this registry are."""
        return self._folder

    def get(self, schema_id: int) -> SchemaText | None:
        """Return the schema, None when there is no intact file."""
        try:
            value = json.loads(self._file(schema_id).read_bytes())
            content = SchemaText(
                text=str(value["schema"]),
                references=tuple(
                    Reference(name=str(item["name"]), subject=str(item["subject"]), version=int(item["version"]))
                    for item in value["references"]
                ),
            )
            intact = value["sha256"] == _digest(schema_id, content)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return content if intact else None

    def put(self, schema_id: int, content: SchemaText) -> None:
        """Write the schema unless an intact file is there already."""
        if self.get(schema_id) is not None:
            return
        value = {"format_version": "1.0", "id": schema_id, **_plain(content), "sha256": _digest(schema_id, content)}
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{schema_id}-", dir=self._folder)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(value, file)
                os.replace(name, self._file(schema_id))  # noqa: PTH105 - both are in one folder; this is the atomic step
            except OSError:
                os.unlink(name)  # noqa: PTH108 - as above
                raise

    def drop(self, schema_id: int) -> None:
        """Delete the file of an id, if there is one."""
        with suppress(OSError):
            self._file(schema_id).unlink(missing_ok=True)

    def _file(self, schema_id: int) -> Path:
        return self._folder / f"{schema_id}.json"


def _plain(content: SchemaText) -> dict[str, object]:
    references = [{"name": item.name, "subject": item.subject, "version": item.version} for item in content.references]
    return {"schema": content.text, "references": references}


def _digest(schema_id: int, content: SchemaText) -> str:
    text = json.dumps([schema_id, _plain(content)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _cost(content: SchemaText) -> int:
    return _ENTRY_BYTES + len(content.text) + sum(_ENTRY_BYTES + len(item.subject) for item in content.references)
