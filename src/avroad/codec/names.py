"""Which writer field feeds which reader field: by name or by the reader's aliases, never by guess."""

from __future__ import annotations

from collections import Counter

from avroad.schema import Field, Record

__all__ = ["fields_by_slot"]


def fields_by_slot(writer: Record, reader: Record) -> tuple[list[Field | None], list[tuple[str, str]]]:
    """Return, per reader field, its writer field or None; and what is ambiguous, each (reader field, why).

    Ambiguous is a reader field that two writer fields could feed, and a writer field that two reader fields
    claim: Java's checker and its readers disagree on both, so the data is refused. Two fields that name each other
    as aliases are read by name.
    """
    written = {field.name: field for field in writer.fields}
    if writer is reader:
        return list(writer.fields), []
    by_name = {field.name: field for field in reader.fields}
    if len(by_name) == len(reader.fields) and not any(field.aliases for field in reader.fields):
        return [written.get(name) for name in by_name], []
    hits = [_hits(field, written, by_name) for field in reader.fields]
    claims = Counter(name for names in hits for name in set(names))
    sources: list[Field | None] = []
    wrong: list[tuple[str, str]] = []
    for field, names in zip(reader.fields, hits, strict=True):
        source = None
        if len(names) > 1:
            wrong.append((field.name, f"several writer fields by name and alias: {', '.join(names)}"))
        elif names and claims[names[0]] > 1:
            wrong.append((field.name, f"writer field {names[0]}, which several reader fields claim"))
        elif names:
            source = written[names[0]]
        sources.append(source)
    return sources, wrong


def _hits(field: Field, written: dict[str, Field], by_name: dict[str, Field]) -> list[str]:
    names = [field.name] if field.name in written else []
    for alias in dict.fromkeys(field.aliases):
        if alias not in written or alias == field.name:
            continue
        other = by_name.get(alias)
        if names and other is not None and field.name in other.aliases:
            continue
        names.append(alias)
    return names
