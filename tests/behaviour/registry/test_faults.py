"""Whatever the server does, a call ends in time with an error of ours, and nothing wrong is remembered."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from avroad.errors import (
    RegistryCode,
    RegistryDenied,
    RegistryError,
    RegistryUnavailable,
    SchemaNotFound,
    SchemaSyntaxError,
)
from avroad.model import Reference, SchemaText
from avroad.registry import HttpRegistry, schema_of
from avroad.registry.ids import UNKNOWN_TTL_S
from avroad.registry.transport import MAX_BODY_BYTES
from avroad.testing.registry_double import FaultKind, RegistryDouble
from tests.behaviour.registry.conftest import Connect, warm
from tests.behaviour.registry.suite import number, record

JAM = record("t.Jam", number("cars"))
DEADLINE_S = 0.3
LATE_S = 5.0
"""The faults last up to 30 s; a deadline that does not hold shows clearly."""


@pytest.mark.parametrize(
    "kind", [FaultKind.HANG, FaultKind.DELAY, FaultKind.DRIP_HEADERS, FaultKind.DRIP_BODY, FaultKind.DRIP_CHUNKS]
)
@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
def test_the_deadline_holds(double: RegistryDouble, connect: Connect, kind: FaultKind, kept: bool) -> None:
    made = double.registry.register("a", JAM)
    client = connect(timeout_s=DEADLINE_S)
    if kept:
        warm(client)
    double.fail(kind, every_s=25.0 if kind is FaultKind.DELAY else 0.02)
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable, match="no complete answer within"):
        client.by_id(made.id)
    assert DEADLINE_S * 0.9 <= time.monotonic() - begun < LATE_S
    assert double.count() == 1 + kept
    double.heal()
    assert json.loads(connect().by_id(made.id).text)["name"] == "t.Jam"


def test_the_deadline_covers_all_repetitions(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=503)
    client = connect(timeout_s=DEADLINE_S, max_retries=1_000)
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        client.subjects()
    assert time.monotonic() - begun < LATE_S


def test_registering_has_one_deadline_for_both_requests(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.DELAY, every_s=0.6)
    client = connect(timeout_s=1.0)
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        client.register("a", JAM)
    assert time.monotonic() - begun < LATE_S
    assert double.count("/subjects/a") == 2


def test_no_thread_or_socket_is_left_behind(double: RegistryDouble, connect: Connect) -> None:
    client = connect(timeout_s=DEADLINE_S)
    double.fail(FaultKind.HANG)
    with pytest.raises(RegistryUnavailable):
        client.subjects()
    double.heal()
    warm(client)
    deadline = time.monotonic() + LATE_S
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a timer outlived its call"
        threading.Event().wait(0.02)


@pytest.mark.parametrize(
    ("kind", "how", "words"),
    [
        (FaultKind.BODY, {"body": b"<html>Sign in</html>"}, "expected JSON, found a web page"),
        (FaultKind.BODY, {"body": b"null"}, "expected a schema, found null"),
        (FaultKind.BODY, {"body": b"[]"}, "expected a schema, found a list"),
        (FaultKind.BODY, {"body": b'{"foo": 1}'}, "expected a schema, found another object"),
        (FaultKind.BODY, {"body": b'{"schema": 5}'}, "expected a schema"),
        (FaultKind.BODY, {"body": b'{"schema": "\\"int\\"", "schemaType": "PROTOBUF"}'}, "expected an Avro schema"),
        (FaultKind.BODY, {"body": b'{"schema": "\\"int\\"", "schemaType": ["AVRO"]}'}, "expected an Avro schema"),
        (FaultKind.BODY, {"body": b'{"schema": "\\"int\\"", "references": 1}'}, "expected a list of references"),
        (FaultKind.BODY, {"body": b'{"schema": "\\"int\\"", "references": [{"name": "a"}]}'}, "expected a reference"),
        (FaultKind.BODY, {"body": b"\xff\xfe"}, "expected JSON"),
        (FaultKind.BODY, {"body": b""}, "expected JSON, found nothing"),
        (FaultKind.BODY, {"body": b"[" * 100_000}, "expected JSON"),
        (FaultKind.BODY, {"body": b"9" * 10_000}, "expected"),
        (FaultKind.HUGE, {}, "more than 1048576 bytes"),
        (FaultKind.TRUNCATE, {}, "no usable answer"),
        (FaultKind.RESET, {}, "no usable answer"),
        (FaultKind.GARBAGE, {}, "not HTTP"),
        (FaultKind.GZIP, {}, "compressed answer"),
        (FaultKind.REDIRECT, {}, "redirect, which is not followed"),
        (FaultKind.STATUS, {"status": 500}, "HTTP 500 Internal Server Error"),
        (FaultKind.STATUS, {"status": 599}, "HTTP 599"),
        (FaultKind.STATUS, {"status": 429}, "HTTP 429 Too Many Requests"),
        (FaultKind.STATUS, {"status": 404, "body": b"<html>"}, "a server without this path"),
        (FaultKind.STATUS, {"status": 404, "body": b'{"error_code": 404, "message": "HTTP 404"}'}, "without this path"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_answer_is_an_outage_and_is_not_remembered(
    double: RegistryDouble, connect: Connect, kind: FaultKind, how: dict[str, object], words: str
) -> None:
    made = double.registry.register("a", JAM)
    client = connect()
    double.fail(kind, times=1, **how)
    with pytest.raises(RegistryUnavailable) as caught:
        client.by_id(made.id)
    assert words in str(caught.value)
    assert caught.value.retriable
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert json.loads(client.by_id(made.id).text)["name"] == "t.Jam"
    assert double.count("/schemas/ids") == 2


def test_a_redirect_is_not_followed(double: RegistryDouble, connect: Connect) -> None:
    with RegistryDouble() as elsewhere:
        double.fail(FaultKind.STATUS, status=307, headers=(("Location", f"{elsewhere.url}/subjects"),))
        with pytest.raises(RegistryUnavailable):
            connect().subjects()
        assert elsewhere.requests == ()


def test_a_compressed_answer_is_refused_unread(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.GZIP)
    client = connect()
    tracemalloc.start()
    try:
        with pytest.raises(RegistryUnavailable):
            client.subjects()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8 * MAX_BODY_BYTES  # the double holds about 64 KiB of it, unpacked it is 64 MiB
    assert double.requests[0].headers["Accept-Encoding"] == "identity"


LEAF = record("t.Leaf", number("x"))
TOP = record("t.Top", {"name": "leaf", "type": "t.Leaf"})
TO_LEAF = Reference(name="t.Leaf", subject="leaf", version=1)
NO_SCHEMA = '{"foo": 1}'
RECURSIVE = record("t.Top", {"name": "next", "type": ["null", "t.Top"]})


def bad_once(double: RegistryDouble, text: str, subject: str) -> int:
    """Register a schema that refers to another; return its id, which is answered with `text` the first time."""
    double.registry.register("leaf", LEAF)
    made = double.registry.register("top", TOP, (TO_LEAF,))
    references = [{"name": "t.Leaf", "subject": subject, "version": 1}] if subject else []
    body = json.dumps({"schema": text, "references": references}).encode()
    double.fail(FaultKind.BODY, path=f"/schemas/ids/{made.id}", times=1, body=body)
    return made.id


def later(client: HttpRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered for a short time be forgotten."""
    ahead = time.monotonic() + UNKNOWN_TTL_S + 1
    monkeypatch.setattr(client._ids._memory, "_clock", lambda: ahead)


@pytest.mark.parametrize("subject", ["", "leaf", "gone"], ids=["no references", "references", "references to nothing"])
@pytest.mark.parametrize("text", ['{"type": "fo', NO_SCHEMA, RECURSIVE], ids=["no JSON", "no schema", "over a limit"])
def test_an_answer_that_is_no_schema_is_kept_for_a_short_time_only(
    double: RegistryDouble,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    text: str,
    subject: str,
) -> None:
    schema_id = bad_once(double, text, subject)
    client = connect(cache_dir=tmp_path)
    for _ in range(3):
        with pytest.raises(SchemaSyntaxError if subject != "gone" else SchemaNotFound):
            schema_of(client, schema_id)
    assert double.count(f"/schemas/ids/{schema_id}") == 1
    assert list(tmp_path.rglob(f"{schema_id}.json")) == []
    later(client, monkeypatch)
    assert schema_of(client, schema_id) is schema_of(client, schema_id)
    assert client.by_id(schema_id).text == TOP
    assert schema_of(connect(cache_dir=tmp_path), schema_id) is not None
    assert double.count(f"/schemas/ids/{schema_id}") == 2


@pytest.mark.parametrize("subject", ["", "leaf", "gone"])
def test_what_is_no_schema_on_disk_is_not_trusted(
    double: RegistryDouble, connect: Connect, tmp_path: Path, subject: str
) -> None:
    schema_id = bad_once(double, TOP, "leaf")
    double.heal()
    references = (dataclasses.replace(TO_LEAF, subject=subject),) if subject else ()
    disk = connect(cache_dir=tmp_path)._ids._disk
    assert disk is not None
    disk.put(schema_id, SchemaText(text=NO_SCHEMA, references=references))
    assert schema_of(connect(cache_dir=tmp_path), schema_id) is not None
    assert disk.get(schema_id) == SchemaText(text=TOP, references=(TO_LEAF,))
    disk.drop(schema_id)
    disk.put(schema_id, SchemaText(text=NO_SCHEMA, references=references))
    assert connect(cache_dir=tmp_path).version("top").id == schema_id
    assert disk.get(schema_id) is None


def test_what_refers_to_others_is_followed_once_and_in_time(
    double: RegistryDouble, connect: Connect, tmp_path: Path
) -> None:
    schema_id = bad_once(double, TOP, "leaf")
    double.heal()
    client = connect(cache_dir=tmp_path)
    assert schema_of(client, schema_id) is schema_of(client, schema_id)
    assert double.count() == 2
    double.fail(FaultKind.HANG, path="/subjects/leaf")
    begun = time.monotonic()
    slow = connect(timeout_s=DEADLINE_S)
    assert slow.by_id(schema_id).text == TOP
    assert time.monotonic() - begun < LATE_S
    assert slow._ids._memory.get(schema_id, passing=False) is None
    assert connect(cache_dir=tmp_path, timeout_s=DEADLINE_S).by_id(schema_id).text == TOP
    assert list(tmp_path.rglob(f"{schema_id}.json")) != [], "an outage says nothing about what is on disk"


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        ((401, 40101), RegistryDenied, None),
        ((403, 40301), RegistryDenied, None),
        ((404, 40401), SchemaNotFound, RegistryCode.SUBJECT_NOT_FOUND),
        ((404, 40402), SchemaNotFound, RegistryCode.VERSION_NOT_FOUND),
        ((404, 40403), SchemaNotFound, RegistryCode.SCHEMA_NOT_FOUND),
        ((404, 40499), SchemaNotFound, None),
        ((409, 409), RegistryError, RegistryCode.INCOMPATIBLE),
        ((409, 40901), RegistryError, RegistryCode.INCOMPATIBLE_SCHEMA),
        ((409, 12), RegistryError, RegistryCode.INCOMPATIBLE),
        ((422, 42201), RegistryError, RegistryCode.INVALID_SCHEMA),
        ((422, 42205), RegistryError, RegistryCode.NOT_PERMITTED),
        ((422, 42299), RegistryError, None),
        ((400, 0), RegistryError, None),
        ((405, 405), RegistryError, None),
        ((408, 408), RegistryError, None),
    ],
)
def test_refusals_have_names(
    double: RegistryDouble,
    connect: Connect,
    refusal: tuple[int, int],
    kind: type[Exception],
    code: RegistryCode | None,
) -> None:
    status, number = refusal
    body = json.dumps({"error_code": number, "message": "these words"}).encode()
    double.fail(FaultKind.STATUS, status=status, body=body)
    with pytest.raises(RegistryError) as caught:
        connect(max_retries=3).version("a", 1)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code) == (status, code)
    assert "these words" in str(caught.value)
    assert ("error code 42299" in str(caught.value)) == (number == 42299)
    assert double.count() == 1, "a refusal must not be asked again"


def test_an_unknown_id_is_asked_once_for_a_while(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    for _ in range(5):
        with pytest.raises(SchemaNotFound):
            client.by_id(7)
    assert double.count("/schemas/ids/7") == 1
    ahead = time.monotonic() + UNKNOWN_TTL_S + 1
    monkeypatch.setattr(client._ids._memory, "_clock", lambda: ahead)
    with pytest.raises(SchemaNotFound):
        client.by_id(7)
    assert double.count("/schemas/ids/7") == 2


def test_a_registration_ends_the_memory_of_an_unknown_id(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    with pytest.raises(SchemaNotFound):
        client.by_id(1)
    assert client.register("a", JAM).id == 1
    assert json.loads(client.by_id(1).text)["name"] == "t.Jam"


def test_many_threads_and_one_new_id_are_one_request(double: RegistryDouble, connect: Connect) -> None:
    made = double.registry.register("a", JAM)
    double.fail(FaultKind.DELAY, every_s=0.3)
    client = connect()
    gate, found = threading.Barrier(32), []

    def read() -> None:
        gate.wait(10)
        found.append(client.by_id(made.id))

    threads = [threading.Thread(target=read) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 32
    assert len(set(found)) == 1
    assert double.count("/schemas/ids") == 1


def test_an_outage_reaches_every_waiting_thread_after_one_request(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.HANG)
    client = connect(timeout_s=1.0)
    gate, errors = threading.Barrier(8), []

    def read() -> None:
        gate.wait(10)
        try:
            client.by_id(1)
        except RegistryUnavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(errors) == 8
    assert len({id(error) for error in errors}) == 8, "one object raised eight times collects all tracebacks"
    assert double.count() == 1


def test_the_same_id_with_another_schema_halts(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    client.register("a", JAM)
    double.fail(FaultKind.COLLISION)
    with pytest.raises(RegistryError, match="changed its meaning") as caught:
        client.version("a")
    assert type(caught.value) is RegistryError
    assert not caught.value.retriable
    double.heal()
    assert client.version("a").id == 1


def test_the_same_id_with_another_schema_than_on_disk_halts(
    double: RegistryDouble, connect: Connect, tmp_path: object
) -> None:
    connect(cache_dir=tmp_path).register("a", JAM)
    double.fail(FaultKind.COLLISION)
    later = connect(cache_dir=tmp_path)
    with pytest.raises(RegistryError, match=r"changed its meaning.* or delete "):
        later.latest_versions(("a",))
    assert json.loads(later.by_id(1).text)["name"] == "t.Jam"


def test_a_registry_set_up_anew_under_another_identity_is_another_registry(
    double: RegistryDouble, connect: Connect, tmp_path: object
) -> None:
    connect(cache_dir=tmp_path, identity="cluster-1").register("a", JAM)
    double.fail(FaultKind.COLLISION)
    assert "somebody.Elses" in connect(cache_dir=tmp_path, identity="cluster-2").by_id(1).text


def test_what_is_on_disk_needs_no_registry(double: RegistryDouble, connect: Connect, tmp_path: object) -> None:
    made = connect(cache_dir=tmp_path).register("a", JAM)
    asked = double.count()
    double.fail(FaultKind.RESET)
    assert json.loads(connect(cache_dir=tmp_path).by_id(made.id).text)["name"] == "t.Jam"
    assert double.count() == asked


def test_an_unreachable_registry_names_what_to_start(connect: Connect) -> None:
    with pytest.raises(RegistryUnavailable) as caught:
        connect(urls=("http://127.0.0.1:1",)).subjects()
    text = str(caught.value)
    for part in (
        "http://127.0.0.1:1",
        "connection refused",
        "avroad stack up",
        "docker compose up -d",
        "Docker running",
    ):
        assert part in text
    assert "-X registry.url=URL" in text


def test_an_unknown_host_is_named_as_such(connect: Connect) -> None:
    with pytest.raises(RegistryUnavailable, match=r"host name is unknown|no complete answer"):
        connect(urls=("http://registry.invalid:8081",), timeout_s=2.0).subjects()


def test_a_resolver_that_hangs_does_not_hold_the_call(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr("avroad.registry.deadline.socket.getaddrinfo", lambda *_, **__: released.wait(20) and [])
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        connect(timeout_s=DEADLINE_S).subjects()
    assert time.monotonic() - begun < LATE_S
    released.set()
