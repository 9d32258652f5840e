"""Secrets: where they may come from, and that nothing shows them."""

from __future__ import annotations

import pytest

from avroad.config import Setting
from avroad.config.given import OWN
from avroad.config.masking import is_secret
from tests.unit.config.conftest import EnvironmentProject

SASL = "security.protocol: SASL_SSL\nsasl.mechanism: SCRAM-SHA-512\nsasl.username: u\n"
CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    "name",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
        "basic.auth.user.info",
        "bearer.auth.token",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "sasl.username",
        "sasl.oauthbearer.token.endpoint.url",
        "ssl.ca.pem",
        "ssl.key.location",
        "url",
        "sasl.password_file",
    ],
)
def test_names_that_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


def test_nothing_shows_a_secret(project: EnvironmentProject) -> None:
    project.kafka(f"{SASL}sasl.password: ${{PW}}")
    environment = project.load({"PW": CANARY, "AVROAD_REGISTRY__BEARER_AUTH_TOKEN": CANARY})
    assert environment.kafka_config()["sasl.password"] == CANARY
    assert environment.registry_config()["bearer.auth.token"] == CANARY
    shown = [repr(environment), str(environment), repr(environment.settings()), f"{environment.kafka}"]
    assert not any(CANARY in text for text in shown)
    assert environment.settings()["kafka.sasl.password"].shown == "***"


def test_the_repr_of_a_setting() -> None:
    assert repr(Setting(value="x", origin="here")) == "Setting(value='x', origin='here', secret=False)"
    assert repr(Setting(value="x", origin="here", secret=True)) == "Setting(value='***', origin='here', secret=True)"


def test_a_secret_written_into_the_environment_file_is_refused(project: EnvironmentProject) -> None:
    project.kafka(f"{SASL}sasl.password: {CANARY}")
    assert project.problems() == [
        (
            "admin/environments/test.yaml:9 $.kafka['sasl.password']: expected a secret from outside the file, "
            "found one written into it: write ${VAR}, or sasl.password_file: PATH"
        )
    ]


def test_a_secret_as_the_default_of_a_variable_is_refused_and_never_advised(project: EnvironmentProject) -> None:
    place = "admin/environments/test.yaml:9 $.kafka['sasl.password']: expected"
    for environ in ({}, {"PW": "other"}):
        project.kafka(f"{SASL}sasl.password: ${{PW:-{CANARY}}}")
        [found] = project.problems(environ)
        assert found.startswith(
            f"{place} a secret from outside the file, found one written into it: write ${{VAR}}, or"
        )
        assert CANARY not in found
    project.kafka(f"{SASL}sasl.password: ${{PW}}")
    [found] = project.problems()
    assert found.startswith(f"{place} the environment variable PW, found none of that name: export PW=..., or write ")
    assert found.endswith("or write sasl.password_file: PATH")
    project.kafka(f"{SASL}sasl.password: ${{PW")
    assert f"{place} ${{VAR}}, found a ${{ that is never closed" in project.problems()


def test_a_variable_wins_over_the_file_for_secrets_too(project: EnvironmentProject) -> None:
    project.kafka(f"{SASL}sasl.password: ${{PW:-}}x")
    environment = project.load({"AVROAD_KAFKA__SASL_PASSWORD": CANARY})
    assert environment.kafka["sasl.password"].value == CANARY


@pytest.mark.parametrize(
    ("content", "expected"), [("pw\n", "pw"), ("pw\r\n", "pw"), ("pw", "pw"), (" p w \n\n", " p w \n")]
)
def test_a_secret_from_a_file_loses_one_newline(project: EnvironmentProject, content: str, expected: str) -> None:
    (project.root / "pw.txt").write_bytes(content.encode())
    project.kafka(f"{SASL}sasl.password_file: pw.txt")
    setting = project.load().kafka["sasl.password"]
    assert setting.value == expected
    assert setting.secret
    assert setting.origin == "admin/environments/test.yaml:9 (file pw.txt)"
    assert "sasl.password_file" not in project.load().kafka


@pytest.mark.parametrize(
    ("environ", "overrides"),
    [
        ({"AVROAD_KAFKA__SASL_PASSWORD_FILE": "pw.txt"}, {}),
        ({}, {"sasl.password_file": "pw.txt"}),
    ],
)
def test_a_secret_file_from_a_variable_or_flag(
    project: EnvironmentProject, environ: dict[str, str], overrides: dict[str, str]
) -> None:
    (project.root / "pw.txt").write_text(CANARY)
    project.kafka(SASL)
    assert project.load(environ, overrides).kafka["sasl.password"].value == CANARY


def test_names_that_only_end_like_a_secret_file_are_left_alone(project: EnvironmentProject) -> None:
    name = "sasl.oauthbearer.assertion.private.key.file"
    found = project.problems({"AVROAD_KAFKA__SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE": "/k.pem"})
    assert found == [
        (
            "AVROAD_KAFKA__SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE: expected no "
            f"{name} with security.protocol plaintext, found one: set security.protocol: SASL_SSL"
        )
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.txt", "expected a readable file, found No such file or directory"),
        ("empty.txt", "expected a file with a secret, found empty.txt, which is empty"),
        ("binary.txt", "expected UTF-8 text, found other bytes (binary.txt): save the file as UTF-8"),
        ("huge.txt", "expected at most 65536 bytes, found 65537 (huge.txt)"),
        ("~no-such-user/pw", "expected a readable file, found No such file or directory"),
    ],
)
def test_secret_files_that_give_none(project: EnvironmentProject, name: str, message: str) -> None:
    (project.root / "empty.txt").write_text("\n")
    (project.root / "binary.txt").write_bytes(b"\xff\xfe")
    (project.root / "huge.txt").write_text("x" * 65_537)
    project.kafka(f"{SASL}sasl.password_file: {name}")
    assert project.problems() == [f"admin/environments/test.yaml:9 $.kafka['sasl.password_file']: {message}"]


def test_a_secret_and_its_file_in_one_place(project: EnvironmentProject) -> None:
    (project.root / "pw.txt").write_text(CANARY)
    project.kafka(f"{SASL}sasl.password: ${{PW}}\nsasl.password_file: pw.txt")
    (message,) = project.problems({"PW": "x"})
    assert message.endswith("expected sasl.password or sasl.password_file, found both")


def test_only_secrets_are_read_from_files(project: EnvironmentProject) -> None:
    project.kafka("client.id_file: x.txt")
    (message,) = project.problems()
    assert message.endswith(
        'expected a setting, found "client.id_file": only passwords, tokens and the like are read from files'
    )


def test_an_unset_variable_in_the_path_of_a_secret_is_one_problem(project: EnvironmentProject) -> None:
    project.kafka(f"{SASL}sasl.password_file: ${{SECRETS}}/pw.txt")
    (message,) = project.problems()
    assert "environment variable SECRETS" in message


SIGNS = [
    "*canary-7f3a", "&canary-7f3a", "!canary-7f3a", "%canary-7f3a", "@canary-7f3a", "`canary-7f3a", "|canary-7f3a",
    ">canary-7f3a", "{canary-7f3a", "[canary-7f3a", '"canary-7f3a', "'canary-7f3a", "!<canary-7f3a>x",
    "!!canary-7f3a x", "!canary-7f3a!x y", "&canary-7f3a x", "*canary-7f3a x", "- canary-7f3a", "? canary-7f3a",
    "a: canary-7f3a", "{canary-7f3a, canary-7f3a}", "[canary-7f3a, canary-7f3a]", "${canary-7f3a}", "${canary-7f3a",
    "#canary-7f3a", "canary-7f3a",
]  # fmt: skip


@pytest.mark.parametrize("text", SIGNS)
def test_no_yaml_error_shows_a_secret_that_begins_with_one_of_its_signs(project: EnvironmentProject, text: str) -> None:
    project.kafka(f"{SASL}sasl.password: {text}")
    found = project.problems()
    assert found
    assert not any(CANARY in line for line in found), found


MISPLACED = [
    "kafka: canary-7f3a\n",
    "sasl.password:canary-7f3a\n",
    "kafka:\n  sasl.password:canary-7f3a\n",
    "kafka:\n  sasl.password:canary-7f3a: 1\n",
    "kafka:\n  sasl.password=canary-7f3a: 1\n  sasl.password=canary-7f3a: 2\n",
    "kafka:\n  bootstrap.servers: h:9092\n    sasl.password:canary-7f3a\n",
    "kafka:\n  security.protocol: SSL\n    sasl.password=canary-7f3a\n",
    "kafka:\n  bootstrap.servers: u:canary-7f3a@h:9092\n",
    "kafka:\n  bootstrap.servers: u:canary-7f3a,b@h:9092\n",
    "kafka:\n  sasl.password_file: canary-7f3a\n",
    "kafka:\n  sasl.password_file: ~canary-7f3a\n",
    "registry:\n  url: http://u:canary-7f3a@h\n",
    "registry:\n  url: http://u:canary-7f3a,b@h\n",
    "registry:\n  url: u:canary-7f3a@h\n",
    "registry:\n  url: http://h:canary-7f3a\n",
    "registry:\n  basic.auth.user.info: canary-7f3a\n",
    "registry:\n  bearer.auth.token:canary-7f3a\n",
    "replication_factor: u:canary-7f3a@h\n",
    "insecure: u:canary-7f3a@h\n",
]


def assert_refused_in_silence(project: EnvironmentProject, name: str, text: str) -> None:
    path = project.root / name
    path.write_text(text)
    found = project.problems(config=path)
    assert found
    assert not any(CANARY in line for line in found), found


@pytest.mark.parametrize("text", MISPLACED)
def test_no_error_shows_a_secret_in_the_wrong_place_of_a_settings_file(project: EnvironmentProject, text: str) -> None:
    assert_refused_in_silence(project, "more.yaml", text)


@pytest.mark.parametrize(
    "text",
    [
        "sasl.password;canary-7f3a\n",
        "ssl.key.pem=-----BEGIN PRIVATE KEY-----\nMIIcanary-7f3aQIBADANBgkq\n",
        "sasl.password;canary-7f3a\nsasl.password;canary-7f3a\n",
        "bootstrap.servers=SASL_SSL\\://u\\:canary-7f3a@h:1\n",
        "schema.registry.url=https://u:canary-7f3a@h\n",
        "linger.ms.x.ms=u:canary-7f3a@h\n",
        "acks=canary-7f3a@x\n",
    ],
)
def test_no_error_shows_a_secret_in_the_wrong_place_of_a_properties_file(
    project: EnvironmentProject, text: str
) -> None:
    assert_refused_in_silence(project, "more.properties", text)


@pytest.mark.parametrize(
    "overrides",
    [
        {"bootstrap.servers": "u:canary-7f3a@h:9092"},
        {"bootstrap.servers": "u:canary-7f3a,x@h:9092"},
        {"registry.url": "http://u:canary-7f3a,x@h"},
        {"sasl.password:canary-7f3a": ""},
        {"canary-7f3a+/": "="},
        {"security.protocol": "canary-7f3a@"},
        {"sasl.password_file": "canary-7f3a"},
        {"acks": "sasl.password=canary-7f3a"},
        {"session.timeout.ms": "sasl.password=canary-7f3a"},
        {"replication_factor": "sasl.password=canary-7f3a"},
    ],
    ids=str,
)
def test_no_error_shows_a_secret_in_the_wrong_place_of_a_flag_or_variable(
    project: EnvironmentProject, overrides: dict[str, str]
) -> None:
    found = project.problems(overrides=overrides)
    for name, value in overrides.items():
        section = "REGISTRY__" if name.startswith("registry.") else "" if name in OWN else "KAFKA__"
        variable = f"AVROAD_{section}{name.removeprefix('registry.').replace('.', '_').upper()}"
        if variable.replace("_", "").isalpha():
            found += project.problems({variable: value})
    assert found
    assert not any(CANARY in line for line in found), found


def test_credentials_inside_an_address_are_masked_where_settings_are_shown(project: EnvironmentProject) -> None:
    project.registry("url: http://h\nproxy: ${PROXY}")
    proxy = f"http://u:{CANARY}/@proxy.example.org:3128"
    environment = project.load({"PROXY": proxy})
    assert environment.registry_config()["proxy"] == proxy
    assert environment.settings()["registry.proxy"].shown == "http://***@proxy.example.org:3128"
    assert CANARY not in repr(environment)
    for value in ("user@REALM", "h:9092,[::1]:9092", "a@b:c"):
        assert Setting(value=value, origin="").shown == value


@pytest.mark.parametrize("value", ["u:\udcff", "\ud800", "a\0b"])
def test_a_value_no_client_can_take_is_named_by_its_place(project: EnvironmentProject, value: str) -> None:
    expected = "expected UTF-8 text, found other bytes"
    assert project.problems({"AVROAD_REGISTRY__BASIC_AUTH_USER_INFO": value}) == [
        f"AVROAD_REGISTRY__BASIC_AUTH_USER_INFO: {expected}"
    ]
    assert project.problems(overrides={"client.id": value}) == [f"-X client.id: {expected}"]
    if "\0" not in value:
        project.kafka("client.id: ${NAME:-x}")
        (message,) = project.problems({"NAME": value})
        assert message.endswith("expected UTF-8 text in the environment variable NAME, found other bytes")
    path = project.root / "more.properties"
    path.write_text(f"client.id={value.encode('unicode_escape').decode().replace('x00', 'u0000')}\n")
    project.write()
    if "dcff" not in value:
        assert project.problems(config=path) == [f"{path}:1 $.client.id: {expected}"]
