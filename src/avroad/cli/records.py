"""`avroad records`: raw records, as bytes, past every contract. For testing what consumers do with them."""

from __future__ import annotations

import binascii
from pathlib import Path

import click

from avroad.cli.context import Context, given_name
from avroad.cli.output import emit, output_option
from avroad.cli.words import counted
from avroad.errors import BrokerError, ConfigError

__all__ = ["records"]

_MAX_BYTES = 16 * 1024 * 1024  # what the producer takes at most


_RECORDS_EXAMPLES = """\b
Examples:
  avroad records send traffic.events --key demo --hex 00ffffffff7f
"""

_SEND_EXAMPLES = """\b
Examples:
  avroad records send traffic.events --key demo --hex '00 ff ff ff ff 7f'
  avroad records send traffic.events --key demo --file record.bin
  avroad records send traffic.cameras --key camera:1 --tombstone
"""


@click.group(epilog=_RECORDS_EXAMPLES)
def records() -> None:
    """Send raw records."""


@records.command("send", epilog=_SEND_EXAMPLES, short_help="Send one record of raw bytes to a topic.")
@click.argument("topic")
@click.option("--key", help="The record key as text; none when left out.")
@click.option("--hex", "hexadecimal", help="The value in hexadecimal; spaces are allowed.")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The value as it is here.")
@click.option("--tombstone", is_flag=True, help="A null value.")
@output_option()
@click.pass_obj
def send(
    context: Context, *, topic: str, key: str | None, hexadecimal: str | None, file: Path | None, tombstone: bool,
    output: str,
) -> None:  # fmt: skip
    """Send one record of raw bytes to a declared topic; nothing is encoded or checked."""
    from avroad.consumer.replay import replay  # noqa: PLC0415  # keeps help fast
    from avroad.model import Outcome, OutgoingRecord  # noqa: PLC0415

    value, key_bytes = _value(hexadecimal, file, tombstone=tombstone), _key(key)
    project = context.project()
    with given_name():
        spec = project.catalog.topic(topic)
    sink = project.sink()
    sink.partitions(spec.name)  # says at once, and why, when no broker answers or the topic is not there
    record = OutgoingRecord(topic=spec.name, key=key_bytes, value=value)
    (delivery,) = replay([record], sink)
    if delivery.outcome is not Outcome.ACKED:
        raise BrokerError(f"the record was not acknowledged: {delivery.outcome}: {delivery.reason}")
    size = "null" if value is None else counted(len(value), "byte")
    if output == "json":
        emit({"topic": topic, "partition": delivery.partition, "offset": delivery.offset})
    else:
        emit(f"sent {size} to {topic}, partition {delivery.partition}, offset {delivery.offset}")


def _key(text: str | None) -> bytes | None:
    try:
        return None if text is None else text.encode()
    except UnicodeEncodeError:
        raise ConfigError("the key cannot be sent", expected="UTF-8 text", found="other bytes",
                          path="--key") from None  # fmt: skip


def _value(hexadecimal: str | None, file: Path | None, *, tombstone: bool) -> bytes | None:
    from avroad.config.files import FileRefused, read_bytes  # noqa: PLC0415  # keeps help fast

    given = [
        name for name, on in (("--hex", hexadecimal is not None), ("--file", file), ("--tombstone", tombstone)) if on
    ]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise ConfigError("give the value once", expected="one of --hex, --file and --tombstone", found=found)
    if file is not None:
        try:
            return read_bytes(file, _MAX_BYTES)
        except FileRefused as refused:
            raise ConfigError("the value cannot be read", expected=refused.expected, found=refused.found,
                              file=str(file)) from None  # fmt: skip
    if hexadecimal is None:
        return None
    try:
        return binascii.unhexlify("".join(hexadecimal.split()))
    except (binascii.Error, ValueError):
        raise ConfigError("the value cannot be read", expected="pairs of hexadecimal digits", found="others",
                          path="--hex") from None  # fmt: skip
