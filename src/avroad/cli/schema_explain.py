"""`avroad schema explain`: what a rule or an error means, with an example and the cure, offline."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from avroad.cli.output import emit, output_option, style

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.contracts.rule import Rule
    from avroad.errors import AvroadError

__all__ = ["explain"]

_WIDTH = 80
_EXAMPLES = """\b
Examples:
  avroad schema explain
  avroad schema explain RENAME_WITHOUT_ALIAS
  avroad schema explain StalePlan
  avroad schema explain 42201

\b
Exit codes: 0 done, 64 usage: nothing is called so.
"""


@click.command(epilog=_EXAMPLES, short_help="Say what a rule or an error means, and the cure.")
@click.argument("name", metavar="[RULE|ERROR|CODE]", default="")
@output_option()
def explain(name: str, output: str) -> None:
    """Say what a rule or an error means, whom it hits, and what to do; without a name, list all there are.

    The registry's error codes are known by number and by name.
    """
    from avroad.cli.explain_codes import code_json, code_lines, find_code  # noqa: PLC0415  # keeps help fast

    rules, errors = _known()
    if not name:
        listed = {"rules": _listed(rules), "errors": _summaries(errors), "registry_codes": code_json()}
        emit(listed if output == "json" else _index(rules, errors))
        return
    folded = {key.casefold(): key for key in (*rules, *errors)}
    key = folded.get(name.strip().replace("-", "_").casefold())
    code = find_code(name) if key is None else None
    if code is not None:
        [entry] = [item for item in code_json() if item["code"] == code]
        emit(entry if output == "json" else "\n".join(code_lines(code)))
        return
    if key is None:
        from avroad.config.shape import did_you_mean  # noqa: PLC0415  # keeps help fast

        close = did_you_mean(name.strip().casefold(), folded, cutoff=0.5)
        for low, true in folded.items():
            close = close.replace(f'"{low}"', f'"{true}"')
        raise click.UsageError(
            f'no rule, error or code is called "{name[:60]}": {close or "avroad schema explain lists all"}'
        )
    if key in errors:
        _emit_error(errors[key], output)
    elif output == "json":
        emit(_rule_json(rules[key]))
    else:
        emit("\n".join(_rule_lines(rules[key])))


def _known() -> tuple[dict[str, Rule], dict[str, type[AvroadError]]]:
    """Return all rules and all errors by name."""
    import avroad.errors as tree  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.compat.rules import RULES  # noqa: PLC0415
    from avroad.contracts.lint import LINT_RULES  # noqa: PLC0415

    found = (getattr(tree, name) for name in tree.__all__)
    errors = {item.__name__: item for item in found if inspect.isclass(item) and issubclass(item, tree.AvroadError)}
    return {**RULES, **LINT_RULES}, errors


def _index(rules: Mapping[str, Rule], errors: Mapping[str, type[AvroadError]]) -> str:
    from avroad.cli.explain_codes import code_index  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.lint import LINT_RULES  # noqa: PLC0415

    lint = [(rule.id, rule.summary) for rule in LINT_RULES.values()]
    pairs = [(rule.id, rule.summary) for rule in rules.values() if rule.id not in LINT_RULES]
    parts = [
        ("Rules of comparing two versions", pairs),
        ("Rules of one schema (avroad schema lint)", lint),
        ("Errors", list(_summaries(errors).items())),
    ]
    lines: list[str] = []
    for title, entries in parts:
        lines += ["", style(title, "bold")] if lines else [style(title, "bold")]
        for name, summary in entries:
            lines += [f"  {name}", *_wrapped(summary, "      ")]
    lines += ["", style("Error codes of the registry", "bold"), *code_index()]
    return "\n".join(lines)


def _listed(rules: Mapping[str, Rule]) -> list[dict[str, str]]:
    return [_rule_json(rule) for rule in rules.values()]


def _summaries(errors: Mapping[str, type[AvroadError]]) -> dict[str, str]:
    return {name: (inspect.getdoc(error) or "").partition("\n")[0] for name, error in errors.items()}


def _rule_json(rule: Rule) -> dict[str, str]:
    return {
        "id": rule.id,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "why": rule.why,
        "before": rule.before,
        "after": rule.after,
        "cured": rule.cured,
        "cure": rule.cure,
        "source": rule.source,
    }


def _rule_lines(rule: Rule) -> Iterator[str]:
    colour = {"error": "red", "warning": "yellow", "info": "cyan"}[rule.severity.value]
    yield f"{style(rule.id, 'bold')}  {style(rule.severity.value, colour)}"
    yield from _wrapped(rule.summary, "")
    yield ""
    yield from _wrapped(f"Why: {rule.why}", "")
    examples = (("Before:", rule.before), ("After:" if rule.before else "Example:", rule.after), ("Cured:", rule.cured))
    for title, text in examples:
        if text:
            yield from ("", title, *_schema_lines(text))
    yield ""
    yield from _wrapped(f"Cure: {rule.cure}", "")
    if rule.source:
        yield ""
        yield from _wrapped(f"Source: {rule.source}", "")


def _schema_lines(text: str) -> Iterator[str]:
    """Yield an example, laid out as schema files are when it is one schema, as it stands otherwise."""
    from avroad.contracts.layout import layout  # noqa: PLC0415  # keeps help fast

    try:
        value = json.loads(text)
    except ValueError:
        value = None  # fields side by side, as they stand in a record
    if value is None or len(text) + 4 <= _WIDTH:
        yield from _wrapped(text, "    ")
        return
    for line in layout(value, width=_WIDTH - 4).splitlines():
        yield f"    {line}"


def _emit_error(error: type[AvroadError], output: str) -> None:
    from avroad.cli.explain_errors import ERROR_WORDS  # noqa: PLC0415  # keeps help fast

    words = ERROR_WORDS[error.__name__]
    doc = inspect.getdoc(error) or ""
    parents = [cls.__name__ for cls in error.__mro__[1:] if cls.__module__.startswith("avroad.errors")]
    if output == "json":
        emit(
            {
                "id": error.__name__,
                "summary": doc.partition("\n")[0],
                "doc": doc,
                "exit_code": int(error.exit_code),
                "retriable": error.retriable,
                "is_a": parents,
                "example": words.example,
                "cure": words.cure,
            }
        )
        return
    again = "The same call may succeed later." if error.retriable else "Repeating the call does not help."
    lines = [style(error.__name__, "bold"), *(line for part in doc.splitlines() for line in _wrapped(part, ""))]
    lines += ["", *_wrapped(f"Exit code {int(error.exit_code)}. {again}", "")]
    if parents:
        lines += _wrapped(f"Is a: {', '.join(parents)}", "")
    lines += ["", *_wrapped(f"Example: {words.example}", ""), "", *_wrapped(f"Cure: {words.cure}", "")]
    emit("\n".join(lines))


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False) or [""]
