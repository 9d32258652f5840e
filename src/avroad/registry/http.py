"""The schema registry over HTTP, in the dialects of Confluent, Apicurio and Karapace."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from avroad.errors import RegistryCode, RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import Dialect, Level, Reference, RegisteredSchema, SchemaText, Verdict
from avroad.registry.answers import Answer
from avroad.registry.cache import DiskCache, MemoryCache
from avroad.registry.dialect import Traits, detect, traits_of
from avroad.registry.ids import UNKNOWN_TTL_S, SchemaIds
from avroad.registry.resolve import vet
from avroad.registry.sameness import mark, same, unmark
from avroad.registry.settings import RegistrySettings
from avroad.registry.shapes import Shapes
from avroad.registry.transport import LATE_HINT, AnswerTooLarge, Response, Transport
from avroad.schema import Json

__all__ = ["HttpRegistry"]

T = TypeVar("T")
_PAGE: Final = 1000
_MAX_PAGES: Final = 10_000
_LISTED_VERSIONS: Final = 500
_SUBJECTS_PER_TIMEOUT: Final = 100
_WORKERS: Final = 8
_LOOKUP_WAIT_S: Final = 0.05
_NORMALIZE: Final[Mapping[str, str]] = {"normalize": "true"}
_GONE: Final = frozenset({RegistryCode.SUBJECT_NOT_FOUND, RegistryCode.SUBJECT_SOFT_DELETED})


class HttpRegistry:
    """Implements ports.Registry over HTTP. Thread-safe; nothing is sent before the first call.

    A call that takes one request, registering, and a listing with all its pages end within the settings' timeout;
    `latest_versions` takes it once per hundred subjects, and once more for requests on their way then.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        disk = None
        if settings.cache_dir is not None:
            disk = DiskCache(settings.cache_dir, "\n".join([settings.identity, *sorted(settings.urls)]))
        memory = MemoryCache(settings.cache_capacity, unknown_ttl_s=UNKNOWN_TTL_S)
        self._ids = SchemaIds(self._fetch, memory, disk, vet=self._vet, name=self.name, wait_s=settings.timeout_s)
        self._lock = threading.Lock()
        self._dialect: Dialect | None = None
        self._latest: dict[str, tuple[float, RegisteredSchema]] = {}

    def __repr__(self) -> str:
        return f"HttpRegistry({self.name})"

    @property
    def name(self) -> str:
        """The addresses, separated by commas; settings refuse addresses with credentials."""
        return ",".join(self._settings.urls)

    def dialect(self) -> Dialect:
        """Return the product that answers, asked once. Raises RegistryUnavailable, and then asks again next time."""
        with self._lock:
            if self._dialect is None:
                until = self._transport.budget()

                def ask(path: str, from_root: bool) -> Response:  # noqa: FBT001 - the shape `detect` wants
                    return self._transport.call("GET", path, until=until, from_root=from_root)

                self._dialect = detect(ask)
            return self._dialect

    def subjects(self) -> tuple[str, ...]:
        """Return all subjects, sorted, however many pages they take. Raises RegistryUnavailable at the timeout."""
        return tuple(sorted(self._pages("/subjects", "list the subjects", Shapes.names)))

    def versions(self, subject: str) -> tuple[int, ...]:
        """Return the versions, ascending; empty when the subject does not exist."""
        path, action = f"/subjects/{_quoted(subject)}/versions", f"list the versions of {subject}"
        until = self._transport.budget()
        try:
            found = self._pages(path, action, Shapes.versions, until=until)
        except SchemaNotFound:
            return ()
        if len(found) >= _LISTED_VERSIONS and self._traits().hides_versions:
            path = f"/apis/registry/v3/groups/default/artifacts/{_quoted(subject)}/versions"
            every = self._pages(path, action, Shapes.states, size=_LISTED_VERSIONS, from_root=True, until=until)
            return tuple(sorted(version for version, usable in every if usable))
        return tuple(sorted(found))

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        """Return one version, the latest when None. Raises SchemaNotFound."""
        if version is None and (cached := self._latest_known(subject)) is not None:
            return cached
        return self._version(subject, version)

    def latest_versions(self, subjects: tuple[str, ...]) -> dict[str, RegisteredSchema]:
        """Return the latest version per existing subject: from one listing where it names subjects, else one by one."""
        until = time.monotonic() + self._settings.timeout_s * math.ceil(len(subjects) / _SUBJECTS_PER_TIMEOUT)
        found: dict[str, RegisteredSchema] = {}
        if len(subjects) > 1 and self._traits().lists_subjects:
            found = self._listed_latest(frozenset(subjects), until)
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in found]
        with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="registry") as pool:
            each = pool.map(lambda subject: self._latest_or_none(subject, until), missing)
            for subject, latest in zip(missing, each, strict=True):
                if latest is not None:
                    found[subject] = latest
        return found

    def by_id(self, schema_id: int) -> SchemaText:
        """Return text and references of an id, from memory or disk when known. Raises SchemaNotFound.

        What it refers to is read with it, inside the same deadline: only what is a schema is remembered.
        """
        return self._ids.get(schema_id)

    def by_guid(self, guid: UUID) -> SchemaText:
        """Return text and references of a GUID, where the product gives GUIDs out. Raises SchemaNotFound."""
        answer = self._ask("GET", f"/schemas/guids/{guid}", f"read schema GUID {guid}")
        if answer.status == HTTPStatus.NOT_FOUND and answer.code() is None:
            message = f"cannot read schema GUID {guid}: the registry at {self.name} does not give out GUIDs"
            raise RegistryError(message, status=answer.status)
        content = answer.value(Shapes.schema_text)
        return replace(content, text=unmark(content.text))

    def subjects_of(self, schema_id: int) -> tuple[tuple[str, int], ...]:
        """Return the (subject, version) pairs of an id, deleted ones too, sorted.

        Asked anew each time, because pairs are added. Raises SchemaNotFound.
        """
        path, action = f"/schemas/ids/{schema_id}/versions", f"find the subjects of schema id {schema_id}"
        answer = self._ask("GET", path, action, query={"deleted": "true"})
        return tuple(sorted(answer.value(Shapes.pairs)))

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        """Register and return the version as the registry holds it.

        Raises RegistryError with status 409 when the level forbids it, 422 when the registry does not take the text.
        """
        until = self._transport.budget()
        sent = SchemaText(text=text, references=references)
        found = self._register(subject, sent, until)
        if not same(SchemaText(text=found.text, references=found.references), sent):
            marked = mark(text) if self._traits().folds_revisions else None
            if marked is not None:
                found = self._register(subject, SchemaText(text=marked, references=references), until)
        with self._lock:
            self._latest.pop(subject, None)
        return found

    def check(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> Verdict:
        """Ask whether registering would be accepted; compatible is None where the registry cannot say."""
        path = f"/compatibility/subjects/{_quoted(subject)}/versions"
        action = f"check a schema for {subject}"
        payload = _payload(SchemaText(text=text, references=references))
        until = self._transport.budget()
        answer = self._ask("POST", path, action, payload=payload, query={"verbose": "true"}, until=until)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED} and answer.code() is None:
            answer = self._ask(
                "POST", f"{path}/latest", action, payload=payload, query={"verbose": "true"}, until=until
            )
        if answer.code() in {*_GONE, RegistryCode.VERSION_NOT_FOUND}:
            return Verdict(compatible=True)
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and self._traits().refuses_some_checks:
            return Verdict(compatible=None, reasons=(str(answer.error()),))
        compatible, reasons = answer.value(Shapes.verdict)
        return Verdict(compatible=compatible, reasons=tuple(self._transport.scrub(reason) for reason in reasons))

    def level(self, subject: str | None = None) -> Level:
        """Return the level in force for a subject, or the global one; the global one for an unknown subject."""
        if subject is not None:
            # Apicurio answers a subject without an own level with a constant unless asked for the global one.
            query = {"defaultToGlobal": "true"}
            answer = self._ask("GET", f"/config/{_quoted(subject)}", f"read the level of {subject}", query=query)
            if answer.status != HTTPStatus.NOT_FOUND or answer.code() is None:
                return answer.value(Shapes.level)
        return self._ask("GET", "/config", "read the global level").value(Shapes.level)

    def own_level(self, subject: str) -> Level | None:
        """Return the level set on the subject itself, None when it has none or does not exist."""
        action = f"read the own level of {subject}"
        if self._traits().own_level_apart:
            path = f"/apis/registry/v3/groups/default/artifacts/{_quoted(subject)}/rules/COMPATIBILITY"
            answer = self._ask("GET", path, action, from_root=True)
            return None if answer.status == HTTPStatus.NOT_FOUND else answer.value(Shapes.level)
        answer = self._ask("GET", f"/config/{_quoted(subject)}", action)
        if answer.status == HTTPStatus.NOT_FOUND and answer.code() is not None:
            return None
        return answer.value(Shapes.level)

    def set_level(self, subject: str | None, level: Level) -> None:
        """Set the level of a subject, or the global one when None."""
        path = "/config" if subject is None else f"/config/{_quoted(subject)}"
        action = f"set the level of {subject or 'all subjects'}"
        self._ask("PUT", path, action, payload={"compatibility": level.value}).value(Shapes.anything)

    def every_subject(self) -> tuple[str, ...]:
        """Return all subjects, sorted, those among them that are deleted and can still be restored."""
        found = self._pages("/subjects", "list the subjects, deleted ones too", Shapes.names, {"deleted": "true"})
        return tuple(sorted(found))

    def delete(self, subject: str) -> None:
        """Delete a subject with its level for good; what is gone already is no error. Raises RegistryError."""
        path, action = f"/subjects/{_quoted(subject)}", f"delete {subject}"
        for target, query in (
            (f"/config/{_quoted(subject)}", None), (path, None), (path, {"permanent": "true"}),
        ):  # fmt: skip
            answer = self._ask("DELETE", target, action, query=query)
            if answer.status >= HTTPStatus.BAD_REQUEST and answer.status != HTTPStatus.NOT_FOUND:
                raise answer.error()
        with self._lock:
            self._latest.pop(subject, None)

    def close(self) -> None:
        """Release connections and end waiting calls."""
        self._transport.close()

    def _ask(
        self,
        method: str,
        path: str,
        action: str,
        *,
        payload: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        until: float | None = None,
        from_root: bool = False,
    ) -> Answer:
        response = self._transport.call(method, path, payload=payload, query=query, until=until, from_root=from_root)
        return Answer(response, action, self._transport.scrub)

    def _traits(self) -> Traits:
        return traits_of(self.dialect())

    def _fetch(self, schema_id: int, until: float) -> SchemaText:
        answer = self._ask("GET", f"/schemas/ids/{schema_id}", f"read schema id {schema_id}", until=until)
        content = answer.value(Shapes.schema_text)
        return replace(content, text=unmark(content.text))

    def _vet(self, schema_id: int, content: SchemaText, until: float) -> bool | None:
        return vet(self, schema_id, content, lambda subject, number: self._version(subject, number, until))

    def _seen(self, subject: str, found: RegisteredSchema) -> RegisteredSchema:
        """Compare an answer with what is known of its id, and return it under the name it was asked by."""
        content = SchemaText(text=unmark(found.text), references=found.references)
        self._ids.remember(found.id, content)
        return replace(found, subject=subject, text=content.text)

    def _register(self, subject: str, sent: SchemaText, until: float) -> RegisteredSchema:
        path, payload = f"/subjects/{_quoted(subject)}", _payload(sent)
        action = f"register a schema under {subject}"
        self._ask("POST", f"{path}/versions", action, payload=payload, query=_NORMALIZE, until=until).value(
            Shapes.new_id
        )
        while True:
            # The answer to a registration does not tell the version everywhere, and a replica may know it a bit later.
            answer = self._ask("POST", path, action, payload=payload, query=_NORMALIZE, until=until)
            if answer.status != HTTPStatus.NOT_FOUND or time.monotonic() + _LOOKUP_WAIT_S >= until:
                return self._seen(subject, answer.value(Shapes.registered))
            self._transport.pause(_LOOKUP_WAIT_S)

    def _version(self, subject: str, version: int | None, until: float | None = None) -> RegisteredSchema:
        which = "latest" if version is None else str(version)
        action = f"read version {which} of {subject}"
        answer = self._ask("GET", f"/subjects/{_quoted(subject)}/versions/{which}", action, until=until)
        found = self._seen(subject, answer.value(Shapes.registered))
        if version is not None and found.version != version:
            raise RegistryUnavailable(f"cannot {action}", expected=f"version {version}", found=str(found.version))
        if version is None and self._settings.latest_ttl_s:
            self._keep_latest(found)
        return found

    def _latest_or_none(self, subject: str, until: float) -> RegisteredSchema | None:
        if (cached := self._latest_known(subject)) is not None:
            return cached
        try:
            if time.monotonic() >= until:
                raise RegistryUnavailable(f"the registry at {self.name} is too slow for many subjects", hint=LATE_HINT)
            # With a timeout of its own: cut short, it would count as a failure of an address that is only slow.
            return self._version(subject, None)
        except SchemaNotFound:
            return None

    def _listed_latest(self, wanted: frozenset[str], until: float) -> dict[str, RegisteredSchema]:
        """Read the listing, but not more pages than there are subjects to find, and none that exceed the size cap."""
        found: dict[str, RegisteredSchema] = {}
        try:
            versions = self._pages(
                "/schemas",
                "list the schemas",
                Shapes.listed,
                {"latestOnly": "true"},
                max_pages=len(wanted),
                until=until,
            )
        except AnswerTooLarge:
            return {}
        for item in versions:
            known = found.get(item.subject)
            if item.subject in wanted and (known is None or item.version > known.version):
                found[item.subject] = item
        return {subject: self._seen(subject, item) for subject, item in found.items()}

    def _pages(
        self,
        path: str,
        action: str,
        read: Callable[[Json], tuple[T, ...]],
        query: Mapping[str, str] | None = None,
        *,
        max_pages: int = _MAX_PAGES,
        size: int | None = None,
        from_root: bool = False,
        until: float | None = None,
    ) -> dict[T, None]:
        """Return the items of all pages, in order, each once; all of them by `until`, or RegistryUnavailable is raised.

        Ends when a page adds nothing new: one product ignores offset and limit and gives everything every time. A
        short page ends it too, except a round number, which may be a cap below ours.
        """
        found: dict[T, None] = {}
        received = 0
        size = _PAGE if size is None else size
        until = self._transport.budget() if until is None else until
        for _ in range(max_pages):
            paging = {**(query or {}), "offset": str(received), "limit": str(size)}
            try:
                page = self._ask("GET", path, action, query=paging, from_root=from_root, until=until).value(read)
            except RegistryUnavailable as error:
                if not received or time.monotonic() < until:
                    raise
                late = f"the registry at {self.name} did not {action} in time: {received} came, and more were to come"
                raise RegistryUnavailable(late, status=error.status, hint=LATE_HINT) from None
            before = len(found)
            found.update(dict.fromkeys(page))
            received += len(page)
            if len(found) == before or (len(page) < size and len(page) % 100):
                break
        return found

    def _latest_known(self, subject: str) -> RegisteredSchema | None:
        with self._lock:
            until, found = self._latest.get(subject, (0.0, None))
        return found if time.monotonic() < until else None

    def _keep_latest(self, found: RegisteredSchema) -> None:
        with self._lock:
            self._latest[found.subject] = (time.monotonic() + self._settings.latest_ttl_s, found)
            while len(self._latest) > self._settings.cache_capacity:
                del self._latest[next(iter(self._latest))]


def _payload(content: SchemaText) -> dict[str, object]:
    payload: dict[str, object] = {"schema": content.text, "schemaType": "AVRO"}
    if content.references:
        payload["references"] = [
            {"name": item.name, "subject": item.subject, "version": item.version} for item in content.references
        ]
    return payload


def _quoted(subject: str) -> str:
    return quote(subject, safe="")
