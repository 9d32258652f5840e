"""`avroad schema fmt`: one layout for all schema files."""

from __future__ import annotations

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, say
from avroad.cli.streams import printable
from avroad.cli.words import counted
from avroad.errors import ContractError, ExitCode, Problem

__all__ = ["fmt", "outside"]

_EXAMPLES = """\b
Examples:
  avroad schema fmt
  avroad schema fmt --check

\b
Exit codes: 0 done, 3 a file is laid out otherwise (--check) or is no JSON,
64 usage.
"""


@click.command(epilog=_EXAMPLES, short_help="Lay out the schema files in one way.")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when a file would change.")
@click.pass_obj
def fmt(context: Context, *, check: bool) -> int:
    """Lay out every schema file: keys in a fixed order, two spaces, short things on one line of 120 columns.

    The JSON stays the same, documentation included: it is compared before anything is written. A link stays a link:
    its target is laid out, unless that is outside the project.
    """
    from avroad.config.files import FileRefused, read_text  # noqa: PLC0415
    from avroad.config.replace import leads_outside, replace_text  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.layout import layout  # noqa: PLC0415
    from avroad.errors import SchemaSyntaxError  # noqa: PLC0415
    from avroad.schema import MAX_TEXT_BYTES, read_json  # noqa: PLC0415

    root = context.folder()
    changed, problems, seen = list[str](), list[Problem](), 0
    for path in sorted((root / "schemas").glob("*.avsc")):
        shown, seen = path.relative_to(root).as_posix(), seen + 1
        try:
            text = read_text(path, MAX_TEXT_BYTES)
            wanted = layout(read_json(text, file=shown), file=shown)
            same = path.read_bytes() == wanted.encode()
        except FileRefused as refused:
            problems.append(Problem(file=shown, expected=refused.expected, found=refused.found, fix=refused.fix))
            continue
        except SchemaSyntaxError as error:
            found = error.found or error.message
            problems.append(Problem(file=shown, path=error.path, expected=error.expected or "JSON", found=found))
            continue
        if not same and leads_outside(path, root):
            problems.append(outside(shown))
        elif not same:
            changed.append(shown)
            if not check:
                replace_text(path, wanted)
    if changed:
        emit("\n".join(map(printable, changed)))
    if problems:
        raise ContractError("some files cannot be laid out", problems=tuple(problems))
    if check and changed:
        say(f"{len(changed)} of {counted(seen, 'file')} laid out otherwise. Run: avroad schema fmt")
        return ExitCode.CONTRACT
    files = counted(seen, "file")
    laid_out = "is laid out as it" if seen == 1 else "are laid out as they"
    say(f"{files}, {len(changed)} written" if not check else f"{files} {laid_out} should be")
    return ExitCode.OK


def outside(shown: str) -> Problem:
    """Return what is wrong with a file that would be written and leads out of the project."""
    fix = "change the file where it is, or put a copy here"
    return Problem(file=shown, expected="a file of this project", found="a link out of it", fix=fix)
