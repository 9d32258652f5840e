"""The words by which commands name schemas to compare with: git:REV, dir:PATH, registry or export:FILE."""

from __future__ import annotations

from pathlib import Path

from avroad.cli import baselines
from avroad.cli.context import Context
from avroad.config.shape import did_you_mean
from avroad.contracts import Catalog
from avroad.contracts.subject_check import Baseline
from avroad.errors import ConfigError

__all__ = ["baseline_of"]


def baseline_of(context: Context, root: Path, catalog: Catalog, against: str, option: str = "--against") -> Baseline:
    """Return what `against` names; "" is where this checkout left the main branch.

    option: how the user gave it, for messages. Raises ConfigError, GitError, RegistryError, SchemaSyntaxError.
    """
    kind, colon, what = against.partition(":")
    if not against:
        return baselines.main_branch(root, catalog)
    if kind == "git" and what:
        return baselines.revision(root, what)
    if kind == "dir" and what:
        return baselines.folder(Path(what))
    if against == "registry":
        return baselines.registry(context.project(), catalog)
    if kind == "export" and what:
        return baselines.export(Path(what), catalog)
    likely = "registry" if did_you_mean(against, ("registry",)) else f"git:{against[:80]}"
    found = f'"{kind}:" without what to compare with' if colon and kind in {"git", "dir", "export"} else against[:80]
    raise ConfigError(
        f"{option} cannot be used", expected="git:REV, dir:PATH, registry or export:FILE", found=found,
        hint="" if colon else f"Did you mean {likely}?",
    )  # fmt: skip
