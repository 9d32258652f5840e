"""The borrowed readers: what they refuse is a result, what their surroundings refuse is not."""

from __future__ import annotations

import pytest

from avroad.codec import frame
from avroad.errors import ConfigError, RegistryUnavailable
from avroad.evolve import java_child
from avroad.evolve.implementations import Payload, Unread
from avroad.evolve.libraries import Confluent, Fastavro
from avroad.model import Dialect
from avroad.schema import parse
from avroad.testing.registry_double import RegistryDouble
from avroad.wire import frame_of, schema_header

TEXT, NUMBER = parse("string"), parse("int")


def framed(schema_id: int, body: bytes) -> Payload:
    return Payload(body=body, value=frame(schema_id, body))


def test_confluent_reads_through_a_registry_client_of_its_own() -> None:
    with RegistryDouble(dialect=Dialect.CONFLUENT) as double:
        made = double.registry.register("a-value", '"string"')
        library = Confluent({"url": double.url, "timeout": "5", "max.retries": "0"})
        payload = framed(made.id, b"\x02a")
        assert library.bind(TEXT, TEXT)([payload, framed(made.id, b"\x04ab")]) == ["a", "ab"]
        (refused,) = library.bind(TEXT, NUMBER)([payload])
        library.close()
    assert isinstance(refused, Unread)
    assert refused.kind == "SchemaResolutionError"


def test_confluent_finds_the_schema_in_a_header_by_id_and_by_guid() -> None:
    with RegistryDouble(dialect=Dialect.CONFLUENT) as double:
        made = double.registry.register("a-value", '"string"')
        library = Confluent({"url": double.url, "timeout": "5", "max.retries": "0"})
        body = b"\x0cabcdef"
        payloads = [
            Payload(body=body, value=body, headers=(schema_header(name),))
            for name in (made.id, double.registry.guid_of(made.id))
        ]
        payloads.append(Payload(body=body, value=frame_of(double.registry.guid_of(made.id)) + body))
        assert library.bind(TEXT, TEXT)(payloads) == ["abcdef"] * 3
        library.close()
        assert not double.count("/associations"), "it has a schema of its own and needs no subject"


def test_a_registry_that_is_gone_is_no_failure_of_the_reader() -> None:
    with RegistryDouble(dialect=Dialect.CONFLUENT) as double:
        url = double.url
    library = Confluent({"url": url, "max.retries": "0"})
    with pytest.raises(RegistryUnavailable, match="got no schema"):
        library.bind(TEXT, TEXT)([framed(1, b"\x02a")])
    library.close()


def test_settings_that_the_client_refuses_are_said_without_their_values() -> None:
    with pytest.raises(ConfigError) as caught:
        Confluent({"url": "ftp://secret", "bearer.auth.token": "secret"})
    assert "secret" not in str(caught.value)


def test_fastavro_takes_back_its_own_refusals() -> None:
    (unread,) = Fastavro().bind(TEXT, NUMBER)([framed(1, b"\x02a")])
    assert isinstance(unread, Unread)
    assert unread.kind == "SchemaResolutionError"


def test_the_child_with_a_jvm_leaves_no_file_in_the_temporary_folder() -> None:
    options: tuple[str, ...] = java_child._OPTIONS
    assert "-XX:-UsePerfData" in options
