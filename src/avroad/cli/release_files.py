"""What releases keep on this machine: results of rehearsals, and entries of the changelog still to be written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from avroad.config.filelock import LockBusy, exclusive
from avroad.config.files import FileRefused, read_bytes, read_text
from avroad.config.replace import replace_text
from avroad.config.state import state_dir
from avroad.errors import AvroadError, ConfigError
from avroad.evolve.certificate import Certificate, certificates_json, read_certificates
from avroad.evolve.changelog import Entry

__all__ = ["ReleaseFiles", "given_certificates", "read_changelog"]

_MAX_BYTES: Final = 64 * 1024 * 1024
_WAIT_S: Final = 10.0
_KEYS: Final = ("subject", "fingerprint", "day", "body")


class ReleaseFiles:
    """The files of one environment, in the project's state folder."""

    def __init__(self, root: Path, environment: str) -> None:
        """root: the project's folder; nothing need be there."""
        folder = state_dir(root) / environment
        self._certificates, self._pending = folder / "rehearsed.json", folder / "release.pending.json"
        self._lock, self._keeping = folder / "release.lock", folder / "rehearsed.lock"

    def certificates(self) -> dict[str, Certificate]:
        """Return the newest certificate of each subject that was rehearsed here. Raises ConfigError."""
        if not self._certificates.exists():
            return {}
        return read_certificates(_document(self._certificates), str(self._certificates))

    def keep(self, certificates: Iterable[Certificate]) -> None:
        """Keep certificates in place of older ones of the same subjects. Raises OSError, AvroadError."""
        try:
            with exclusive(self._keeping, wait_s=_WAIT_S):
                try:
                    known = self.certificates()
                except ConfigError:
                    known = {}  # nobody can use what cannot be read
                known |= {each.subject: each for each in certificates}
                _write(self._certificates, {"certificates": certificates_json(known.values())})
        except LockBusy:
            raise AvroadError("the result is not kept for a release: another rehearsal keeps its own",
                              hint="Run the command again.") from None  # fmt: skip

    def alone(self) -> AbstractContextManager[None]:
        """Hold what lets one release at a time write. Raises LockBusy at once when another one does."""
        return exclusive(self._lock)

    def pending(self) -> tuple[Entry, ...]:
        """Return the entries that a run before meant to write. Raises ConfigError for a file nobody can use."""
        if not self._pending.exists():
            return ()
        document = _document(self._pending)
        listed = document.get("entries") if isinstance(document, dict) else None
        if not isinstance(listed, list) or not all(
            isinstance(item, dict) and item.keys() == set(_KEYS) and all(isinstance(item[key], str) for key in _KEYS)
            for item in listed
        ):
            raise ConfigError(
                "entries of the changelog that are still to be written cannot be read", file=str(self._pending),
                hint="Delete the file to go on without them.",
            )  # fmt: skip
        return tuple(Entry(**item) for item in listed)

    def set_pending(self, entries: Sequence[Entry]) -> None:
        """Remember entries until they are written; none: nothing is left to write. Raises OSError."""
        if entries:
            _write(self._pending, {"entries": [asdict(entry) for entry in entries]})
        else:
            self._pending.unlink(missing_ok=True)


def given_certificates(file: Path) -> dict[str, Certificate]:
    """Return the certificates in a result that `evolve rehearse --output json` wrote. Raises ConfigError."""
    return read_certificates(_document(file), str(file))


def read_changelog(path: Path) -> str:
    """Return a changelog byte for byte, "" when there is none. Raises ConfigError for one that is no text."""
    if not path.exists():
        return ""
    try:
        return read_bytes(path, _MAX_BYTES).decode("utf-8")
    except FileRefused as refused:
        raise ConfigError("the changelog cannot be read", expected=refused.expected, found=refused.found,
                          file=str(path)) from None  # fmt: skip
    except UnicodeDecodeError:
        raise ConfigError("the changelog cannot be read", expected="UTF-8 text", found="other bytes", file=str(path),
                          hint="Save the file as UTF-8.") from None  # fmt: skip


def _document(file: Path) -> object:
    try:
        return json.loads(read_text(file, _MAX_BYTES))
    except FileRefused as refused:
        raise ConfigError(expected=refused.expected, found=refused.found, file=str(file)) from None
    except (ValueError, RecursionError):
        raise ConfigError(expected="JSON", found="something else", file=str(file)) from None


def _write(file: Path, document: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_text(file, json.dumps({"format_version": "1.0", **document}, indent=2, ensure_ascii=False) + "\n")
