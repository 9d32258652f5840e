"""What every registry has to do; subclasses say which one. Subjects carry a prefix, so that a shared one serves too."""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from avroad.errors import RegistryCode, RegistryError, SchemaNotFound
from avroad.model import Level, Reference
from avroad.ports import Registry
from avroad.registry import schema_of
from avroad.schema import Record

FAR_ID = 2_000_000_000


def record(name: str, *fields: Mapping[str, object], **more: object) -> str:
    return json.dumps({"type": "record", "name": name, "fields": fields, **more})


def number(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": "int", **more}


class RegistrySuite(ABC):
    """One behaviour for all registries."""

    @abstractmethod
    @pytest.fixture
    def registry(self) -> Registry:
        """The registry under test."""

    @pytest.fixture
    def prefix(self) -> str:
        """Names of one test: nothing of another test has them."""
        return f"t{uuid.uuid4().hex[:10]}"

    def test_a_schema_gets_a_version_and_an_id_and_is_found_by_both(self, registry: Registry, prefix: str) -> None:
        text = record(f"{prefix}.Jam", number("cars"))
        made = registry.register(prefix, text)
        assert (made.subject, made.version) == (prefix, 1)
        assert json.loads(registry.by_id(made.id).text)["type"] == "record"
        assert registry.version(prefix).id == made.id
        assert registry.version(prefix, 1) == registry.version(prefix)
        assert registry.versions(prefix) == (1,)
        assert prefix in registry.subjects()
        assert registry.subjects() == tuple(sorted(registry.subjects()))
        assert registry.subjects_of(made.id) == ((prefix, 1),)

    def test_the_same_schema_again_is_the_same_version_however_it_is_formatted(
        self, registry: Registry, prefix: str
    ) -> None:
        text = record(f"{prefix}.Jam", number("cars"))
        made = registry.register(prefix, text)
        again = registry.register(prefix, json.dumps(json.loads(text), indent=3))
        assert (again.version, again.id) == (made.version, made.id)
        assert registry.versions(prefix) == (1,)

    def test_one_content_has_one_id_in_all_subjects(self, registry: Registry, prefix: str) -> None:
        text = record(f"{prefix}.Jam", number("cars"))
        one, other = registry.register(f"{prefix}-a", text), registry.register(f"{prefix}-b", text)
        assert one.id == other.id
        assert registry.subjects_of(one.id) == ((f"{prefix}-a", 1), (f"{prefix}-b", 1))

    def test_a_compatible_change_is_the_next_version(self, registry: Registry, prefix: str) -> None:
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        text = record(f"{prefix}.Jam", number("cars"), number("lanes", default=1))
        assert registry.check(prefix, text).compatible
        made = registry.register(prefix, text)
        assert made.version == 2
        assert registry.versions(prefix) == (1, 2)
        assert registry.version(prefix).id == made.id
        assert registry.version(prefix, 1).id != made.id

    def test_an_incompatible_change_is_refused_with_409_and_changes_nothing(
        self, registry: Registry, prefix: str
    ) -> None:
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        text = record(f"{prefix}.Jam", number("cars"), number("lanes"))
        assert registry.check(prefix, text).compatible is False
        with pytest.raises(RegistryError) as caught:
            registry.register(prefix, text)
        assert caught.value.status == 409
        assert caught.value.code in {RegistryCode.INCOMPATIBLE, RegistryCode.INCOMPATIBLE_SCHEMA}
        assert "lanes" in str(caught.value)
        assert registry.versions(prefix) == (1,)

    def test_level_none_accepts_what_other_levels_refuse(self, registry: Registry, prefix: str) -> None:
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        registry.set_level(prefix, Level.NONE)
        assert registry.register(prefix, record(f"{prefix}.Jam", number("lanes"))).version == 2

    def test_a_subject_has_no_own_level_until_one_is_set(self, registry: Registry, prefix: str) -> None:
        assert registry.own_level(prefix) is None
        assert registry.level(prefix) is registry.level()
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        assert registry.own_level(prefix) is None
        assert registry.level(prefix) is registry.level()
        for level in (Level.FULL_TRANSITIVE, Level.NONE, registry.level()):
            registry.set_level(prefix, level)
            assert registry.own_level(prefix) is level
            assert registry.level(prefix) is level

    def test_a_level_can_be_set_before_the_first_version(self, registry: Registry, prefix: str) -> None:
        registry.set_level(prefix, Level.FORWARD)
        assert registry.own_level(prefix) is Level.FORWARD
        assert registry.versions(prefix) == ()
        assert prefix not in registry.subjects()
        assert registry.register(prefix, record(f"{prefix}.Jam", number("cars"))).version == 1
        with pytest.raises(RegistryError) as caught:
            registry.register(prefix, record(f"{prefix}.Jam"))
        assert caught.value.status == 409

    def test_what_does_not_exist_is_not_found_by_name(self, registry: Registry, prefix: str) -> None:
        assert registry.versions(prefix) == ()
        assert registry.latest_versions((prefix, f"{prefix}-b")) == {}
        assert registry.check(prefix, record("A", number("x"))).compatible is True
        with pytest.raises(SchemaNotFound) as caught:
            registry.version(prefix)
        assert caught.value.code is RegistryCode.SUBJECT_NOT_FOUND
        with pytest.raises(SchemaNotFound) as caught:
            registry.by_id(FAR_ID)
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        with pytest.raises(SchemaNotFound) as caught:
            registry.version(prefix, 9)
        assert caught.value.code is RegistryCode.VERSION_NOT_FOUND
        with pytest.raises(SchemaNotFound):
            registry.subjects_of(FAR_ID)

    def test_what_is_not_a_schema_is_refused_with_422(self, registry: Registry, prefix: str) -> None:
        for text in ("{", '{"type": "foo"}', record("A", {"name": "x", "type": f"{prefix}.Missing"})):
            with pytest.raises(RegistryError) as caught:
                registry.register(prefix, text)
            assert (caught.value.status, caught.value.code) == (422, RegistryCode.INVALID_SCHEMA)
        assert registry.versions(prefix) == ()

    def test_references_are_kept_and_followed(self, registry: Registry, prefix: str) -> None:
        place = registry.register(f"{prefix}-place", record(f"{prefix}.Place", number("km")))
        reference = Reference(name=f"{prefix}.Place", subject=f"{prefix}-place", version=place.version)
        jam = record(f"{prefix}.Jam", {"name": "at", "type": f"{prefix}.Place"})
        made = registry.register(f"{prefix}-jam", jam, (reference,))
        assert made.references == (reference,)
        assert registry.by_id(made.id).references == (reference,)
        assert registry.version(f"{prefix}-jam").references == (reference,)
        schema = schema_of(registry, made.id)
        assert isinstance(schema, Record)
        assert isinstance(schema.fields[0].type, Record)
        assert schema.fields[0].type.name == f"{prefix}.Place"
        verdict = registry.check(f"{prefix}-jam", jam, (reference,))
        assert verdict.compatible in {True, None}
        assert verdict.compatible or verdict.reasons

    def test_a_reference_to_nothing_is_refused(self, registry: Registry, prefix: str) -> None:
        reference = Reference(name=f"{prefix}.Place", subject=f"{prefix}-place", version=1)
        with pytest.raises(RegistryError) as caught:
            registry.register(prefix, record("Jam", {"name": "at", "type": f"{prefix}.Place"}), (reference,))
        assert caught.value.status == 422

    def test_an_incompatible_change_of_a_schema_with_references_is_refused(
        self, registry: Registry, prefix: str
    ) -> None:
        registry.register(f"{prefix}-place", record(f"{prefix}.Place", number("km")))
        references = (Reference(name=f"{prefix}.Place", subject=f"{prefix}-place", version=1),)
        at = {"name": "at", "type": f"{prefix}.Place"}
        registry.register(f"{prefix}-jam", record(f"{prefix}.Jam", at), references)
        with pytest.raises(RegistryError) as caught:
            registry.register(f"{prefix}-jam", record(f"{prefix}.Jam", at, number("cars")), references)
        assert caught.value.status == 409

    @pytest.mark.parametrize("change", [{"aliases": ["cars_before"]}, {"default": 3}, {"order": "ignore"}], ids=str)
    def test_a_change_of_meaning_is_a_new_version_with_that_meaning(
        self, registry: Registry, prefix: str, change: dict[str, object]
    ) -> None:
        registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
        made = registry.register(prefix, record(f"{prefix}.Jam", number("cars", **change)))
        assert made.version == 2
        field = json.loads(registry.by_id(made.id).text)["fields"][0]
        assert {key: field[key] for key in change} == change
        assert registry.register(prefix, record(f"{prefix}.Jam", number("cars", **change))).version == 2

    def test_latest_versions_are_the_latest(self, registry: Registry, prefix: str) -> None:
        names = tuple(f"{prefix}-{index}" for index in range(5))
        for name in names:
            registry.register(name, record(f"{prefix}.Jam", number("cars")))
        second = registry.register(names[2], record(f"{prefix}.Jam", number("cars"), number("lanes", default=1)))
        found = registry.latest_versions((*names, f"{prefix}-none"))
        assert sorted(found) == sorted(names)
        assert found[names[2]].id == second.id
        assert {found[name].version for name in names} == {1, 2}
        assert all(found[name].subject == name for name in names)

    def test_subjects_may_contain_what_addresses_use(self, registry: Registry, prefix: str) -> None:
        for odd in ("a/b", "a b%", "ä?x=1#y"):
            subject = f"{prefix}-{odd}"
            assert registry.register(subject, record(f"{prefix}.Jam", number("cars"))).subject == subject
            assert registry.versions(subject) == (1,)
            assert subject in registry.subjects()

    def test_threads_that_register_the_same_get_the_same(self, registry: Registry, prefix: str) -> None:
        text = record(f"{prefix}.Jam", number("cars"))
        with ThreadPoolExecutor(max_workers=8) as pool:
            made = list(pool.map(lambda _: registry.register(prefix, text), range(16)))
        assert {(item.version, item.id) for item in made} == {(1, made[0].id)}
        assert registry.versions(prefix) == (1,)
