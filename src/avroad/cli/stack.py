"""`avroad stack`: real Kafka and a registry on this machine, without Docker, Java or rights."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style, table
from avroad.cli.signals import interruptible
from avroad.cli.streams import fitted
from avroad.config.state import state_dir
from avroad.errors import DestructiveRefused, ExitCode, LockError, StackError

if TYPE_CHECKING:
    from pathlib import Path

    from avroad.stack import ServiceStatus, Stack, StackStatus

__all__ = ["stack"]

_DEFAULT_LINES = 40


@click.group(
    epilog="""\b
Examples:
  avroad stack up
  avroad stack status
  avroad stack down
"""
)
def stack() -> None:
    """Run real Apache Kafka and a schema registry on this machine, without Docker.

    The first start fetches about 200 MB into the user's cache folder. Data, logs and state live in .avroad/stack
    of the project; everything listens on 127.0.0.1 only.
    """


@stack.command(
    short_help="Start what is not running, and wait for it.",
    epilog="""\b
Examples:
  avroad stack up
  avroad stack up --brokers 3
  avroad stack up --port 19092 --registry-port 18081
""",
)
@click.option("--brokers", type=click.Choice(["1", "3"]), help="Number of brokers (default: the data's, else 1).")
@click.option(
    "--port", type=click.IntRange(0, 65533), help="First broker's port (default: the data's, else 9092; 0: free ones)."
)
@click.option(
    "--registry-port",
    type=click.IntRange(0, 65535),
    help="Registry's port (default: the data's, else 8081; 0: a free one).",
)
@output_option()
@click.pass_obj
def up(obj: Context, brokers: str | None, port: int | None, registry_port: int | None, output: str) -> None:
    """Start what is not running, and wait until it answers; data of earlier runs is kept.

    Three brokers take three client ports in a row. The ports are kept with the data until others are asked for.
    Ctrl-C stops what was started.
    """
    local = _open(obj, brokers=int(brokers) if brokers else None, port=port, registry_port=registry_port)
    with interruptible():
        report = local.up()
    if report.started:
        say(style(f"up in {report.took_s:.1f} s", "green", stream=sys.stderr))
    else:
        say("already up")
    if output == "json":
        emit(asdict(report))
        return
    emit(f"bootstrap servers  {report.bootstrap_servers}\nregistry           {report.registry_url}")


@stack.command(
    epilog="""\b
Examples:
  avroad stack down
"""
)
@click.pass_obj
def down(obj: Context) -> None:
    """Stop the stack of this project; its data stays. Other processes are never touched."""
    stopped = _open(obj).down()
    say(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@stack.command(
    epilog="""\b
Examples:
  avroad stack status
  avroad stack status --output json

\b
Exit codes: 0 everything runs and answers, 1 something does not.
"""
)
@output_option()
@click.pass_context
def status(ctx: click.Context, output: str) -> None:
    """Show processes, ports, memory and whether each service answers."""
    found = _open(ctx.ensure_object(Context)).status()
    if output == "json":
        emit(asdict(found))
    elif not found.services:
        say("the stack is not running. Run: avroad stack up")
    else:
        emit(_status_text(found))
        if not all(service.recorded for service in found.services):
            say("unrecorded: the state file does not know it; `avroad stack up` starts it again on its data")
    ctx.exit(ExitCode.OK if found.healthy else ExitCode.FAILURE)


@stack.command(
    short_help="Show what broker and registry logged.",
    epilog="""\b
Examples:
  avroad stack logs
  avroad stack logs broker-1 -n 200
  avroad stack logs registry -f
""",
)
@click.argument("service", required=False)
@click.option(
    "-n", "--lines", type=click.IntRange(min=0), default=_DEFAULT_LINES, show_default=True, help="Lines to begin with."
)
@click.option("-f", "--follow", "following", is_flag=True, help="Go on until Ctrl-C or until the stack is down.")
@click.pass_obj
def logs(obj: Context, service: str | None, lines: int, *, following: bool) -> None:
    """Show what broker and registry logged; SERVICE is broker-1, broker-2, broker-3 or registry (default: all)."""
    local = _open(obj)
    from avroad.stack.logs import follow, last_lines  # noqa: PLC0415 -- keeps `avroad --help` fast

    known = {path.stem: path for path in sorted(local.home.log("any").parent.glob("*.log"))}
    known = {name: path for name, path in known.items() if name == "registry" or name.startswith("broker-")}
    if service is not None and service not in known:
        raise StackError(
            "there is no log of this service",
            expected=", ".join(known) or "a stack that was started (avroad stack up)",
            found=service[:60],
        )
    chosen = {service: known[service]} if service else known
    if not chosen:
        say("nothing was logged yet. Run: avroad stack up")
    several = len(chosen) > 1
    for name, path in chosen.items():
        for line in last_lines(path, lines):
            emit(f"{name} | {line}" if several else f"{line}\n", part=True)
    if following:
        with suppress(KeyboardInterrupt), interruptible():  # the usual end, not an interruption of work
            for name, line in follow(chosen, going_on=local.is_running):
                emit(f"{name} | {line}" if several else f"{line}\n", part=True)


@stack.command(
    short_help="Stop the stack and delete all its data.",
    epilog="""\b
Examples:
  avroad stack reset
  avroad stack reset --yes
""",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset(obj: Context, *, yes: bool) -> None:
    """Stop the stack and delete its data: all topics, records and registered schemas. The cache stays.

    A schema lock in .avroad that names them goes as well, with the contract changelog beside it; avroad apply
    writes the next one.
    """
    local = _open(obj)
    from avroad.stack.state import ClusterIdentity  # noqa: PLC0415 -- keeps `avroad --help` fast

    if not yes:
        _confirm(f"Delete every topic, record and schema of the local stack in {local.home.path}?")
    identity = ClusterIdentity.read(local.home.identity)
    stopped = local.reset()
    if identity is not None:
        _drop_locks(state_dir(obj.folder()), identity.cluster_id)
    say("stopped the stack and deleted its data" if stopped else "deleted the stack's data")


def _drop_locks(state: Path, cluster_id: str) -> None:
    """Delete locks and changelogs in the state folder, which git does not keep: their ids went with the data."""
    from avroad.contracts.lock import read_lock  # noqa: PLC0415 -- keeps `avroad --help` fast
    from avroad.contracts.pending import keep_pending, read_pending  # noqa: PLC0415
    from avroad.evolve.changelog import changelog_path  # noqa: PLC0415

    for path in sorted({found.with_name("schemas.lock.json") for found in state.glob("*/schemas.lock.json*")}):
        with suppress(LockError):
            if read_lock(path).cluster_id == cluster_id:
                path.unlink()
                changelog_path(path).unlink(missing_ok=True)
        with suppress(LockError):
            keep_pending(path, [item for item in read_pending(path) if item.cluster_id != cluster_id])


def _open(
    context: Context, *, brokers: int | None = None, port: int | None = None, registry_port: int | None = None
) -> Stack:
    try:
        from avroad.stack import Stack  # noqa: PLC0415 -- keeps `avroad --help` fast
        from avroad.stack.progress import reporter_for  # noqa: PLC0415
    except ImportError as error:
        raise StackError(
            f"the local stack needs the package {error.name}", hint='Run: pip install "avroad[stack]"'
        ) from error
    home = state_dir(context.folder()) / "stack"
    return Stack(home, brokers=brokers, port=port, registry_port=registry_port, reporter=reporter_for(sys.stderr))


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise DestructiveRefused("nothing was deleted: stdin is not a terminal, so nobody was asked", hint="Add --yes.")
    if not click.confirm(fitted(question, sys.stderr), default=False, err=True):
        raise DestructiveRefused("nothing was deleted")


def _status_text(found: StackStatus) -> str:
    from avroad.stack.disk import human_size  # noqa: PLC0415 -- keeps `avroad --help` fast

    rows = [
        (
            service.name,
            service.pid if service.running else "-",
            service.port or "-",
            _health(service),
            _duration(service.uptime_s) if service.running else "-",
            human_size(service.rss_bytes) if service.running else "-",
            service.version or "-",
        )
        for service in found.services
    ]
    facts = (
        ("bootstrap servers", found.bootstrap_servers),
        ("registry", found.registry_url),
        ("cluster", found.cluster_id),
        ("java", found.java_version),
        ("data", human_size(found.data_bytes)),
    )
    return "\n".join(
        [
            table(("service", "pid", "port", "state", "uptime", "memory", "version"), rows),
            "",
            *(f"{name:<19}{value}" for name, value in facts if value),
        ]
    )


def _health(service: ServiceStatus) -> str:
    if not service.recorded:
        return "unrecorded"
    if service.healthy:
        return "healthy"
    return "not answering" if service.running else "ended"


def _duration(seconds: float) -> str:
    """Return a time as people write it: 42s, 3m 5s, 2h 7m, 3d 4h."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {rest}s" if minutes else f"{rest}s"
