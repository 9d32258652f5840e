"""The registry's REST interface on top of a registry in this process, in the dialect of each product."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote
from uuid import UUID

from avroad.errors import RegistryCode, RegistryError
from avroad.model import Dialect, Level, Reference, RegisteredSchema
from avroad.registry import MemoryRegistry

__all__ = ["Asked", "Routes"]

_PAGE: Final = 1000
_LISTED_VERSIONS: Final = 500
_OLD_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived. path: without query, still quoted; query: first value per name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class _NoRoute(Exception):
    """The dialect has no such path."""


class Routes:
    """Answers requests from `registry` the way `dialect` does; every error in the registry's own form.

    Differences that are kept: how the product is told from others, levels of subjects without their own (Apicurio
    answers a constant), checks with references (Apicurio refuses), what a listing names, paging, aliases folded.
    """

    def __init__(self, registry: MemoryRegistry, dialect: Dialect) -> None:
        self._registry = registry
        self._dialect = dialect
        self._routes: tuple[tuple[str, re.Pattern[str], Callable[..., object]], ...] = (
            ("GET", re.compile(r"/subjects"), self._subjects),
            ("GET", re.compile(r"/subjects/([^/]+)/versions"), self._versions),
            ("GET", re.compile(r"/subjects/([^/]+)/versions/([^/]+)"), self._version),
            ("POST", re.compile(r"/subjects/([^/]+)/versions"), self._register),
            ("POST", re.compile(r"/subjects/([^/]+)"), self._lookup),
            ("DELETE", re.compile(r"/subjects/([^/]+)"), self._delete),
            ("GET", re.compile(r"/schemas"), self._schemas),
            ("GET", re.compile(r"/schemas/ids/(-?\d+)"), self._by_id),
            ("GET", re.compile(r"/schemas/ids/(-?\d+)/versions"), self._subjects_of),
            ("GET", re.compile(r"/schemas/guids/([^/]+)"), self._by_guid),
            ("POST", re.compile(r"/compatibility/subjects/([^/]+)/versions(?:/latest)?"), self._check),
            ("GET", re.compile(r"/config(?:/([^/]+))?"), self._level),
            ("PUT", re.compile(r"/config(?:/([^/]+))?"), self._set_level),
            ("GET", re.compile(r"/apis/registry/v3/system/info"), self._apicurio_info),
            ("GET", re.compile(r"/apis/registry/v3/groups/default/artifacts/([^/]+)/rules/COMPATIBILITY"), self._rule),
            ("GET", re.compile(r"/apis/registry/v3/groups/default/artifacts/([^/]+)/versions"), self._all_versions),
            ("GET", re.compile(r"/v1/metadata/version"), self._confluent_version),
            ("GET", re.compile(r"/_health"), self._karapace_health),
        )

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        """Return status and JSON body."""
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(asked.path) if method == asked.method else None
            if match is None:
                continue
            try:
                value = route(asked, *(None if part is None else unquote(part) for part in match.groups()))
            except _NoRoute:
                break
            except RegistryError as error:
                return self._refusal(error)
            except (ValueError, KeyError, TypeError) as error:
                return 422, _error(RegistryCode.INVALID_SCHEMA, f"the request cannot be read: {error}")
            return HTTPStatus.OK, json.dumps(value).encode()
        return HTTPStatus.NOT_FOUND, json.dumps({"error_code": 404, "message": "HTTP 404 Not Found"}).encode()

    def _refusal(self, error: RegistryError) -> tuple[int, bytes]:
        code = error.code or RegistryCode.STORE_ERROR
        number = (
            RegistryCode.INCOMPATIBLE_SCHEMA if self._is(Dialect.CONFLUENT) and error.status == _OLD_CONFLICT else code
        )
        words = f"{error.message}: {error.found}" if error.found else error.message
        return error.status, _error(number, words)

    def _whole(self, found: RegisteredSchema) -> dict[str, object]:
        return {
            "subject": found.subject,
            "version": found.version,
            "id": found.id,
            **({"guid": str(found.guid)} if self._is(Dialect.CONFLUENT) else {}),
            "schema": found.text,
            **_references(found.references),
        }

    def _is(self, dialect: Dialect) -> bool:
        return self._dialect is dialect

    def _only(self, dialect: Dialect) -> None:
        if not self._is(dialect):
            raise _NoRoute

    def _page(self, asked: Asked, items: list[object], largest: int = _PAGE) -> list[object]:
        if self._is(Dialect.KARAPACE):
            return items
        offset, limit = int(asked.query.get("offset", "0")), int(asked.query.get("limit", str(largest)))
        return items[offset : offset + min(limit, largest)]

    def _subjects(self, asked: Asked) -> object:
        return self._page(asked, [*self._registry.subjects()])

    def _versions(self, asked: Asked, subject: str) -> object:
        self._registry.version(subject)
        versions: list[object] = [*self._registry.versions(subject)]
        return self._page(asked, versions[:_LISTED_VERSIONS] if self._is(Dialect.APICURIO) else versions)

    def _all_versions(self, asked: Asked, subject: str) -> object:
        self._only(Dialect.APICURIO)
        versions = [{"version": str(number), "state": "ENABLED"} for number in self._registry.versions(subject)]
        return {"count": len(versions), "versions": self._page(asked, [*versions], _LISTED_VERSIONS)}

    def _version(self, _: Asked, subject: str, version: str) -> object:
        if version != "latest" and not version.isdigit():
            raise RegistryError(f"The specified version '{version}' is not a valid version id",
                                code=RegistryCode.INVALID_VERSION, status=422)  # fmt: skip
        return self._whole(self._registry.version(subject, None if version == "latest" else int(version)))

    def _register(self, asked: Asked, subject: str) -> object:
        text, references = _content(asked)
        if self._is(Dialect.APICURIO) and (twin := self._twin(subject, text, references)) is not None:
            return {"id": twin.id}
        return {"id": self._registry.register(subject, text, references).id}

    def _lookup(self, asked: Asked, subject: str) -> object:
        text, references = _content(asked)
        self._registry.version(subject)
        found = self._registry.lookup(subject, text, references)
        if found is None and self._is(Dialect.APICURIO):
            found = self._twin(subject, text, references)
        if found is None:
            raise RegistryError("Schema not found", code=RegistryCode.SCHEMA_NOT_FOUND, status=404)
        return self._whole(found)

    def _twin(self, subject: str, text: str, references: tuple[Reference, ...]) -> RegisteredSchema | None:
        """Return the version that differs in documentation, aliases and enum defaults only."""
        wanted = _folded(json.loads(text))
        for number in self._registry.versions(subject):
            found = self._registry.version(subject, number)
            if found.references == references and _folded(json.loads(found.text)) == wanted:
                return found
        return None

    def _delete(self, _: Asked, subject: str) -> object:
        return [*self._registry.delete(subject)]

    def _schemas(self, asked: Asked) -> object:
        found = []
        for subject in self._registry.subjects():
            numbers = self._registry.versions(subject)
            for number in numbers[-1:] if asked.query.get("latestOnly") == "true" else numbers:
                whole = self._whole(self._registry.version(subject, number))
                names = {"subject", "version", "id"} if self._is(Dialect.APICURIO) else set()
                found.append({key: value for key, value in whole.items() if key not in names})
        return self._page(asked, [*found])

    def _by_id(self, _: Asked, schema_id: str) -> object:
        content = self._registry.by_id(int(schema_id))
        return {"schema": content.text, **_references(content.references)}

    def _by_guid(self, _: Asked, guid: str) -> object:
        self._only(Dialect.CONFLUENT)
        content = self._registry.by_guid(UUID(guid))
        return {"schema": content.text, "guid": guid, **_references(content.references)}

    def _subjects_of(self, asked: Asked, schema_id: str) -> object:
        deleted = asked.query.get("deleted") == "true"
        return [
            {"subject": name, "version": number}
            for name, number in self._registry.subjects_of(int(schema_id))
            if deleted or number in self._registry.versions(name)
        ]

    def _check(self, asked: Asked, subject: str) -> object:
        text, references = _content(asked)
        if self._is(Dialect.APICURIO):
            latest = self._registry.version(subject)
            if references or latest.references:
                raise RegistryError(
                    "Could not execute compatibility rule", code=RegistryCode.INVALID_SCHEMA, status=422
                )
            return {"is_compatible": self._registry.check(subject, text, references).compatible}
        verdict = self._registry.check(subject, text, references)
        return {"is_compatible": verdict.compatible, "messages": [*verdict.reasons]}

    def _level(self, asked: Asked, subject: str | None) -> object:
        if subject is None or asked.query.get("defaultToGlobal") == "true":
            if subject is not None and self._is(Dialect.APICURIO):
                self._exists(subject)
            return {"compatibilityLevel": self._registry.level(subject)}
        own = self._registry.own_level(subject)
        if own is not None:
            return {"compatibilityLevel": own}
        if self._is(Dialect.APICURIO):
            self._exists(subject)
            return {"compatibilityLevel": Level.NONE}
        raise RegistryError(f"Subject '{subject}' does not have subject-level compatibility configured",
                            code=RegistryCode.SUBJECT_LEVEL_NOT_SET, status=404)  # fmt: skip

    def _exists(self, subject: str) -> None:
        if self._registry.own_level(subject) is None:
            self._registry.version(subject)

    def _set_level(self, asked: Asked, subject: str | None) -> object:
        try:
            level = Level(json.loads(asked.body)["compatibility"])
        except ValueError:
            raise RegistryError("Invalid compatibility level", code=RegistryCode.INVALID_LEVEL, status=422) from None
        self._registry.set_level(subject, level)
        return {"compatibility": level}

    def _apicurio_info(self, _: Asked) -> object:
        self._only(Dialect.APICURIO)
        return {"name": "Apicurio Registry (SQL)", "version": "3.3.3"}

    def _rule(self, _: Asked, subject: str) -> object:
        self._only(Dialect.APICURIO)
        own = self._registry.own_level(subject)
        if own is None:
            raise RegistryError("No rule named 'COMPATIBILITY' was found.", status=404)
        return {"config": own, "ruleType": "COMPATIBILITY"}

    def _confluent_version(self, _: Asked) -> object:
        self._only(Dialect.CONFLUENT)
        return {"version": "8.3.0", "commitId": "0"}

    def _karapace_health(self, _: Asked) -> object:
        self._only(Dialect.KARAPACE)
        return {"karapace_version": "5.0.0", "process_uptime_sec": 1}


def _content(asked: Asked) -> tuple[str, tuple[Reference, ...]]:
    value = json.loads(asked.body)
    references = tuple(
        Reference(name=item["name"], subject=item["subject"], version=item["version"])
        for item in value.get("references", [])
    )
    return str(value["schema"]), references


def _references(references: tuple[Reference, ...]) -> dict[str, object]:
    plain = [{"name": item.name, "subject": item.subject, "version": item.version} for item in references]
    return {"references": plain} if plain else {}


def _folded(value: object) -> object:
    """Drop what Apicurio does not compare."""
    if isinstance(value, list):
        return [_folded(item) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = {"doc", "aliases", *(("default",) if value.get("type") == "enum" else ())}
    return {key: _folded(item) for key, item in value.items() if key not in dropped}


def _error(code: int, words: str) -> bytes:
    return json.dumps({"error_code": int(code), "message": words}).encode()
