"""The connection to ML Metadata."""

import pytest

from components.errors import UsageError
from pipelines.records.metadata_store import connection_config, password
from pipelines.root import Root
from pipelines.settings import MetadataPassword


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
    monkeypatch.delenv("TUTORIALS_METADATA_PASSWORD", raising=False)
    monkeypatch.delenv("TUTORIALS_METADATA_PASSWORD_FILE", raising=False)


def test_sqlite_is_the_default(tmp_path):
    root = Root.at(tmp_path)

    assert connection_config(root).sqlite.filename_uri == str(root.metadata_file)
    assert Root.at(tmp_path, "") == root  # an empty environment variable


def test_a_server_gets_the_password_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD", "a b")

    mysql = connection_config(Root.at(tmp_path, "mysql://me@localhost:1/meta?ssl_ca=ca.pem")).mysql
    postgresql = connection_config(Root.at(tmp_path, "postgres://me@host/it's")).postgresql

    assert (mysql.host, mysql.port, mysql.user) == ("127.0.0.1", 1, "me")
    assert (mysql.password, mysql.database, mysql.ssl_options.ca) == ("a b", "meta", "ca.pem")
    assert (postgresql.host, postgresql.port, postgresql.user) == ("host", "5432", "me")
    assert (postgresql.password, postgresql.dbname) == ("'a b'", "'it\\'s'")
    assert mysql.skip_db_creation
    assert postgresql.skip_db_creation


def test_a_file_may_contain_the_password(tmp_path, monkeypatch):
    (tmp_path / "password").write_text("of file\n")
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD_FILE", str(tmp_path / "password"))

    assert password() == "of file"

    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD", "of environment")
    with pytest.raises(UsageError, match="Unset one of them"):
        password()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_without_a_password_is_refused(content, tmp_path, monkeypatch):
    file = tmp_path / "password"
    if content:
        file.write_bytes(content)
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD_FILE", str(file))

    with pytest.raises(UsageError, match="cannot be read"):
        password()


def test_the_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD", "hunter2")

    assert "hunter2" not in repr(MetadataPassword())


def test_the_settings_file_may_not_contain_the_password(tmp_path, monkeypatch):
    from pipelines.cli.console import settings

    monkeypatch.chdir(tmp_path)
    (tmp_path / "tutorials.toml").write_text('metadata_password = "hunter2"')

    with pytest.raises(UsageError, match="metadata_password") as raised:
        settings()
    assert "hunter2" not in str(raised.value)
