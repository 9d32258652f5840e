"""The root of the error tree, the exit codes, and the one function that turns an error into text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

__all__ = ["AvroadError", "ConfigError", "ExitCode", "Problem", "render"]


class ExitCode(IntEnum):
    """What the process says to its caller; documented in the README and in `avroad --help`."""

    OK = 0
    FAILURE = 1
    CHANGES = 2
    CONTRACT = 3
    REFUSED = 4
    USAGE = 64
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in one place.

    file: path as the user would type it, or "" when no file is involved.
    path: JSONPath-like place inside the file or datum (`$.fields[3].type`).
    expected, found: what the rule wants and what stands there.
    fix: the next step, as a question or a command; may be "".
    line: 1-based line in `file`, or 0 when unknown.
    """

    expected: str
    found: str
    file: str = ""
    path: str = ""
    fix: str = ""
    line: int = 0


class AvroadError(Exception):
    """Root of every error avroad raises on purpose; its attributes carry the parts of the message.

    message: one sentence saying what could not be done; may be "" when `problems` say it all.
    expected, found, path, file, hint: the parts `render` joins.
    problems: every problem found, when one call can find several.
    retriable: whether the same call may succeed later without any change by the user.
    exit_code: what a command that ends with this error exits with.
    """

    retriable: ClassVar[bool] = False
    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init__(
        self,
        message: str = "",
        *,
        expected: str = "",
        found: str = "",
        path: str = "",
        file: str = "",
        hint: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        self.path = path
        self.file = file
        self.hint = hint
        self.problems = problems

    def __str__(self) -> str:
        return render(self)


class ConfigError(AvroadError):
    """A setting, flag or environment file is wrong; nothing was started."""

    exit_code = ExitCode.USAGE


def render(error: AvroadError) -> str:
    """Return the text of `error`: one line, then one line per problem grouped by file.

    Source: the wording rules of CONTRIBUTING.md (expected, found, where, next step).
    """
    lines = [_headline(error)] if _headline(error) else []
    by_file: dict[str, list[Problem]] = {}
    for problem in error.problems:
        by_file.setdefault(problem.file, []).append(problem)
    for problems in by_file.values():
        lines.extend(_problem_line(problem) for problem in problems)
    return "\n".join(lines) or type(error).__name__


def _headline(error: AvroadError) -> str:
    what = error.message
    if error.expected or error.found:
        detail = f"expected {error.expected}, found {error.found}"
        what = f"{what}: {detail}" if what else detail
    if error.file:
        what = f"{error.file}: {what}" if what else error.file
    if error.path:
        what = f"{what} - at {error.path}"
    if error.hint:
        joiner = " " if what.endswith((".", "?", "!", ":")) else ". "
        what = f"{what}{joiner}{error.hint}" if what else error.hint
    return what


def _problem_line(problem: Problem) -> str:
    where = problem.file
    if problem.line:
        where = f"{where}:{problem.line}"
    where = f"{where} {problem.path}".strip()
    text = f"expected {problem.expected}, found {problem.found}"
    if where:
        text = f"{where}: {text}"
    return f"{text}: {problem.fix}" if problem.fix else text
