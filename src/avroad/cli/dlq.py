"""`avroad dlq`: what lies in a topic's dead-letter topic, why, and the way back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, table
from avroad.errors import BrokerError, ConfigError, DestructiveRefused

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.consumer.replay import Letter
    from avroad.project import Project

__all__ = ["dlq"]

_BYTES_PER_LINE: Final = 16
_MAX_DUMP_BYTES: Final = 4096
_MAX_KEY: Final = 24


@click.group()
def dlq() -> None:
    """List, show and replay dead letters: records a consumer could not handle, kept byte for byte.

    TOPIC is the source topic or its dead-letter topic.

    \b
    Examples:
      avroad dlq list traffic.events
      avroad dlq show traffic.events 3:0
      avroad dlq replay traffic.events --dry-run
    """  # noqa: D301  # click's mark for a block that keeps its lines


@dlq.command("list", short_help="List dead letters: where they lie, and why.")
@click.argument("topic")
@click.option("--class", "kind", help="Only this class, e.g. malformed or contract.")
@output_option()
@click.pass_obj
def list_letters(context: Context, *, topic: str, kind: str | None, output: str) -> None:
    """List the dead letters of TOPIC: where they lie, where they lay, and why.

    \b
    Examples:
      avroad dlq list traffic.events
      avroad dlq list traffic.events --class malformed --output json
    """  # noqa: D301  # click's mark for a block that keeps its lines
    project = context.project()
    _, letters = _letters(project, topic, kind)
    if output == "json":
        emit({"letters": [_document(letter) for letter in letters]})
        return
    if not letters:
        emit(f"no dead letters of {topic}")
        return
    rows = [(_position(x), _source(x), _class(x), _key(x), x.why.last_failed if x.why else "-") for x in letters]
    lines = [table(("at", "from", "class", "key", "failed"), rows)]
    reasons = {x.why.error for x in letters if x.why and x.why.error}
    lines += ["", *(f"why: {reason}" for reason in sorted(reasons))] if reasons else []
    emit("\n".join(lines))


@dlq.command("show", short_help="Show one dead letter: headers and value.")
@click.argument("topic")
@click.argument("position", metavar="PARTITION:OFFSET")
@output_option()
@click.pass_obj
def show(context: Context, *, topic: str, position: str, output: str) -> None:
    """Show one dead letter: every header, and the value as a hexadecimal dump.

    \b
    Examples:
      avroad dlq show traffic.events 3:0
    """  # noqa: D301  # click's mark for a block that keeps its lines
    project = context.project()
    name, letters = _letters(project, topic, None)
    letter = next((x for x in letters if _position(x) == position), None)
    if letter is None:
        known = ", ".join(_position(x) for x in letters[:8]) or "none"
        raise ConfigError(f"no dead letter at {position[:40]} of {name}", expected="a position that `dlq list` shows",
                          found=f"letters at {known}")  # fmt: skip
    if output == "json":
        value = letter.record.value
        headers = [[key, _text(item)] for key, item in letter.record.headers]
        emit({**_document(letter), "headers": headers, "value_hex": None if value is None else value.hex()})
        return
    width = max((len(key) for key, _ in letter.record.headers), default=0)
    lines = [f"{name}/{position}  from {_source(letter)}  class {_class(letter)}", f"key  {_key(letter)}", ""]
    # Names come from strangers as much as values do, and neither may steer the terminal.
    lines += [f"{_text(key.encode()).ljust(width)}  {_text(item)}" for key, item in letter.record.headers]
    lines += ["", *_dump(letter.record.value)]
    emit("\n".join(lines))


@dlq.command("replay", short_help="Send dead letters back to their topic.")
@click.argument("topic")
@click.option("--class", "kind", help="Only this class.")
@click.option("--at", "positions", multiple=True, metavar="PARTITION:OFFSET", help="Only these; repeatable.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def replay_letters(
    context: Context, *, topic: str, kind: str | None, positions: Sequence[str], dry_run: bool, yes: bool
) -> None:
    """Send dead letters back to TOPIC: original key, value, time and headers.

    The letters stay where they are. A record that came back three times is
    not sent again. Event ids stay the same, so idempotent consumers notice.

    \b
    Examples:
      avroad dlq replay traffic.events --dry-run
      avroad dlq replay traffic.events --class contract --yes
      avroad dlq replay traffic.events --at 3:0
    """  # noqa: D301  # click's mark for a block that keeps its lines
    from avroad.consumer.replay import replay, returned  # noqa: PLC0415  # keeps help fast
    from avroad.model import Outcome  # noqa: PLC0415

    project = context.project()
    name, letters = _letters(project, topic, kind)
    chosen = [x for x in letters if not positions or _position(x) in positions]
    source = project.catalog.topic(name).dlq_of
    back = [(letter, returned(letter, source)) for letter in chosen]
    records = [record for _, record in back if record is not None]
    for letter, record in back:
        say(f"{'would send' if dry_run else 'send'} {_position(letter)} to {source}" if record
            else f"skip {_position(letter)}: not written by avroad, or returned too often")  # fmt: skip
    if dry_run or not records:
        emit(f"{len(records)} of {len(chosen)} dead letters {'would go' if records else 'can go'} back to {source}")
        return
    sink = project.sink()  # refuses another cluster, so before somebody is asked
    if not yes:
        _confirm(f"Send {len(records)} records to {source}?")
    deliveries = replay(records, sink)
    acked = sum(1 for delivery in deliveries if delivery.outcome is Outcome.ACKED)
    emit(f"{acked} of {len(records)} records were sent back to {source}")
    if acked != len(records):
        reason = next(d.reason for d in deliveries if d.outcome is not Outcome.ACKED)
        raise BrokerError(f"{len(records) - acked} were not acknowledged: {reason}")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise DestructiveRefused("nothing was sent: nobody was there to confirm it", hint="Add --yes.")
    if not click.confirm(question, default=False, err=True):
        raise DestructiveRefused("nothing was sent")


def _letters(project: Project, topic: str, kind: str | None) -> tuple[str, list[Letter]]:
    """Return the name of the dead-letter topic and what lies in it, oldest first per partition."""
    from avroad.consumer.replay import read_letters  # noqa: PLC0415  # keeps help fast

    spec = project.catalog.topic(topic)
    name = spec.name if spec.dlq_of else spec.dlq
    if not name:
        raise ConfigError(f"{topic} has no dead-letter topic", expected="dlq: true", found="dlq: false", file=spec.file)
    letters = read_letters(project.read_all([name]))
    kept = [x for x in letters if kind is None or (x.why is not None and x.why.poison == kind)]
    return name, sorted(kept, key=lambda x: (x.record.partition, x.record.offset))


def _position(letter: Letter) -> str:
    return f"{letter.record.partition}:{letter.record.offset}"


def _source(letter: Letter) -> str:
    why = letter.why
    return "unknown" if why is None else f"{why.source_topic}/{why.source_partition}@{why.source_offset}"


def _class(letter: Letter) -> str:
    return letter.why.poison if letter.why else "unknown"


def _key(letter: Letter) -> str:
    return "-" if letter.record.key is None else _text(letter.record.key)[:_MAX_KEY]


def _text(value: bytes | None) -> str:
    """Return bytes for a terminal: UTF-8 where it is, and never a control character that could steer it."""
    if value is None:
        return "null"
    text = value.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _document(letter: Letter) -> dict[str, Any]:
    why = letter.why
    return {
        "partition": letter.record.partition,
        "offset": letter.record.offset,
        "key": None if letter.record.key is None else _text(letter.record.key),
        "class": _class(letter),
        "error": why.error if why else "",
        "error_class": why.error_class if why else "",
        "source": None if why is None else
        {"topic": why.source_topic, "partition": why.source_partition, "offset": why.source_offset},
        "group": why.group if why else "",
        "attempts": why.attempts if why else 0,
        "first_failed": why.first_failed if why else "",
        "last_failed": why.last_failed if why else "",
        "sha256": why.sha256 if why else "",
        "replays": why.replays if why else 0,
    }  # fmt: skip


def _dump(value: bytes | None) -> list[str]:
    """Return a hexadecimal dump of at most 4 KiB, with offsets and printable ASCII."""
    if value is None:
        return ["the value is null"]
    lines = [f"value, {len(value)} bytes"]
    for start in range(0, min(len(value), _MAX_DUMP_BYTES), _BYTES_PER_LINE):
        piece = value[start : start + _BYTES_PER_LINE]
        ascii_ = "".join(chr(b) if 32 <= b < 127 else "." for b in piece)  # noqa: PLR2004  # printable ASCII
        lines.append(f"{start:06x}  {piece.hex(' ').ljust(_BYTES_PER_LINE * 3)} {ascii_}")
    if len(value) > _MAX_DUMP_BYTES:
        lines.append(f"... {len(value) - _MAX_DUMP_BYTES} bytes more; --output json has them all")
    return lines
