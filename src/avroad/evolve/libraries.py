"""The Python libraries that read in a rehearsal: this project's codec, confluent-kafka's deserializer and fastavro."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from avroad.codec import decoder_for
from avroad.errors import AvroadError, CodecError, ConfigError, IncompatibleSchema, RegistryUnavailable
from avroad.evolve.implementations import Payload, Read, Unread
from avroad.schema import Schema, to_json

__all__ = ["Avroad", "Confluent", "Fastavro"]

_LONGEST: Final = 160
_TIMEOUT_S: Final = 5.0
_NO_SUBJECT: Final = {"subject.name.strategy": lambda _context, _name: None}
"""With a record's headers it would look for a subject, which is of no use to a reader with a schema of its own."""


class Avroad:
    """This project's codec, as every typed consumer uses it."""

    converts = True

    def __init__(self) -> None:
        self.name, self.detail = "avroad", _version_of("avroad")

    def bind(self, writer: Schema, reader: Schema) -> Read:
        """See `Implementation`."""
        try:
            decode = decoder_for(writer, reader).decode
        except IncompatibleSchema as error:
            first = next(iter(error.problems), None)
            text = str(error.message if first is None else f"expected {first.expected}, found {first.found}")
            return _refusing(Unread(kind="IncompatibleSchema", text=text, path="" if first is None else first.path))
        except AvroadError as error:
            return _refusing(_unread(error))

        def one(payload: Payload) -> Any:  # noqa: ANN401  # any datum
            try:
                return decode(payload.body)
            except CodecError as error:
                return Unread(kind=type(error).__name__, text=error.reason, path=error.path)

        return _each(one)

    def close(self) -> None:
        """Hold nothing."""


class Fastavro:
    """fastavro's reader, which most Python consumers use."""

    converts = False

    def __init__(self) -> None:
        self.name, self.detail = "fastavro", _version_of("fastavro")

    def bind(self, writer: Schema, reader: Schema) -> Read:
        """See `Implementation`."""
        import fastavro  # noqa: PLC0415  # only rehearsals load it

        try:
            wrote, reads = (fastavro.parse_schema(_document(schema)) for schema in (writer, reader))
        except Exception as error:  # noqa: BLE001  # whatever it raises is its refusal
            return _refusing(_unread(error))

        def one(payload: Payload) -> Any:  # noqa: ANN401  # any datum
            try:
                return fastavro.schemaless_reader(io.BytesIO(payload.body), wrote, reads)
            except Exception as error:  # noqa: BLE001  # whatever it raises is its refusal
                return _unread(error)

        return _each(one)

    def close(self) -> None:
        """Hold nothing."""


class Confluent:
    """confluent-kafka's AvroDeserializer with a registry client of its own.

    Reading raises RegistryUnavailable when that client gets no schema.
    """

    converts = False

    def __init__(self, registry_config: Mapping[str, str]) -> None:
        """registry_config: the environment's, whose names are the client's. Raises ConfigError when it refuses them."""
        from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: PLC0415  # only rehearsals load it

        self.name, self.detail = "confluent", _version_of("confluent-kafka")
        config: dict[str, Any] = {"timeout": _TIMEOUT_S, **registry_config}
        config |= {key: float(config[key]) for key in ("timeout", "cache.latest.ttl.sec") if key in config}
        config |= {key: int(config[key]) for key in ("max.retries", "cache.capacity") if key in config}
        if "bearer.auth.token" in config:
            config["bearer.auth.credentials.source"] = "STATIC_TOKEN"
        try:
            self._client: Any = SchemaRegistryClient(config)
        except Exception as error:  # noqa: BLE001  # of any kind, and its words may quote secrets
            raise ConfigError(f"its registry client does not take these settings ({type(error).__name__})") from None

    def bind(self, writer: Schema, reader: Schema) -> Read:  # noqa: ARG002  # it asks the registry for the writer's
        """See `Implementation`."""
        from confluent_kafka.schema_registry.avro import AvroDeserializer  # noqa: PLC0415
        from confluent_kafka.serialization import MessageField, SerializationContext  # noqa: PLC0415

        try:
            deserializer: Any = AvroDeserializer  # its type hints know no arguments
            deserialize = deserializer(self._client, json.dumps(to_json(reader)), conf=_NO_SUBJECT)
        except Exception as error:  # noqa: BLE001  # whatever it raises is its refusal
            return _refusing(_unread(error))

        def one(payload: Payload) -> Any:  # noqa: ANN401  # any datum
            try:
                return deserialize(payload.value, SerializationContext("", MessageField.VALUE, [*payload.headers]))
            except Exception as error:  # noqa: BLE001  # whatever it raises is its refusal
                if _of_the_registry(error):  # it says nothing of the data, and asking again takes seconds each time
                    kind = type(error).__name__
                    raise RegistryUnavailable(f"confluent-kafka's registry client got no schema: {kind}") from None
                return _unread(error)

        return _each(one)

    def close(self) -> None:
        """Close the client's connections, where its version can."""
        with suppress(AttributeError):
            self._client.__exit__(None, None, None)


def _of_the_registry(error: Exception) -> bool:
    """Return whether an error is of the client's requests: its own class, or one of the HTTP library it uses."""
    root = type(error).__module__.partition(".")[0]
    return root.startswith("httpx") or isinstance(error, OSError) or type(error).__name__ == "SchemaRegistryError"


def _document(schema: Schema) -> Any:  # noqa: ANN401  # JSON
    return to_json(schema)


def _each(one: Callable[[Payload], Any]) -> Read:
    return lambda payloads: [one(payload) for payload in payloads]


def _refusing(unread: Unread) -> Read:
    return lambda payloads: [unread] * len(payloads)


def _unread(error: Exception) -> Unread:
    return Unread(kind=type(error).__name__, text=" ".join(str(error).split())[:_LONGEST])


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
