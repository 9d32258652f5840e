"""The command table, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import difflib
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Final, TextIO

import click

from avroad.cli.context import Context, project_options
from avroad.cli.interrupts import end_on_interrupt, unwind_on_interrupt
from avroad.cli.output import say, style
from avroad.cli.streams import open_closed_streams, printable, silence, write_whole_lines
from avroad.errors import AvroadError, ExitCode

__all__ = ["cli", "run", "run_app"]

_COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "stack": ("avroad.cli.stack:stack", "Run real Kafka and a registry on this machine, without Docker."),
    "plan": ("avroad.cli.plan:plan", "Show what apply would change on cluster and registry."),
    "apply": ("avroad.cli.apply:apply", "Make cluster and registry what the repository declares."),
    "check": ("avroad.cli.check:check", "Report drift between declarations, cluster, registry and lock."),
    "topics": ("avroad.cli.topics:topics", "List and describe topics."),
    "subjects": ("avroad.cli.subjects:subjects", "List and show registered subjects."),
    "schema": ("avroad.cli.schema:schema", "Check, compare and lint schemas; generate typed classes."),
    "evolve": ("avroad.cli.evolve:evolve", "Prove a schema change on real servers before anybody has it."),
    "codec": ("avroad.cli.codec:codec", "Decode, encode and inspect Avro bytes."),
    "dlq": ("avroad.cli.dlq:dlq", "List, show and replay dead letters."),
    "records": ("avroad.cli.records:records", "Send raw records, past every contract."),
    "config": ("avroad.cli.config:config", "Show the settings in force and where each comes from."),
}

_SETTINGS: Final[dict[str, object]] = {"max_content_width": 80, "help_option_names": ["--help", "-h"]}
_EPILOG: Final = """\b
Examples:
  avroad stack up
  avroad plan && avroad apply --yes
  avroad topics list -e local
  avroad dlq list traffic.events

\b
Exit codes: 0 done, 1 failure, 2 changes (only with --detailed-exitcode),
3 contract violation, 4 refused, 64 usage or configuration, 130 interrupted.
"""


class _LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, so that help stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        _give_project_options(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            close = difflib.get_close_matches(name, _COMMANDS, n=1)
            did_you_mean = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"No such command {name[:60]!r}.{did_you_mean}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _give_project_options(command: click.Command) -> None:
    """Add --root, -e, --config and -X to every leaf command, so that they may follow its name."""
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _give_project_options(child)
    elif not any(param.name == "overrides" for param in command.params):
        shell = click.Command("options")
        project_options(shell)
        command.params.extend(shell.params)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's signature
    if value:
        from importlib.metadata import version  # noqa: PLC0415  # 20 ms that only --version needs

        click.echo(f"avroad {version('avroad')}")
        ctx.exit()


@click.group(
    cls=_LazyGroup,
    epilog=_EPILOG,
    invoke_without_command=True,
    context_settings=_SETTINGS,
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@project_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Avro contracts in git; subjects, topics, typed producers and safe consumers on Apache Kafka follow from them."""
    ctx.ensure_object(Context)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str], command: click.Command = cli, name: str = "avroad") -> int:
    """Run a command and return its exit code; a user's mistake ends as one message on stderr, never a traceback."""
    open_closed_streams()
    write_whole_lines()
    stdout = sys.stdout
    for stream in (stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter is no failure
    code = _run(arguments, command, name, stdout)
    try:
        sys.stdout.flush()  # what a full disk refuses is known only now, or else when Python has ended
    except OSError as error:
        silence(sys.stdout)
        return code or _system_failure(error)
    return code


def _run(arguments: Sequence[str], command: click.Command, name: str, stdout: TextIO) -> int:
    try:
        result = command.main(list(arguments), prog_name=name, standalone_mode=False, obj=Context())
    except SystemExit as end:
        if sys.stdout is stdout:
            return int(end.code or 0)
        # click ends the process itself, and replaces stdout, when the reader of a pipe went away (`| head`). What is
        # left in the stream it replaced is flushed at exit; since Python 3.13 a failure of that is printed.
        silence(stdout)
        return ExitCode.OK
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return ExitCode.OK
    except click.UsageError as error:
        _show_usage(error)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        _say_error(error.format_message())
        return ExitCode.FAILURE
    except AvroadError as error:
        _say_error(str(error))
        return error.exit_code
    except UnicodeEncodeError:
        # Bytes of the command line that are not UTF-8 come as halves of characters; the first to write them fails.
        _say_error("something on the command line is not UTF-8 text")
        return ExitCode.USAGE
    except OSError as error:
        return _system_failure(error)
    return result if isinstance(result, int) else ExitCode.OK


def run_app(command: click.Command) -> None:
    """Run an application's click command as a process: project options, our errors, our exit codes.

    Its module calls `end_on_interrupt` before it imports anything else.
    """
    unwind_on_interrupt()
    _give_project_options(command)
    command.context_settings.update(_SETTINGS)
    code = run(sys.argv[1:], command, f"python -m {_module_name()}")
    end_on_interrupt()
    sys.exit(code)


def _module_name() -> str:
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return spec.name if spec is not None else os.path.basename(sys.argv[0])  # noqa: PTH119  # only a name to show


def _show_usage(error: click.UsageError) -> None:
    if error.ctx is not None:
        say(error.ctx.get_usage())
    _say_error(error.format_message())
    if error.ctx is not None:
        say(f"Try: {error.ctx.command_path} --help")


def _say_error(text: str) -> None:
    """Write it as one that steers no terminal, whatever names of files and words of the command line stand in it."""
    plain = "\n".join(map(printable, text.split("\n")))
    say(f"{style('error:', 'red', 'bold', stream=sys.stderr)} {plain}")


def _system_failure(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        silence(sys.stdout)  # the reader of a pipe went away (`| head`)
        return ExitCode.OK
    if os.environ.get("AVROAD_DEBUG"):
        raise error
    hint = " Free some space and run the command again." if error.errno == errno.ENOSPC else ""
    place = f"{error.filename}: " if error.filename else ""
    _say_error(f"{place}{error.strerror or error}.{hint}")
    return ExitCode.FAILURE
