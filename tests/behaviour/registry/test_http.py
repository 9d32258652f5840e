"""How many requests calls take, how products are told apart, paging, caches."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import requests

from avroad.errors import RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import Dialect, Level, Reference
from avroad.registry import HttpRegistry, MemoryRegistry, RegistrySettings, open_registry, schema_of
from avroad.registry.dialect import Traits
from avroad.schema import fingerprint
from avroad.testing.registry_double import FaultKind, RegistryDouble
from tests.behaviour.registry.conftest import Connect
from tests.behaviour.registry.suite import number, record

JAM = record("t.Jam", number("cars"))


def client_of(double: RegistryDouble) -> HttpRegistry:
    return open_registry(RegistrySettings(urls=(double.url,), max_retries=0))


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_product_is_detected_once(dialect: Dialect) -> None:
    with RegistryDouble(dialect=dialect) as double:
        client = client_of(double)
        with ThreadPoolExecutor(max_workers=4) as pool:
            assert set(pool.map(lambda _: client.dialect(), range(8))) == {dialect}
        assert double.count() <= 3


def test_an_outage_is_not_taken_for_an_unknown_product(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    double.fail(FaultKind.STATUS, status=503, times=1)
    with pytest.raises(RegistryUnavailable):
        client.dialect()
    assert client.dialect() is Dialect.CONFLUENT


def test_the_detection_asks_below_the_server_s_root_also_behind_a_prefix() -> None:
    with RegistryDouble(dialect=Dialect.APICURIO) as double:
        server = double.url.removesuffix("/apis/ccompat/v7")
        client = open_registry(RegistrySettings(urls=(f"{server}/team/apis/ccompat/v7",)))
        assert client.dialect() is Dialect.UNKNOWN
        assert double.requests[0].path == "/team/apis/registry/v3/system/info"


def test_reading_an_id_detects_nothing(double: RegistryDouble, connect: Connect) -> None:
    made = double.registry.register("a", JAM)
    client = connect()
    for _ in range(3):
        client.by_id(made.id)
    assert [item.path for item in double.requests] == [f"/schemas/ids/{made.id}"]


def test_registering_takes_two_requests_and_fills_the_cache(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    made = client.register("a", JAM)
    client.by_id(made.id)
    assert [(item.method, item.path) for item in double.requests] == [
        ("POST", "/subjects/a/versions"),
        ("POST", "/subjects/a"),
    ]
    assert all(item.query["normalize"] == "true" for item in double.requests)


def test_a_registration_the_replica_does_not_know_yet_is_looked_up_again(
    double: RegistryDouble, connect: Connect
) -> None:
    body = json.dumps({"error_code": 40403, "message": "Schema not found"}).encode()
    double.fail(FaultKind.STATUS, status=404, body=body, times=1, path="/nowhere")
    double.fail(FaultKind.STATUS, status=404, body=body, times=2, path="/subjects/lag")
    double.registry.register("lag", JAM)
    with pytest.raises(SchemaNotFound):
        connect().version("lag", 1)
    assert connect().versions("lag") == ()
    client = connect()
    posted: list[str] = []
    ask = client._transport.call

    def late(method: str, path: str, **more: object) -> object:
        """Let the second and third request meet a replica that lags."""
        posted.append(path)
        if len(posted) == 2:
            double.fail(FaultKind.STATUS, status=404, body=body, times=2, path="/subjects/lag")
        return ask(method, path, **more)  # type: ignore[arg-type]  # passed through

    client._transport.call = late  # type: ignore[method-assign, assignment]  # a spy
    assert client.register("lag", JAM).version == 1
    assert posted == ["/subjects/lag/versions", *["/subjects/lag"] * 3]


def test_a_change_of_aliases_alone_is_marked_where_the_registry_folds_it() -> None:
    with RegistryDouble(dialect=Dialect.APICURIO) as double:
        client = client_of(double)
        client.register("a", JAM)
        changed = record("t.Jam", number("cars", aliases=["vehicles"]))
        made = client.register("a", changed)
        assert made.version == 2
        stored = json.loads(double.registry.version("a").text)
        assert stored["avroad.revision"]
        for seen in (made.text, client.by_id(made.id).text, client.version("a").text, client_of(double).by_id(2).text):
            assert json.loads(seen) == json.loads(changed)


def test_documentation_alone_is_no_new_version_where_the_registry_folds_it() -> None:
    with RegistryDouble(dialect=Dialect.APICURIO) as double:
        client = client_of(double)
        client.register("a", JAM)
        assert client.register("a", record("t.Jam", number("cars", doc="How many."))).version == 1
        assert double.registry.versions("a") == (1,)


@pytest.mark.parametrize(
    ("dialect", "paths"),
    [(Dialect.CONFLUENT, {"/schemas"}), (Dialect.KARAPACE, {"/schemas"}),
     (Dialect.APICURIO, {f"/subjects/s{index}/versions/latest" for index in range(20)})],
)  # fmt: skip
def test_latest_versions_are_listed_where_the_listing_names_subjects(dialect: Dialect, paths: set[str]) -> None:
    with RegistryDouble(dialect=dialect) as double:
        names = tuple(f"s{index}" for index in range(20))
        for name in names:
            double.registry.register(name, JAM)
        client = client_of(double)
        client.dialect()
        before = double.count()
        assert sorted(client.latest_versions(names)) == sorted(names)
        assert {item.path for item in double.requests[before:]} == paths
        assert double.count() - before == len(paths)


def test_a_listing_over_the_size_cap_is_replaced_by_single_requests(double: RegistryDouble, connect: Connect) -> None:
    for name in ("a", "b"):
        double.registry.register(name, JAM)
    double.fail(FaultKind.HUGE, path="/schemas")
    assert sorted(connect().latest_versions(("a", "b", "c"))) == ["a", "b"]


def test_a_large_registry_is_not_read_whole_for_a_few_subjects(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avroad.registry.http._PAGE", 100)
    for index in range(500):
        double.registry.register(f"s{index:03}", JAM)
    found = connect().latest_versions(("s000", "s499"))
    assert sorted(found) == ["s000", "s499"]
    assert double.count("/schemas") == 2


@pytest.mark.parametrize("dialect", [Dialect.CONFLUENT, Dialect.APICURIO, Dialect.KARAPACE])
@pytest.mark.parametrize("size", [0, 7, 100, 101, 200, 250])
def test_listings_end_and_are_complete(dialect: Dialect, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avroad.registry.http._PAGE", 100)
    with RegistryDouble(dialect=dialect) as double:
        for index in range(size):
            double.registry.register(f"s{index:03}", JAM)
        assert len(client_of(double).subjects()) == size
        assert double.count("/subjects") <= size // 100 + 2


def slow_pages(double: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the double have ten pages of subjects, each of which takes a while."""
    monkeypatch.setattr("avroad.registry.http._PAGE", 100)
    for index in range(1000):
        double.registry.register(f"s{index:04}", JAM)
    double.fail(FaultKind.DELAY, every_s=0.4)


def test_a_listing_has_one_deadline_for_all_its_pages(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_pages(double, monkeypatch)
    with pytest.raises(RegistryUnavailable, match=r"did not list the subjects in time: [123]00 came") as caught:
        connect(timeout_s=1.5).subjects()
    assert "timeout" in caught.value.hint
    assert double.count("/subjects") <= 4
    double.heal()
    assert len(connect(timeout_s=5).subjects()) == 1000


def test_reading_many_subjects_has_one_deadline_and_its_end_is_no_failure_of_an_address(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avroad.registry.http.traits_of", lambda _: Traits(lists_subjects=False))
    slow_pages(double, monkeypatch)
    client = connect(timeout_s=2.0)
    with pytest.raises(RegistryUnavailable, match="too slow for many subjects"):
        client.latest_versions(tuple(f"s{index:04}" for index in range(100)))
    assert double.count("/subjects") < 90
    double.heal()
    assert client.version("s0000").version == 1


def test_a_cap_below_our_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avroad.testing.registry_routes._PAGE", 100)
    with RegistryDouble() as double:
        for index in range(201):
            double.registry.register(f"s{index:03}", JAM)
        client = client_of(double)
        page = client._transport.call("GET", "/subjects", query={"offset": "0", "limit": "100"})
        assert len(json.loads(page.body)) == 100
        assert len(client.subjects()) == 201


def test_a_small_listing_takes_one_request(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    client = connect()
    client.subjects()
    client.versions("a")
    assert double.count() == 2


def test_versions_beyond_the_listed_500_are_found_on_apicurio() -> None:
    registry = MemoryRegistry(level=Level.NONE)
    for index in range(505):
        registry.register("a", record("t.Jam", number(f"cars_{index}")))
    with RegistryDouble(registry, dialect=Dialect.APICURIO) as double:
        client = client_of(double)
        assert client.versions("a") == tuple(range(1, 506))


def test_a_check_that_cannot_be_done_is_no_verdict() -> None:
    with RegistryDouble(dialect=Dialect.APICURIO) as double:
        double.registry.register("place", record("t.Place", number("km")))
        references = (Reference(name="t.Place", subject="place", version=1),)
        text = record("t.Way", {"name": "at", "type": "t.Place"})
        double.registry.register("way", text, references)
        verdict = client_of(double).check("way", text, references)
        assert verdict.compatible is None
        assert "compatibility rule" in verdict.reasons[0]


def test_a_check_of_what_is_no_schema_is_an_error_where_checks_work(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    with pytest.raises(RegistryError, match="check a schema for a"):
        connect().check("a", '{"type": "foo"}')


def test_a_check_gives_the_registry_s_reasons(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    verdict = connect().check("a", record("t.Jam", number("lanes")))
    assert verdict.compatible is False
    assert "lanes" in verdict.reasons[0]
    assert double.requests[0].query["verbose"] == "true"


def test_a_registry_without_a_check_of_all_versions_is_asked_for_the_latest(
    double: RegistryDouble, connect: Connect
) -> None:
    double.registry.register("a", JAM)
    double.fail(FaultKind.STATUS, status=404, body=b"", times=1, path="/compatibility")
    assert connect().check("a", JAM).compatible is True
    assert [item.path for item in double.requests][-1] == "/compatibility/subjects/a/versions/latest"


def test_levels_are_asked_with_the_global_one_as_default(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    assert client.level("a") is Level.BACKWARD
    assert double.requests[0].query == {"defaultToGlobal": "true"}
    client.set_level(None, Level.FULL)
    assert client.level() is Level.FULL
    assert double.registry.level() is Level.FULL


@pytest.mark.parametrize("body", [b'{"compatibilityLevel": "SOME"}', b'{"compatibilityLevel": 1}', b"[]", b"{}"])
def test_a_level_nobody_knows_is_not_guessed(double: RegistryDouble, connect: Connect, body: bytes) -> None:
    double.fail(FaultKind.BODY, body=body)
    with pytest.raises(RegistryUnavailable, match="expected a compatibility level"):
        connect().level()


@pytest.mark.parametrize(
    ("body", "call"),
    [
        (b'{"a": 1}', "subjects"),
        (b"[1]", "subjects"),
        (b'[""]', "subjects"),
        (b'["x"]', "versions"),
        (b"[true]", "versions"),
        (b"[0]", "versions"),
        (b'{"id": true}', "register"),
        (b'{"id": -1}', "register"),
        (b'{"id": 3000000000}', "register"),
        (b'{"id": 1, "version": "1", "subject": "a", "schema": "x"}', "version"),
        (b'{"id": 1, "version": 2, "subject": "a", "schema": "\\"int\\""}', "version"),
        (b'[{"subject": "a"}]', "subjects_of"),
        (b'{"subject": "a"}', "subjects_of"),
        (b'{"is_compatible": "yes"}', "check"),
        (b'{"is_compatible": true, "messages": {}}', "check"),
    ],
    ids=str,
)
def test_answers_of_the_wrong_shape_do_not_pass(
    double: RegistryDouble, connect: Connect, body: bytes, call: str
) -> None:
    client = connect()
    double.fail(FaultKind.BODY, body=body)
    calls: dict[str, Callable[[], object]] = {
        "subjects": client.subjects,
        "versions": lambda: client.versions("a"),
        "register": lambda: client.register("a", JAM),
        "version": lambda: client.version("a", 1),
        "subjects_of": lambda: client.subjects_of(1),
        "check": lambda: client.check("a", JAM),
    }
    with pytest.raises(RegistryUnavailable):
        calls[call]()


def test_schemas_of_other_formats_do_not_disturb_a_listing(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    page = [
        {"subject": "proto", "version": 1, "id": 9, "schemaType": "PROTOBUF", "schema": 'syntax = "proto3";'},
        {"subject": "a", "version": 1, "id": 1, "schema": JAM},
    ]
    double.fail(FaultKind.BODY, body=json.dumps(page).encode(), path="/schemas", times=1)
    assert list(connect().latest_versions(("a", "b"))) == ["a"]


def test_the_latest_version_is_kept_only_as_long_as_was_asked_for(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    fresh, kept = connect(), connect(latest_ttl_s=60.0)
    for client, asked in ((fresh, 3), (kept, 1)):
        before = double.count()
        for _ in range(3):
            assert client.version("a").version == 1
        assert double.count() - before == asked
    kept.register("a", record("t.Jam", number("cars"), number("lanes", default=1)))
    assert kept.version("a").version == 2


def test_the_memory_holds_what_it_may(double: RegistryDouble, connect: Connect) -> None:
    ids = [double.registry.register(f"s{i}", record("t.Jam", number(f"c{i}"))).id for i in range(20)]
    client = connect(cache_capacity=5)
    for schema_id in ids:
        client.by_id(schema_id)
    assert len(client._ids._memory) == 5
    before = double.count()
    client.by_id(ids[-1])
    client.by_id(ids[0])
    assert double.count() - before == 1


def test_a_resolved_schema_asks_for_each_referenced_version_once(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("leaf", record("t.Leaf", number("x")))
    leaf = Reference(name="t.Leaf", subject="leaf", version=1)
    for side in ("Left", "Right"):
        double.registry.register(side, record(f"t.{side}", {"name": "leaf", "type": "t.Leaf"}), (leaf,))
    sides = tuple(Reference(name=f"t.{side}", subject=side, version=1) for side in ("Left", "Right"))
    top = record("t.Top", {"name": "l", "type": "t.Left"}, {"name": "r", "type": "t.Right"})
    made = double.registry.register("top", top, sides)
    client = connect()
    assert schema_of(client, made.id) is schema_of(client, made.id)
    assert sorted(item.path for item in double.requests) == [
        f"/schemas/ids/{made.id}",
        "/subjects/Left/versions/1",
        "/subjects/Right/versions/1",
        "/subjects/leaf/versions/1",
    ]


def test_a_guid_is_read_and_followed_like_an_id(double: RegistryDouble, connect: Connect) -> None:
    place = double.registry.register("place", record("t.Place", number("lat")))
    text = record("t.Top", {"name": "p", "type": "t.Place"})
    made = double.registry.register("top", text, (Reference(name="t.Place", subject="place", version=1),))
    guid = double.registry.guid_of(made.id)
    assert guid != double.registry.guid_of(place.id)
    client = connect()
    assert client.by_guid(guid) == double.registry.by_id(made.id)
    assert schema_of(client, guid) is schema_of(client, guid)
    assert fingerprint(schema_of(client, guid)) == fingerprint(schema_of(client, made.id))
    assert double.count(f"/schemas/guids/{guid}") == 2, "once by hand, once for the schema"


def test_an_unknown_guid_is_not_found(double: RegistryDouble, connect: Connect) -> None:
    guid = UUID(int=7)
    for registry in (double.registry, connect()):
        with pytest.raises(SchemaNotFound):
            registry.by_guid(guid)
        with pytest.raises(SchemaNotFound):
            schema_of(registry, guid)


@pytest.mark.parametrize("dialect", [Dialect.APICURIO, Dialect.KARAPACE])
def test_a_product_without_guids_is_no_outage(dialect: Dialect) -> None:
    with RegistryDouble(dialect=dialect) as double:
        with pytest.raises(RegistryError, match="does not give out GUIDs") as caught:
            client_of(double).by_guid(UUID(int=7))
        assert not caught.value.retriable


def test_the_other_stack_on_the_same_port_is_suspected(double: RegistryDouble, connect: Connect) -> None:
    """The environment of the containers asks at the root, where the local stack's Apicurio has no such path."""
    double.fail(FaultKind.STATUS, status=404, body=b"")
    with pytest.raises(RegistryUnavailable, match="found a server without this path") as caught:
        connect().version("traffic.Cause")
    assert "avroad stack up and docker compose up -d use the same ports" in caught.value.hint


def test_an_answer_for_a_guid_that_is_no_schema_is_refused(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.BODY, body=b'{"guid": 1}', path="/schemas/guids")
    with pytest.raises(RegistryUnavailable):
        connect().by_guid(UUID(int=7))


def test_a_subject_is_deleted_for_good_with_its_level_and_once_more_without_an_error(
    double: RegistryDouble, connect: Connect
) -> None:
    client = connect()
    double.registry.register("a", JAM)
    double.registry.register("b", JAM)
    double.registry.set_level("a", Level.FULL)
    client.delete("a")
    client.delete("a")
    asked = [(item.method, item.path, item.query.get("permanent")) for item in double.requests[:3]]
    assert asked == [
        ("DELETE", "/config/a", None), ("DELETE", "/subjects/a", None), ("DELETE", "/subjects/a", "true"),
    ]  # fmt: skip
    assert client.every_subject() == ("b",)
    assert double.registry.own_level("a") is None


def test_a_delete_that_is_refused_is_an_error(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    double.registry.register("user", record("t.User", {"name": "jam", "type": "t.Jam"}),
                             (Reference(name="t.Jam", subject="a", version=1),))  # fmt: skip
    with pytest.raises(RegistryError, match="delete a"):
        connect().delete("a")
    assert double.registry.subjects() == ("a", "user")


def test_the_subjects_of_an_id_include_deleted_versions(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    made = client.register("t-jam", JAM)
    answer = requests.delete(f"{double.url}/subjects/t-jam", timeout=5)
    assert answer.status_code == 200
    assert client.versions("t-jam") == ()
    assert client.subjects_of(made.id) == (("t-jam", 1),)
