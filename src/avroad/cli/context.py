"""What every command knows: the project's folder, the environment and the overrides given as flags."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avroad.errors import ConfigError, UnknownEventType, render

if TYPE_CHECKING:
    from avroad.contracts import Catalog
    from avroad.project import Project

__all__ = ["Context", "find_root", "given_name", "project_options"]


@dataclass(slots=True)
class Context:
    """The state of one invocation; commands receive it through `click.pass_obj`.

    root: the project folder, found from the current one when not given. overrides: `-X` settings by dotted name.
    """

    root: Path | None = None
    env: str = ""
    config: Path | None = None
    overrides: dict[str, str] = field(default_factory=dict)

    def folder(self) -> Path:
        """Return the project folder. Raises ConfigError when there is none around the current folder."""
        if self.root is None:
            return find_root(Path.cwd())
        if not (self.root / "schemas").is_dir():
            raise _no_project(f"no schemas/ in {self.root}", "Is the folder of --root spelled right?")
        return self.root

    def environment_name(self) -> str:
        """Return the chosen environment: flag, then AVROAD_ENV, then `local`."""
        return self.env or os.environ.get("AVROAD_ENV", "") or "local"

    def project(self) -> Project:
        """Load contracts and environment. Raises ContractError or ConfigError with every problem."""
        from avroad.project import open_project  # noqa: PLC0415  # heavy: only commands that need it pay for it

        return open_project(self.folder(), self.environment_name(), overrides=self.overrides, config=self.config)

    def project_if_any(self) -> tuple[Project | None, Catalog, str]:
        """Return the project and its catalog; without the usual environment the catalog alone, and why.

        Raises ContractError, and ConfigError where an environment was asked for that cannot be had.
        """
        from avroad.config import load_environment  # noqa: PLC0415  # keeps help fast
        from avroad.contracts import load_catalog  # noqa: PLC0415
        from avroad.project import Project  # noqa: PLC0415

        root, name = self.folder(), self.environment_name()
        catalog = load_catalog(root)
        try:
            environment = load_environment(root, name, overrides=self.overrides, config=self.config)
        except ConfigError as error:
            if self.env:
                raise
            return None, catalog, render(error)
        return Project(root=root, catalog=catalog, environment=environment), catalog, ""


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds both `schemas/` and `admin/`.

    Raises ConfigError when there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "schemas").is_dir() and (folder / "admin").is_dir():
            return folder
    raise _no_project(f"neither in {start} nor above", "Change into the project or give --root DIR.")


def _no_project(found: str, hint: str) -> ConfigError:
    expected = "a folder with schemas/ and admin/"
    return ConfigError("this is not an avroad project", expected=expected, found=found, hint=hint)


@contextmanager
def given_name() -> Iterator[None]:
    """Make a name that nothing has, typed on the command line and looked up inside the block, a mistake of usage.

    The same name inside a program stays UnknownEventType: there it is no slip of the keyboard. Raises ConfigError.
    """
    try:
        yield
    except UnknownEventType as error:
        raise ConfigError(error.message, expected=error.expected, found=error.found, hint=error.hint) from None


def _set_root(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Context).root = value.resolve()


def _set_env(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value:
        ctx.ensure_object(Context).env = value


def _set_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Context).config = value


def _set_overrides(ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> None:
    for item in value:
        name, equals, setting = item.partition("=")
        if not equals or not name:
            # What stands there instead may be `sasl.password:secret`.
            raise click.BadParameter("expected key=value, found no = behind a key", ctx=ctx, param_hint="-X")
        ctx.ensure_object(Context).overrides[name.strip()] = setting


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options every command has: --root, -e, --config and -X, in any position after its name."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    options = (
        click.option("-e", "--env", callback=_set_env, expose_value=False, metavar="NAME", is_eager=True,
                     help="Environment: a file of admin/environments (default: local, or AVROAD_ENV)."),
        click.option("-X", "overrides", callback=_set_overrides, expose_value=False, multiple=True, is_eager=True,
                     metavar="KEY=VALUE", help="Override a setting, e.g. -X bootstrap.servers=host:9092; repeatable."),
        click.option("--config", type=file, callback=_set_config, expose_value=False, is_eager=True,
                     help="A .properties or YAML file of settings over the environment's."),
        click.option("--root", type=folder, callback=_set_root, expose_value=False, is_eager=True,
                     help="Project folder (default: found from the current one)."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command
