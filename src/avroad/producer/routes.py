"""From an event to a record: everything about one (type, topic) pair is looked up once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias
from uuid import UUID

from avroad.codec import encoder_for
from avroad.codec.envelope import Envelope, merge_headers
from avroad.contracts import Catalog, EventType
from avroad.contracts.lock import SchemaLock
from avroad.errors import EncodeError, StaleTypes, UnknownEventType
from avroad.model import Framing, Headers, OutgoingRecord, TopicSpec
from avroad.producer.fields import event_time, field_reader, key_bytes
from avroad.wire import frame_of, schema_header

__all__ = ["Route", "Routes"]

_EVENT_ID: Final = "event_id"
_BROKER_MAX_BYTES: Final = 1_048_588
_OVERHEAD_BYTES: Final = 128
_HEADER_BYTES: Final = 4
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_SOME_KEY: Final = b"?"
_Read: TypeAlias = Callable[[object], object]
_VARIANT: Final = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How events of one type become records of one topic.

    key_of, time_of, id_of: read the declared field; None where none is declared. framing: the header that names the
    schema, where the topic's values are framed so. other_bytes: of a record besides its value, key (which is a header
    too), event id and the caller's headers.
    """

    type_name: str
    topic: str
    encode: Callable[[object], bytes]
    key_from: str
    time_from: str
    key_of: _Read | None
    time_of: _Read | None
    id_of: _Read | None
    key_needed: bool
    max_bytes: int
    other_bytes: int
    envelope: Envelope
    framing: Headers

    def record(
        self, event: object, *, key: str | bytes | None, headers: Headers, now: datetime
    ) -> tuple[OutgoingRecord, str]:
        """Return the record of an event and its event id.

        Raises EncodeError when the event does not fit the schema, has no key although the topic needs one, or is
        larger than the topic takes (uncompressed: what the broker's limit means is decided after compression).
        """
        value = self.encode(event)
        key_out = self._key(event, key)
        moment = now if self.time_of is None else event_time(self.time_of(event), self.time_from)
        found = None if self.id_of is None else self.id_of(event)
        event_id = (str(found) if found else "") or _uuid7()
        own = self.envelope.headers(event_id, time=moment, subject=_text(key_out)) + self.framing
        all_headers = merge_headers(own, headers) if headers else own
        size = len(value) + 2 * len(key_out or b"") + len(event_id.encode()) + self.other_bytes
        if headers:
            size += _bytes_of(all_headers[len(own) :])
        if size > self.max_bytes:
            raise EncodeError(
                "the record is too large for its topic",
                expected=f"at most {self.max_bytes} bytes (max.message.bytes)",
                found=f"{size} bytes",
            )
        # The record's time is when it is sent. With the event's own time, retention would delete history as soon as
        # it is replayed; the event's time is in the value and in ce_time.
        sent_ms = int(now.timestamp() * 1000)
        record = OutgoingRecord(topic=self.topic, key=key_out, value=value, headers=all_headers, timestamp_ms=sent_ms)
        return record, event_id

    def _key(self, event: object, key: str | bytes | None) -> bytes | None:
        if key is not None:
            return key_bytes(key, "key")
        if self.key_of is not None:
            return key_bytes(self.key_of(event), self.key_from)
        if self.key_needed:
            raise EncodeError("the record key", expected="a key: the topic is compacted", found="null")
        return None


class Routes:
    """All routes of a catalog, each made when first used. Safe from several threads: a route made twice is equal."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        lock: SchemaLock,
        types: Mapping[str, type] | None,
        source_uri: str,
        guids: Mapping[str, UUID] | None = None,
    ) -> None:
        self._catalog = catalog
        self._lock = lock
        self._types = types
        self._guids = guids or {}
        self._source_uri = source_uri
        self._made: dict[tuple[str, str, bool], Route] = {}
        self._by_class: dict[type, str] = {}

    def of(self, event: object, type_name: str, topic: str) -> Route:
        """Return the route of an event.

        type_name: needed for plain data only. topic: needed when several topics carry the type.
        Raises UnknownEventType, StaleTypes when the event's class was generated from another schema.
        """
        plain = isinstance(event, Mapping)
        name = type_name if plain else self._name_of(type(event), type_name)
        if not name:
            raise UnknownEventType("plain data does not say its type", hint="Give type_name=, its full name.")
        route = self._made.get((name, topic, plain))
        if route is None:
            route = self._made[name, topic, plain] = self._make(name, topic, type(event), plain=plain)
        return route

    def topic(self, name: str) -> TopicSpec:
        """Return a declared topic. Raises UnknownEventType."""
        spec = self._catalog.topics.get(name)
        if spec is None:
            raise UnknownEventType(f"no topic {name!r} is declared", hint="Is it spelled as in admin/topics?")
        return spec

    def _name_of(self, cls: type, type_name: str) -> str:
        known = self._by_class.get(cls)
        if known is not None:
            return known
        name = str(getattr(cls, "__avro_fullname__", ""))
        if not name:
            raise UnknownEventType(
                f"{cls.__name__} is not an event",
                expected="a generated class or a mapping with type_name=",
                found=cls.__name__,
            )
        if type_name and type_name != name:
            raise UnknownEventType("type_name contradicts the event", expected=type_name, found=name)
        if getattr(cls, "__avro_fingerprint__", "") != self._catalog.type(name).fingerprint:
            raise StaleTypes(
                f"class {cls.__name__} was generated from another schema of {name}", hint="Run: avroad schema types"
            )
        self._by_class[cls] = name
        return name

    def _make(self, name: str, topic: str, cls: type, *, plain: bool) -> Route:
        kind: EventType = self._catalog.type(name)
        spec = self._catalog.topic_of(name, topic or None)
        locked = self._lock.subjects[spec.subject(name)]
        guid = self._guids.get(spec.subject(name))
        encoder = encoder_for(kind.schema, types=None if plain else self._types)
        fields = {field.name for field in getattr(kind.schema, "fields", ())}
        framing = (schema_header(guid),) if guid is not None and spec.framing is not Framing.GUID else ()
        envelope = Envelope(
            type_name=name,
            source=self._source_uri,
            data_schema=f"{self._lock.registry.rstrip('/')}/schemas/ids/{locked.id}",
        )
        sample = envelope.headers("", time=_EPOCH, subject=_SOME_KEY)
        return Route(
            type_name=name,
            topic=spec.name,
            encode=encoder.framed(locked.id) if guid is None else _framed(encoder.encode, guid, spec.framing),
            key_from=spec.key_from,
            time_from=spec.time_from,
            key_of=field_reader(spec.key_from, cls) if spec.key_from else None,
            time_of=field_reader(spec.time_from, cls) if spec.time_from else None,
            id_of=field_reader(_EVENT_ID, cls) if _EVENT_ID in fields else None,
            key_needed="compact" in spec.config.get("cleanup.policy", ""),
            max_bytes=int(spec.config.get("max.message.bytes", _BROKER_MAX_BYTES)),
            other_bytes=_OVERHEAD_BYTES + _bytes_of(sample + framing) - len(_SOME_KEY),
            envelope=envelope,
            framing=framing,
        )


def _framed(encode: Callable[[object], bytes], guid: UUID, framing: Framing) -> Callable[[object], bytes]:
    """Return `encode` with the GUID before the body where the topic wants it there."""
    if framing is not Framing.GUID:
        return encode
    prefix = frame_of(guid)
    return lambda event: prefix + encode(event)


def _bytes_of(headers: Headers) -> int:
    return sum(len(name) + len(content or b"") + _HEADER_BYTES for name, content in headers)


def _uuid7() -> str:
    """Return a time-ordered id (RFC 9562, version 7) for an event whose schema has no id field."""
    moment, chance = f"{time.time_ns() // 1_000_000:012x}", os.urandom(10).hex()
    return f"{moment[:8]}-{moment[8:]}-7{chance[:3]}-{_VARIANT[chance[3]]}{chance[4:7]}-{chance[7:19]}"


def _text(key: bytes | None) -> bytes:
    """Return a key as the UTF-8 a header takes; bytes that are none are replaced."""
    if key is None:
        return b""
    return key if key.isascii() else key.decode("utf-8", "replace").encode()
