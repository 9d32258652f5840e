"""Declared programs that are pinned to a version which cannot read what a plan registers, in words for its warnings."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from avroad.admin.subject_changes import RegisterSchema
from avroad.cli.baselines import registry
from avroad.cli.pins import Pins
from avroad.contracts.compat import compare
from avroad.contracts.declared import REPOSITORY
from avroad.contracts.rollout import Advisor
from avroad.errors import AvroadError

if TYPE_CHECKING:
    from avroad.admin import Plan
    from avroad.cli.context import Context
    from avroad.project import Project

__all__ = ["pinned_warnings"]


def pinned_warnings(context: Context, project: Project, plan: Plan) -> tuple[str, ...]:
    """Return a sentence for each changed subject and version that declared readers are pinned to and that is hurt.

    The registry is read again only where some reader of a changed subject is pinned. What cannot be read is said.
    """
    catalog = project.catalog
    pinned = {
        (use.topic, use.type_name)
        for application in catalog.applications.values()
        for use in application.reads
        if set(use.versions) - {REPOSITORY}
    }
    changed = {c.subject for c in plan.changes if isinstance(c, RegisterSchema) and c.old_version is not None}
    specs = [s for s in catalog.subjects if s.subject in changed and (s.topic, s.type_name) in pinned]
    if not specs:
        return ()
    found = []
    try:
        baseline = registry(project, dataclasses.replace(catalog, subjects=tuple(specs)))
        advisor = Advisor(catalog, Pins(context, baseline).find, datetime.now(UTC).date())
        for spec in specs:
            new, past = catalog.types[spec.type_name].schema, baseline.versions.get(spec.subject, ())
            rollout = advisor.advise(spec, spec.level, new, past, compare)
            for trouble in rollout.troubles if rollout else ():
                if trouble.pinned:
                    names = ", ".join(f"{app.name} ({app.owner})" for app in trouble.users.applications)
                    found.append(f"{spec.subject}: {names}, pinned to {trouble.users.label}, fails on new data")
    except AvroadError as error:
        return (*found, f"whether a pinned program fails on new data is not known: {error}")
    return tuple(found)
