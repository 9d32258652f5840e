"""Before the first record: can our schemas read every version that was ever registered for these topics?"""

from __future__ import annotations

from avroad.codec import resolve
from avroad.consumer.bindings import type_on_topic
from avroad.consumer.report import StartupReport, UnreadableVersion
from avroad.consumer.signals import PoisonRecord
from avroad.contracts import Catalog
from avroad.errors import IncompatibleSchema, Problem, RegistryUnavailable, SchemaSyntaxError
from avroad.model import RegisteredSchema, TopicSpec
from avroad.ports.registry import Registry
from avroad.registry.resolve import schema_of

__all__ = ["check_versions", "refuse"]


def check_versions(catalog: Catalog, registry: Registry, topics: tuple[str, ...]) -> StartupReport:
    """Compare every version of every subject of these topics with our reader schemas.

    An outage of the registry is no failure: the subjects concerned are reported as unchecked.
    """
    checked = 0
    unreadable: list[UnreadableVersion] = []
    unchecked: list[str] = []
    reason = ""
    for spec in (catalog.topics[name] for name in topics):
        for subject in dict.fromkeys(spec.subject(name) for name in spec.values):
            try:
                for version in registry.versions(subject):
                    registered = registry.version(subject, version)
                    found = _problems(catalog, registry, spec, registered)
                    checked += 1
                    if found is not None:
                        unreadable.append(found)
            except RegistryUnavailable as error:
                unchecked.append(subject)
                reason = reason or error.message
    return StartupReport(checked=checked, unreadable=tuple(unreadable), unchecked=tuple(unchecked), reason=reason)


def refuse(report: StartupReport) -> None:
    """Raise IncompatibleSchema naming every version that cannot be read, if there is one."""
    if report.unreadable:
        count = f"{len(report.unreadable)} registered version{'s' * (len(report.unreadable) != 1)}"
        raise IncompatibleSchema(
            f"{count} cannot be read with the schemas of this repository",
            problems=tuple(problem for version in report.unreadable for problem in version.problems),
            hint="Restore what those versions need, or start with the unreadable policy `warn` to dead-letter them.",
        )


def _problems(
    catalog: Catalog, registry: Registry, spec: TopicSpec, registered: RegisteredSchema
) -> UnreadableVersion | None:
    where = f"{registered.subject} version {registered.version} (id {registered.id})"
    partial = False
    problems: tuple[Problem, ...]
    try:
        writer = schema_of(registry, registered.id)
        reader = catalog.type(type_on_topic(catalog, spec, writer)).schema
    except PoisonRecord as error:
        problems = (Problem(file=where, expected="a type this topic carries", found=error.message),)
    except SchemaSyntaxError as error:
        problems = (Problem(file=where, expected="a schema avroad accepts", found=str(error)),)
    else:
        conflicts = resolve(writer, reader).conflicts
        problems = tuple(Problem(file=where, path=c.path, expected=c.expected, found=c.found) for c in conflicts)
        partial = all(conflict.partial for conflict in conflicts)
    if not problems:
        return None
    return UnreadableVersion(
        subject=registered.subject,
        version=registered.version,
        schema_id=registered.id,
        partial=partial,
        problems=problems,
    )
