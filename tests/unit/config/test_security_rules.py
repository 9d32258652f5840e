"""Settings that only make sense together."""

from __future__ import annotations

import pytest

from avroad.config.security_rules import is_loopback
from tests.unit.config.conftest import EnvironmentProject

SCRAM = "security.protocol: SASL_SSL\nsasl.mechanism: SCRAM-SHA-512\nsasl.username: u\nsasl.password: ${PW}\n"
OIDC = (
    "security.protocol: SASL_SSL\nsasl.mechanism: OAUTHBEARER\nsasl.oauthbearer.method: oidc\n"
    "sasl.oauthbearer.client.id: i\nsasl.oauthbearer.client.secret: ${PW}\n"
    "sasl.oauthbearer.token.endpoint.url: https://id.example.org/token\n"
)
MTLS = "security.protocol: SSL\nssl.ca.location: /ca.pem\nssl.certificate.location: /c.pem\nssl.key.location: /k.pem\n"
AWS = (
    "security.protocol: SASL_SSL\nsasl.mechanism: OAUTHBEARER\nsasl.oauthbearer.metadata.authentication.type: aws_iam\n"
)
ENVIRON = {"PW": "canary"}


@pytest.mark.parametrize(
    "text",
    [
        "security.protocol: PLAINTEXT",
        "security.protocol: plaintext",
        SCRAM,
        SCRAM.replace("SASL_SSL", "SASL_PLAINTEXT"),
        SCRAM.replace("sasl.mechanism", "sasl.mechanisms"),
        SCRAM + "ssl.ca.location: /ca.pem",
        OIDC,
        AWS,
        MTLS,
        MTLS.replace("ssl.key.location: /k.pem", "ssl.key.pem: ${PW}"),
        "security.protocol: SASL_SSL\nsasl.mechanism: GSSAPI",
        "security.protocol: SSL\nssl.endpoint.identification.algorithm: https",
        "security.protocol: SSL\nenable.ssl.certificate.verification: true",
    ],
)
def test_combinations_that_work(project: EnvironmentProject, text: str) -> None:
    project.kafka(text)
    assert "bootstrap.servers" in project.load(ENVIRON).kafka


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "security.protocol: SASL_TLS",
            [
                'expected one of plaintext, ssl, sasl_plaintext, sasl_ssl, found "SASL_TLS": did you mean "sasl_ssl"?',
            ],
        ),
        (
            "security.protocol: SASL_SSL",
            ["expected sasl.mechanism beside security.protocol SASL_SSL, found none: set sasl.mechanism: SCRAM-"],
        ),
        (
            "security.protocol: SASL_SSL\nsasl.mechanism: SCRAM-512",
            [
                (
                    "expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, GSSAPI, "
                    'found "SCRAM-512": did you mean "SCRAM-SHA-512"?'
                )
            ],
        ),
        (
            "security.protocol: SASL_SSL\nsasl.mechanism: PLAIN",
            [
                "expected sasl.username beside PLAIN, found none: set sasl.username or AVROAD_KAFKA__SASL_USERNAME",
                "expected sasl.password beside PLAIN, found none: set AVROAD_KAFKA__SASL_PASSWORD",
            ],
        ),
        (
            "security.protocol: SASL_SSL\nsasl.mechanism: OAUTHBEARER",
            [
                "expected sasl.oauthbearer.method: oidc beside OAUTHBEARER, found another or none",
                "expected sasl.oauthbearer.client.id beside OAUTHBEARER",
                "expected sasl.oauthbearer.token.endpoint.url beside OAUTHBEARER",
            ],
        ),
        (
            "sasl.mechanism: PLAIN\nsasl.username: u",
            ["expected no sasl.mechanism with security.protocol plaintext, found one: set security.protocol: SASL_SSL"],
        ),
        (
            "security.protocol: SSL\nsasl.username: u",
            ["expected no sasl.username with security.protocol ssl, found one"],
        ),
        (
            "ssl.ca.location: /ca.pem",
            ["expected no ssl.ca.location with security.protocol plaintext, found one: set security.protocol: SSL or"],
        ),
        (
            "security.protocol: SSL\nssl.key.location: /k.pem",
            ["expected ssl.certificate.location beside ssl.key.location, found none"],
        ),
        (
            "security.protocol: SSL\nssl.certificate.location: /c.pem",
            ["expected ssl.key.location beside ssl.certificate.location, found none"],
        ),
        (
            "security.protocol: SSL\nenable.ssl.certificate.verification: false",
            ["expected verified certificates, found verification switched off: set ssl.ca.location to the cluster's"],
        ),
        (
            "security.protocol: SSL\nssl.endpoint.identification.algorithm: none",
            ['expected https, so that another host cannot answer, found "none": set insecure: true'],
        ),
        (
            SCRAM.replace("SCRAM-SHA-512", "PLAIN").replace("SASL_SSL", "SASL_PLAINTEXT"),
            ["expected an encrypted connection for a password in clear text, found SASL_PLAINTEXT: use SASL_SSL, or"],
        ),
    ],
)
def test_combinations_that_do_not(project: EnvironmentProject, text: str, messages: list[str]) -> None:
    project.kafka(text)
    found = project.problems(ENVIRON)
    assert len(found) == len(messages)
    for message, line in zip(messages, found, strict=True):
        assert message in line
        assert "canary" not in line


@pytest.mark.parametrize(
    "text",
    [
        "security.protocol: SSL\nenable.ssl.certificate.verification: false",
        "security.protocol: SSL\nssl.endpoint.identification.algorithm: none",
        SCRAM.replace("SCRAM-SHA-512", "PLAIN").replace("SASL_SSL", "SASL_PLAINTEXT"),
    ],
)
def test_insecure_allows_what_is_only_unsafe(project: EnvironmentProject, text: str) -> None:
    project.kafka(text)
    environment = project.load(ENVIRON, {"insecure": "true"})
    assert environment.insecure
    assert environment.origins["insecure"] == "flag -X insecure"


def test_an_unset_protocol_variable_is_one_problem(project: EnvironmentProject) -> None:
    project.kafka("security.protocol: ${P}\nsasl.mechanism: PLAIN")
    (found,) = project.problems()
    assert "environment variable P" in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("url: http://h\nurll: x", 'expected a registry setting, found "urll": did you mean "url"?'),
        ("url: h:8081", 'expected http:// or https:// addresses, separated by commas, found "h:8081": did you mean '),
        ("url: ftp://h", 'expected http:// or https:// addresses, separated by commas, found "ftp://h"'),
        ("url: http://h:port", "found a value that is not shown, as it may hold a secret"),
        ("url: 'http://h,'", 'found ""'),
        ("url: http://u:canary@h", "expected an address without credentials, found one with user or password in it"),
        ("url: https://h\nbasic.auth.user.info: ${PW}", "expected user:password, found no colon"),
        (
            "url: https://h\nbasic.auth.user.info: u:${PW}\nbearer.auth.token: ${PW}",
            "expected one kind of authentication, found basic and bearer",
        ),
        (
            "url: http://h:8081\nbasic.auth.user.info: u:${PW}",
            "expected https for credentials, found http: use https, or set insecure: true to allow it all the same",
        ),
        (
            "url: https://h,http://i\nbearer.auth.token: ${PW}",
            "expected https for credentials, found http: use https, or set insecure: true to allow it all the same",
        ),
        (
            "url: https://h\nssl.key.location: /k",
            "expected ssl.certificate.location beside ssl.key.location, found none",
        ),
    ],
)
def test_registry_settings_that_are_wrong(project: EnvironmentProject, text: str, message: str) -> None:
    project.registry(text)
    (found,) = project.problems(ENVIRON)
    assert message in found
    assert found.startswith("admin/environments/test.yaml:")
    assert "canary" not in found


@pytest.mark.parametrize(
    ("text", "insecure"),
    [
        ("url: http://127.0.0.1:8081\nbasic.auth.user.info: u:${PW}", "false"),
        ("url: http://localhost:8081\nbearer.auth.token: ${PW}", "false"),
        ("url: https://a.example.org,https://b.example.org\nbasic.auth.user.info: u:${PW}", "false"),
        ("url: http://h:8081\nbasic.auth.user.info: u:${PW}", "true"),
        ("url: http://h:8081\ntimeout: 2\nmax.retries: 1\ncache.capacity: 10", "false"),
    ],
)
def test_registry_settings_that_are_right(project: EnvironmentProject, text: str, insecure: str) -> None:
    project.registry(text)
    environment = project.load(ENVIRON, {"insecure": insecure})
    assert set(environment.registry) == {line.split(":", maxsplit=1)[0] for line in text.splitlines()}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("[::1]", True),
        ("PLAINTEXT://127.0.0.1", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_loopback(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_an_unset_mechanism_variable_is_one_problem(project: EnvironmentProject) -> None:
    project.kafka("security.protocol: SASL_SSL\nsasl.mechanism: ${M}")
    (found,) = project.problems()
    assert "environment variable M" in found


@pytest.mark.parametrize("servers", ["127.0.0.1:9092", "localhost:9092,[::1]:9093"])
def test_a_password_in_clear_text_may_stay_on_this_machine(project: EnvironmentProject, servers: str) -> None:
    text = SCRAM.replace("SCRAM-SHA-512", "PLAIN").replace("SASL_SSL", "SASL_PLAINTEXT")
    project.kafka(text)
    environment = project.load(ENVIRON, {"bootstrap.servers": servers})
    assert environment.kafka["sasl.mechanism"].value == "PLAIN"
