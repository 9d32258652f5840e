"""Only regular files of a sensible size are read: nothing waits for a writer, nothing reads without end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.admin import read_plan
from avroad.cli.main import run
from avroad.config.files import FileRefused, named_path, read_bytes, read_text
from avroad.contracts import load_catalog, read_lock
from avroad.errors import AvroadError, ExitCode
from tests.unit.config.conftest import EnvironmentProject

pytestmark = pytest.mark.timeout(20)  # an endless read would otherwise take the machine's memory


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)  # sparse: it takes no room


Odd = tuple[Callable[[Path], None], str]
KINDS: list[Odd] = [
    (_folder, "expected a regular file, found a folder"),
    (_huge, "bytes, found 1073741824"),
]
if os.name != "nt":
    KINDS += [
        (_pipe, "expected a regular file, found a pipe"),
        (_device, "expected a regular file, found a device"),
    ]


@pytest.fixture(params=KINDS, ids=lambda kind: kind[0].__name__.strip("_"))
def odd(request: pytest.FixtureRequest) -> Odd:
    kind: Odd = request.param
    return kind


def said(call: Callable[[], object]) -> str:
    with pytest.raises(AvroadError) as caught:
        call()
    return str(caught.value)


def test_a_schema_file(tmp_path: Path, odd: Odd) -> None:
    (tmp_path / "schemas").mkdir()
    odd[0](tmp_path / "schemas" / "a.B.avsc")
    message = said(lambda: load_catalog(tmp_path))
    assert "schemas/a.B.avsc: expected" in message
    assert odd[1] in message


def test_a_topic_declaration(tmp_path: Path, odd: Odd) -> None:
    (tmp_path / "admin" / "topics").mkdir(parents=True)
    odd[0](tmp_path / "admin" / "topics" / "a.yaml")
    message = said(lambda: load_catalog(tmp_path))
    assert "admin/topics/a.yaml: expected" in message
    assert odd[1] in message


def test_an_environment_file(project: EnvironmentProject, odd: Odd) -> None:
    (project.folder / "test.yaml").unlink()
    odd[0](project.folder / "test.yaml")
    (message,) = project.problems()
    assert message.startswith("admin/environments/test.yaml: expected")
    assert odd[1] in message


@pytest.mark.parametrize("name", ["more.yaml", "more.properties"])
def test_a_settings_file(project: EnvironmentProject, name: str, odd: Odd) -> None:
    odd[0](project.root / name)
    (message,) = project.problems(config=project.root / name)
    assert message.startswith(f"{project.root / name}: expected")
    assert odd[1] in message


def test_a_secret_file(project: EnvironmentProject, odd: Odd) -> None:
    odd[0](project.root / "pw")
    project.kafka("security.protocol: SASL_SSL\nsasl.mechanism: PLAIN\nsasl.username: u\nsasl.password_file: pw")
    (message,) = project.problems()
    assert odd[1] in message
    assert message.endswith("(pw)")


def test_a_lock_and_a_plan(tmp_path: Path, odd: Odd) -> None:
    path = tmp_path / "file.json"
    odd[0](path)
    for message in (said(lambda: read_lock(path)), said(lambda: read_plan(path))):
        assert message.startswith(f"{path}: the ")
        assert odd[1] in message


def test_a_records_value(tmp_path: Path, odd: Odd, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "value"
    odd[0](path)
    assert run(["records", "send", "a", "--file", str(path)]) == ExitCode.USAGE
    message = capsys.readouterr().err
    assert str(path) in message
    assert odd[1] in message or "is a directory" in message


@pytest.mark.skipif(os.name == "nt", reason="sockets are no files there")
def test_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(FileRefused, match="expected a regular file, found a socket"):
            read_bytes(Path("s"), 10)


def test_the_cap_is_the_last_size_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(FileRefused, match="expected at most 4 bytes, found 5"):
        read_bytes(path, 4)


def test_text_is_utf8_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\xef\xbb\xbfa\r\n")
    assert read_text(path, 10) == "a\r\n"
    path.write_bytes(b"\xff")
    with pytest.raises(FileRefused, match="expected UTF-8 text, found other bytes"):
        read_text(path, 10)


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    for name in ("none", "n" * 300, "zero\0byte"):
        with pytest.raises(FileRefused, match="expected a readable file") as caught:
            read_bytes(tmp_path / name, 10)
        assert caught.value.error is not None


def test_a_named_path_is_absolute_and_knows_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("USERPROFILE", "/home/somebody")
    assert named_path(tmp_path, "a/b") == tmp_path / "a" / "b"
    assert named_path(tmp_path, "~/b") == Path("/home/somebody/b").absolute()
    assert named_path(tmp_path, "~no-such-user/b") == tmp_path / "~no-such-user" / "b"
