"""`avroad dlq`: what lies in a topic's dead-letter topic, why, and the way back."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from avroad.cli.context import Context, given_name
from avroad.cli.output import emit, output_option, say, table
from avroad.cli.streams import fitted, printable
from avroad.cli.words import counted
from avroad.errors import BrokerError, ConfigError, DestructiveRefused

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.consumer.replay import Letter
    from avroad.model import OutgoingRecord
    from avroad.ports import RecordSink
    from avroad.project import Project

__all__ = ["dlq"]

_BYTES_PER_LINE: Final = 16
_MAX_DUMP_BYTES: Final = 4096
_MAX_KEY: Final = 24
_MAX_NAMED: Final = 8
_FOREIGN: Final = "unknown"
_CLASSES: Final = (
    "malformed", "schema_rejected", "schema_unknown", "contract", "handler_permanent", "handler_exhausted", _FOREIGN,
)  # fmt: skip
"""What a consumer can say of a dead letter, and how one is called that no consumer of ours wrote. Spelled out here
because help must be fast; a test holds it against `Poison`."""

_CLASS_HELP: Final = f"Only this class: {', '.join(_CLASSES)}."

Position: TypeAlias = tuple[int, int]
"""Partition and offset."""


_DLQ_EXAMPLES = """\b
Examples:
  avroad dlq list traffic.events
  avroad dlq show traffic.events 3:0
  avroad dlq replay traffic.events --dry-run
"""

_LIST_LETTERS_EXAMPLES = """\b
Examples:
  avroad dlq list traffic.events
  avroad dlq list traffic.events --class malformed --output json
"""

_SHOW_EXAMPLES = """\b
Examples:
  avroad dlq show traffic.events 3:0
"""

_REPLAY_LETTERS_EXAMPLES = """\b
Examples:
  avroad dlq replay traffic.events --dry-run
  avroad dlq replay traffic.events --class contract --yes
  avroad dlq replay traffic.events --at 3:0
"""


class _PositionType(click.ParamType[Position]):
    name = "position"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        found = re.fullmatch(r"([0-9]{1,10}):([0-9]{1,19})", str(value))
        if found is None:
            self.fail(
                f"expected PARTITION:OFFSET as `dlq list` shows it, e.g. 3:0, found {str(value)[:40]!r}", param, ctx
            )
        return int(found[1]), int(found[2])


@click.group(epilog=_DLQ_EXAMPLES)
def dlq() -> None:
    """List, show and replay dead letters: records a consumer could not handle, kept byte for byte.

    TOPIC is the source topic or its dead-letter topic.
    """


@dlq.command("list", epilog=_LIST_LETTERS_EXAMPLES, short_help="List dead letters: where they lie, and why.")
@click.argument("topic")
@click.option("--class", "kind", type=click.Choice(_CLASSES), metavar="CLASS", help=_CLASS_HELP)
@output_option()
@click.pass_obj
def list_letters(context: Context, *, topic: str, kind: str | None, output: str) -> None:
    """List the dead letters of TOPIC: where they lie, where they lay, and why."""
    _, found = _letters(context.project(), topic)
    letters = [x for x in found if kind in {None, _class(x)}]
    if output == "json":
        emit({"letters": [_document(letter) for letter in letters]})
        if not letters:
            say(_nothing(topic, kind, found))
        return
    if not letters:
        emit(_nothing(topic, kind, found))
        return
    rows = [
        (_place(x), _source(x), _class(x), _key(x), printable(x.why.last_failed) if x.why else "-") for x in letters
    ]
    lines = [table(("at", "from", "class", "key", "failed"), rows)]
    reasons = {printable(x.why.error) for x in letters if x.why and x.why.error}
    lines += ["", *(f"why: {reason}" for reason in sorted(reasons))] if reasons else []
    emit("\n".join(lines))


@dlq.command("show", epilog=_SHOW_EXAMPLES, short_help="Show one dead letter: headers and value.")
@click.argument("topic")
@click.argument("position", metavar="PARTITION:OFFSET", type=_PositionType())
@output_option()
@click.pass_obj
def show(context: Context, *, topic: str, position: Position, output: str) -> None:
    """Show one dead letter: every header, and the value as a hexadecimal dump."""
    name, letters = _letters(context.project(), topic)
    (letter,) = _named(name, letters, [position])
    if output == "json":
        value = letter.record.value
        headers = [[key, _text(item)] for key, item in letter.record.headers]
        emit({**_document(letter), "headers": headers, "value_hex": None if value is None else value.hex()})
        return
    width = max((len(key) for key, _ in letter.record.headers), default=0)
    lines = [f"{name}/{_place(letter)}  from {_source(letter)}  class {_class(letter)}", f"key  {_key(letter)}", ""]
    # Names come from strangers as much as values do, and neither may steer the terminal.
    named = (f"{_text(key.encode()).ljust(width)}  {_text(item)}" for key, item in letter.record.headers)
    lines += [fitted(line, sys.stdout) for line in named]
    lines += ["", *_dump(letter.record.value)]
    emit("\n".join(lines))


@dlq.command("replay", epilog=_REPLAY_LETTERS_EXAMPLES, short_help="Send dead letters back to their topic.")
@click.argument("topic")
@click.option("--class", "kind", type=click.Choice(_CLASSES), metavar="CLASS", help=_CLASS_HELP)
@click.option(
    "--at", "positions", multiple=True, metavar="PARTITION:OFFSET", type=_PositionType(), help="Only these; repeatable."
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def replay_letters(
    context: Context, *, topic: str, kind: str | None, positions: Sequence[Position], dry_run: bool, yes: bool
) -> None:
    """Send dead letters back to TOPIC: original key, value, time and headers.

    The letters stay where they are. A record that came back three times is
    not sent again. Event ids stay the same, so idempotent consumers notice.

    Letters named by --at are sent all or none: a position without a letter
    (of that class) is exit code 64, a letter that cannot go back is 4.
    Nothing to send, when none is named, is 0.
    """
    from avroad.consumer.replay import returned  # noqa: PLC0415  # keeps help fast

    project = context.project()
    name, found = _letters(project, topic)
    source = project.catalog.topic(name).dlq_of
    letters = [x for x in found if kind in {None, _class(x)}]
    if positions:
        letters = _named(name, letters, positions, kind)
    elif not letters:
        emit(f"{_nothing(topic, kind, found)}; nothing to send back")
        return
    back = [(letter, returned(letter, source)) for letter in letters]
    for letter, record in back:
        say(f"{'would send' if dry_run else 'send'} {_place(letter)} to {source}{_note(letter)}" if record
            else f"{'refuse' if positions else 'skip'} {_place(letter)}: {_why_not(letter)}")  # fmt: skip
    records = [record for _, record in back if record is not None]
    if positions and len(records) < len(back):
        raise DestructiveRefused(f"{len(back) - len(records)} of {len(back)} cannot go back, so nothing was sent")
    if dry_run or not records:
        emit(f"{len(records)} of {len(back)} dead letters {'would go' if records else 'can go'} back to {source}")
        return
    sink = project.sink()  # refuses another cluster, so before somebody is asked
    if not yes:
        _confirm(f"Send {counted(len(records), 'record')} to {source}?")
    _send(sink, records, source)


def _send(sink: RecordSink, records: Sequence[OutgoingRecord], topic: str) -> None:
    from avroad.consumer.replay import replay  # noqa: PLC0415  # keeps help fast
    from avroad.model import Outcome  # noqa: PLC0415

    deliveries = replay(records, sink)
    acked = sum(1 for delivery in deliveries if delivery.outcome is Outcome.ACKED)
    emit(f"{acked} of {counted(len(records), 'record')} sent back to {topic}")
    if acked != len(records):
        reason = next(d.reason for d in deliveries if d.outcome is not Outcome.ACKED)
        raise BrokerError(f"{len(records) - acked} were not acknowledged: {reason}")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise DestructiveRefused("nothing was sent: stdin is not a terminal, so nobody was asked", hint="Add --yes.")
    if not click.confirm(fitted(question, sys.stderr), default=False, err=True):
        raise DestructiveRefused("nothing was sent")


def _letters(project: Project, topic: str) -> tuple[str, list[Letter]]:
    """Return the name of the dead-letter topic and what lies in it, oldest first per partition."""
    from avroad.consumer.replay import read_letters  # noqa: PLC0415  # keeps help fast

    with given_name():
        spec = project.catalog.topic(topic)
    name = spec.name if spec.dlq_of else spec.dlq
    if not name:
        raise ConfigError(f"{topic} has no dead-letter topic", expected="dlq: true", found="dlq: false", file=spec.file)
    return name, sorted(read_letters(project.read_all([name])), key=_position)


def _named(
    name: str, letters: Sequence[Letter], positions: Sequence[Position], kind: str | None = None
) -> list[Letter]:
    """Return the letters at positions somebody named, each once. Raises ConfigError when one is not there."""
    at = {_position(letter): letter for letter in letters}
    missing = [position for position in positions if position not in at]
    if missing:
        known = ", ".join(_place(letter) for letter in letters[:_MAX_NAMED]) or "none"
        more = f" and {len(letters) - _MAX_NAMED} more" if len(letters) > _MAX_NAMED else ""
        raise ConfigError(
            f"no dead letter{f' of class {kind}' if kind else ''} at "
            f"{', '.join(f'{partition}:{offset}' for partition, offset in missing[:_MAX_NAMED])} of {name}",
            expected="positions that `dlq list` shows",
            found=f"letters at {known}{more}",
        )
    return [at[position] for position in dict.fromkeys(positions)]


def _nothing(topic: str, kind: str | None, found: Sequence[Letter]) -> str:
    """Return that nothing is there, or nothing of that class, and what is there instead."""
    if not found:
        return f"no dead letters of {topic}"
    counts = Counter(_class(letter) for letter in found).most_common()
    return f"no dead letter of class {kind} of {topic}, only {', '.join(f'{count} {name}' for name, count in counts)}"


def _why_not(letter: Letter) -> str:
    return "not written by avroad" if letter.why is None else f"returned {letter.replays} times already"


def _note(letter: Letter) -> str:
    return "; its own header dlq.replay.count is not ours and counts nothing" if letter.foreign_count else ""


def _position(letter: Letter) -> Position:
    return letter.record.partition, letter.record.offset


def _place(letter: Letter) -> str:
    return f"{letter.record.partition}:{letter.record.offset}"


def _source(letter: Letter) -> str:
    why = letter.why
    return _FOREIGN if why is None else printable(f"{why.source_topic}/{why.source_partition}@{why.source_offset}")


def _class(letter: Letter) -> str:
    return printable(letter.why.poison) if letter.why else _FOREIGN


def _key(letter: Letter) -> str:
    return "-" if letter.record.key is None else _text(letter.record.key)[:_MAX_KEY]


def _text(value: bytes | None) -> str:
    """Return bytes for a terminal: UTF-8 where it is, and never a control character that could steer it."""
    return "null" if value is None else printable(value.decode("utf-8", "backslashreplace"))


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
        "replays": letter.replays,
    }  # fmt: skip


def _dump(value: bytes | None) -> list[str]:
    """Return a hexadecimal dump of at most 4 KiB, with offsets and printable ASCII."""
    if value is None:
        return ["the value is null"]
    lines = [f"value, {counted(len(value), 'byte')}"]
    for start in range(0, min(len(value), _MAX_DUMP_BYTES), _BYTES_PER_LINE):
        piece = value[start : start + _BYTES_PER_LINE]
        ascii_ = "".join(chr(b) if 32 <= b < 127 else "." for b in piece)  # noqa: PLR2004  # printable ASCII
        lines.append(f"{start:06x}  {piece.hex(' ').ljust(_BYTES_PER_LINE * 3)} {ascii_}")
    if len(value) > _MAX_DUMP_BYTES:
        lines.append(f"... {counted(len(value) - _MAX_DUMP_BYTES, 'byte')} more; --output json has them all")
    return lines
