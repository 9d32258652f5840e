"""`avroad topics`: what topics there are, which of them are ours, and everything about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, table
from avroad.cli.words import counted

if TYPE_CHECKING:  # the commands' imports stay inside them: help must be fast
    from avroad.model import ConfigEntry, PartitionState, TopicSpec, TopicState
    from avroad.project import Project

__all__ = ["topics"]

_WIDTH: Final = 80


_TOPICS_EXAMPLES = """\b
Examples:
  avroad topics list
  avroad topics list --all --output json
  avroad topics describe traffic.events
"""

_LIST_TOPICS_EXAMPLES = """\b
Examples:
  avroad topics list
  avroad topics list -e production --output json
"""

_DESCRIBE_EXAMPLES = """\b
Examples:
  avroad topics describe traffic.events
  avroad topics describe traffic.events.dlq --all
"""


@click.group(epilog=_TOPICS_EXAMPLES)
def topics() -> None:
    """List and describe topics."""


@topics.command(
    "list", epilog=_LIST_TOPICS_EXAMPLES, short_help="List topics with partitions, replicas, owner and state."
)
@output_option()
@click.option("--all", "everything", is_flag=True, help="Internal topics too.")
@click.pass_obj
def list_topics(context: Context, *, output: str, everything: bool) -> None:
    """List declared and other topics with partitions, replicas, owner and state.

    \b
    State: managed (declared and there), missing (declared only), unmanaged
    (there only, never touched), internal (Kafka's own).
    """  # noqa: D301  # click's mark for a block that keeps its lines
    from avroad.admin.drift import is_internal  # noqa: PLC0415  # keeps help fast

    project = context.project()
    found = project.observe([]).topics
    rows = []
    for name in sorted({*found, *project.catalog.topics}):
        state, spec = found.get(name), project.catalog.topics.get(name)
        internal = spec is None and (is_internal(name) or (state is not None and state.internal))
        if internal and not everything:
            continue
        rows.append({
            "name": name,
            "partitions": len(state.partitions) if state else None,
            "replication_factor": state.replication_factor if state else None,
            "owner": spec.owner if spec else "",
            "carries": _carries(spec),
            "state": "internal" if internal else _state(state, spec),
        })  # fmt: skip
    emit({"topics": rows} if output == "json" else _list_text(rows))


@topics.command("describe", epilog=_DESCRIBE_EXAMPLES, short_help="Show everything about one topic.")
@click.argument("name")
@output_option()
@click.option("--all", "everything", is_flag=True, help="Settings the topic does not set itself too.")
@click.pass_obj
def describe(context: Context, *, name: str, output: str, everything: bool) -> None:
    """Show one topic: partitions, leaders, replicas, offsets, settings with their source, types, owner.

    Records are counted as the distance between first and next offset; compaction and transactions leave gaps, so
    there may be fewer.
    """
    project = context.project()
    found = project.observe([name]).topics
    state, spec = found.get(name), project.catalog.topics.get(name)
    if state is None and spec is None:
        raise _unknown(name, {*found, *project.catalog.topics})
    offsets = _offsets(project, state) if state else {}
    document = _description(name, state, spec, offsets)
    if output == "json":
        emit(document)
    else:
        emit(_describe_text(document, state, offsets, everything=everything))


def _unknown(name: str, known: Iterable[str]) -> click.BadParameter:
    import difflib  # noqa: PLC0415  # only for mistakes

    close = difflib.get_close_matches(name, sorted(known), n=1)
    hint = f"Did you mean {close[0]}?" if close else "See: avroad topics list --all"
    return click.BadParameter(
        f"the cluster has no topic {name[:250]!r} and none is declared. {hint}", param_hint="NAME"
    )


def _offsets(project: Project, state: TopicState) -> dict[int, tuple[int, int]]:
    """Return first and next offset per partition that has a leader to ask."""
    source = project.source()
    try:
        return {item.id: source.watermarks((state.name, item.id)) for item in state.partitions if item.leader >= 0}
    finally:
        source.close(0.0)


def _state(state: TopicState | None, spec: TopicSpec | None) -> str:
    if spec is None:
        return "unmanaged"
    return "managed" if state else "missing"


def _carries(spec: TopicSpec | None) -> list[str]:
    return list(spec.values) if spec else []


def _list_text(rows: list[dict[str, Any]]) -> str:
    cells = [
        [
            row["name"],
            _or_dash(row["partitions"]),
            _or_dash(row["replication_factor"]),
            row["state"],
            row["owner"] or "-",
        ]
        for row in rows
    ]
    width = max((sum(len(str(cell)) + 2 for cell in line) for line in cells), default=0)
    room = max(_WIDTH - max(width, 46), 10)
    for line, row in zip(cells, rows, strict=True):
        line.append(_shortened(row["carries"], room))
    return table(["topic", "parts", "repl", "state", "owner", "carries"], cells)


def _shortened(names: list[str], room: int) -> str:
    text = ", ".join(names) or "-"
    return text if len(text) <= room else counted(len(names), "type")


def _or_dash(value: object) -> object:
    return "-" if value is None else value


def _description(
    name: str, state: TopicState | None, spec: TopicSpec | None, offsets: Mapping[int, tuple[int, int]]
) -> dict[str, Any]:
    return {
        "name": name,
        "state": "internal" if state and state.internal else _state(state, spec),
        "description": spec.description if spec else "",
        "owner": spec.owner if spec else "",
        "carries": _carries(spec),
        "subjects": [spec.subject(value) for value in spec.values] if spec else [],
        "key_from": spec.key_from if spec else "",
        "dead_letters": spec.dlq if spec else "",
        "dead_letters_of": spec.dlq_of if spec else "",
        "topic_id": state.topic_id if state else "",
        "records": sum(end - start for start, end in offsets.values()) if state else None,
        "partitions": [_partition(item, offsets) for item in state.partitions] if state else [],
        "config": {key: _entry(item) for key, item in sorted(state.config.items())} if state else {},
    }


def _partition(item: PartitionState, offsets: Mapping[int, tuple[int, int]]) -> dict[str, Any]:
    first, following = offsets.get(item.id, (None, None))
    return {
        "id": item.id,
        "leader": item.leader,
        "replicas": list(item.replicas),
        "in_sync": list(item.isrs),
        "first_offset": first,
        "next_offset": following,
    }


def _entry(item: ConfigEntry) -> dict[str, Any]:
    return {"value": item.value, "source": item.source.value}


def _describe_text(
    document: Mapping[str, Any], state: TopicState | None, offsets: Mapping[int, tuple[int, int]], *, everything: bool
) -> str:
    from avroad.admin.settings import shown  # noqa: PLC0415  # keeps help fast

    lines = [f"{document['name']}  ({document['state']})"]
    if document["description"]:
        lines.append(f"  {document['description']}")
    facts = (
        ("owner", document["owner"]),
        ("carries", ", ".join(document["carries"])),
        ("key", document["key_from"]),
        ("dead letters", document["dead_letters"]),
        ("dead letters of", document["dead_letters_of"]),
        ("topic id", document["topic_id"]),
    )
    lines += [f"  {label.ljust(15)}  {value}" for label, value in facts if value]
    if state is None:
        return "\n".join([*lines, "", "It is declared and not on the cluster yet. Run: avroad plan"])
    lines.append(f"  {'records'.ljust(15)}  {document['records']:,}")
    rows = []
    for item in state.partitions:
        first, following = offsets.get(item.id, (0, 0))
        known = item.id in offsets
        rows.append([
            item.id, item.leader if item.leader >= 0 else "none", _ids(item.replicas), _ids(item.isrs),
            first if known else "-", following if known else "-", following - first if known else "-",
        ])  # fmt: skip
    columns = ["partition", "leader", "replicas", "in sync", "first", "next", "records"]
    lines += ["", table(columns, rows)]
    settings = [
        [key, shown(key, item.value), item.source.value]
        for key, item in sorted(state.config.items())
        if everything or item.source.value != "default"
    ]
    lines += ["", table(["setting", "value", "source"], settings)] if settings else []
    if not everything and len(settings) < len(state.config):
        lines.append(f"{len(state.config) - len(settings)} more at Kafka's default; --all shows them.")
    return "\n".join(lines)


def _ids(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in numbers) or "none"
