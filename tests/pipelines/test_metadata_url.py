"""The URL of a metadata server."""

import pytest

from components.errors import UsageError
from pipelines.metadata_url import parse_metadata_url
from pipelines.root import Root


@pytest.mark.parametrize(
    ("url", "server", "port"),
    [
        ("mysql://me@db.example/meta", "mysql", 3306),
        ("mariadb://me@db.example:13306/meta", "mysql", 13306),
        ("postgresql://me@db.example/meta", "postgresql", 5432),
        ("postgres://me@db.example:1/meta", "postgresql", 1),
    ],
)
def test_a_url_names_the_server(url, server, port):
    parsed = parse_metadata_url(url)

    assert (parsed.server, parsed.port) == (server, port)
    assert (parsed.user, parsed.host, parsed.database) == ("me", "db.example", "meta")


def test_percent_signs_and_ipv6_are_decoded():
    parsed = parse_metadata_url("mysql://a%40b@[::1]/my%20data?ssl_ca=/etc/ca.pem")

    assert (parsed.user, parsed.host, parsed.database) == ("a@b", "::1", "my data")
    assert parsed.options == {"ssl_ca": "/etc/ca.pem"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysq://me@host/meta", "neither mysql:// nor postgresql://. Did you mean 'mysql'?"),
        ("host/meta", "neither mysql:// nor postgresql://"),
        ("mysql://me@host", "has no database"),
        ("mysql://me@host/", "has no database"),
        ("mysql://host/meta", "has no user"),
        ("mysql://me@/meta", "has no host"),
        ("mysql://me@host:x/meta", "an invalid port"),
        ("mysql://me@host:70000/meta", "an invalid port"),
        ("mysql://me@[::1/meta", "an invalid host"),
        ("mysql://me@host/meta/more", "an invalid database name"),
        ("mysql://me@host/meta?ssl_cert_=x", "Did you mean 'ssl_cert'?"),
        ("postgresql://me@host/meta?sslmode=require", "ML Metadata has no TLS for it"),
    ],
)
def test_an_invalid_url_is_refused(url, problem):
    with pytest.raises(UsageError) as raised:
        parse_metadata_url(url)

    assert problem in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hunter2@host/meta",
        "mysql://me:hunter2",
        "mysql://me:hunter2@host:port/meta",
        "mysql://me:hun@ter2/x@host/meta",
        "mysql://me:1?hunter2@host/meta",
        "mysql://me:#hunter2@host/meta",
        "me:hunter2@host/meta",
    ],
)
def test_a_password_in_a_url_is_refused_and_not_repeated(url, tmp_path):
    with pytest.raises(UsageError) as raised:
        Root.at(tmp_path, url)

    assert "hun" not in str(raised.value)
    assert "ter2" not in str(raised.value)


def test_the_variables_for_the_password_are_named():
    with pytest.raises(UsageError, match="TUTORIALS_METADATA_PASSWORD_FILE"):
        parse_metadata_url("mysql://me:hunter2@host/meta")
