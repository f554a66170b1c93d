"""The files for Docker Compose. tests/deploy/docker runs them."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.errors import UsageError
from pipelines.orchestrators.deployment import Deployment
from pipelines.orchestrators.docker import target
from pipelines.planning import plan_for_nodes
from pipelines.settings import Settings

DEFAULTS = {name: default for name, (default, _) in target.OPTIONS.items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the files. Compiling the plan is slow and has tests of its own."""
    monkeypatch.setattr(Deployment, "write_plan", lambda self, folder: folder.mkdir(parents=True))
    return tmp_path / "files"


def deployment(
    root: str = "/runs",
    metadata: str | None = None,
    data: str = "sample",
    options: dict[str, str] | None = None,
    **values: Any,
) -> Deployment:
    settings = Settings(root=Path(root), metadata=metadata)
    plan = plan_for_nodes("census", settings, data)
    return Deployment(plan=plan, options={**DEFAULTS, **(options or {})}, **values)


def written(folder: Path, **values: Any) -> dict[str, Any]:
    target.write(deployment(**values), folder)
    return yaml.safe_load((folder / "compose.yaml").read_text())


def test_the_container_has_no_rights_and_limits(folder: Path):
    pipeline = written(folder, cpu="1500m", memory="3Gi")["services"]["pipeline"]
    assert pipeline["read_only"] is True
    assert pipeline["user"] == "10001:10001"
    assert pipeline["cap_drop"] == ["ALL"]
    assert pipeline["security_opt"] == ["no-new-privileges:true"]
    assert pipeline["cpus"] == 1.5
    assert pipeline["mem_limit"] == pipeline["memswap_limit"] == 3 << 30


def test_mariadb_keeps_the_metadata_and_a_file_its_password(folder: Path):
    compose = written(folder)
    pipeline, server = compose["services"]["pipeline"], compose["services"]["mariadb"]
    assert pipeline["depends_on"] == {"mariadb": {"condition": "service_healthy"}}
    assert pipeline["environment"]["TUTORIALS_METADATA"] == target._SERVER
    (secret,) = compose["secrets"].values()
    assert secret == {"file": "./secrets/metadata-password"}
    for service in (pipeline, server):
        assert service["secrets"] == ["metadata-password"]
        passwords = [v for k, v in service["environment"].items() if "PASSWORD" in k]
        assert set(passwords) == {"/run/secrets/metadata-password"}
    assert compose["networks"] == {"default": {"internal": True}}


def test_the_plan_contains_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(Deployment, "write_plan", lambda self, _: seen.append(self.metadata))
    folder.mkdir()
    target.write(deployment(), folder)
    target.write(deployment(options={"database": "sqlite"}), folder)
    target.write(deployment(metadata="postgresql://me@db/ml"), folder)
    assert seen == ["mysql://tutorials@mariadb:3306/tutorials", None, "postgresql://me@db/ml"]


def test_sqlite_needs_neither_server_nor_password_nor_network(folder: Path):
    compose = written(folder, options={"database": "sqlite"})
    assert list(compose["services"]) == ["pipeline"]
    assert compose["services"]["pipeline"]["network_mode"] == "none"
    assert "secrets" not in compose
    assert "networks" not in compose


def test_another_server_is_used_instead(folder: Path):
    compose = written(folder, metadata="postgresql://me@db:5432/ml")
    assert list(compose["services"]) == ["pipeline"]
    assert "network_mode" not in compose["services"]["pipeline"]
    assert compose["secrets"] == {"metadata-password": {"file": "./secrets/metadata-password"}}


def test_folders_of_the_machine_are_seen_under_their_own_paths(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    monkeypatch.setattr(os, "getgid", lambda: 5678)
    compose = written(folder, root="/srv/runs", data="/srv/census")
    root, data = compose["services"]["pipeline"]["volumes"][-2:]
    assert root["source"] == root["target"] == "/srv/runs"
    assert "read_only" not in root
    assert data["source"] == data["target"] == "/srv/census"
    assert data["read_only"] is True
    assert compose["services"]["pipeline"]["user"] == "1234:5678"
    assert list(compose["volumes"]) == ["metadata"]


def test_a_user_can_be_given(folder: Path):
    assert written(folder, options={"user": "7:8"})["services"]["pipeline"]["user"] == "7:8"


def test_values_are_quoted(folder: Path):
    hostile = '/srv/a: "b" $HOME $X #\'é\u2028😀'
    compose = written(folder, root=hostile, image='x" $y')
    escaped = hostile.replace("$", "$$")
    pipeline = compose["services"]["pipeline"]
    assert pipeline["volumes"][-1]["source"] == escaped
    assert pipeline["environment"]["TUTORIALS_ROOT"] == escaped
    assert pipeline["image"] == 'x" $$y'


def test_the_next_steps_can_be_typed(folder: Path):
    steps = target.write(
        deployment(root="/srv/my runs", schedule="0 3 * * *"), folder / "with space"
    )
    assert f"cd '{folder}/with space'\n" in steps
    assert "mkdir -p '/srv/my runs'\n" in steps
    assert "docker compose run --rm pipeline\n" in steps
    assert re.search(
        r"^  0 3 \* \* \* cd '.*' && docker compose run --rm -T pipeline$", steps, re.M
    )
    assert "0 3" not in target.write(deployment(), folder / "b")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cpu": "two"}, "--cpu two is not a quantity. Give one as"),
        ({"memory": "0Gi"}, "--memory 0Gi is not a quantity. Give one as"),
        ({"memory": "4GB"}, "--memory 4GB is not a quantity. Give one as"),
        ({"options": {"database": "oracle"}}, "--option database=oracle is not a metadata store."),
        ({"options": {"user": "root"}}, "--option user=root is not a user. Give two numbers"),
        ({"by_node": True}, "Docker runs all nodes in one container. Leave out --tasks node."),
    ],
)
def test_refuses(folder: Path, values: dict[str, Any], message: str):
    with pytest.raises(UsageError, match=re.escape(message)):
        target.write(deployment(**values), folder)
    assert not folder.exists()


def test_names_a_folder_that_it_cannot_write_to(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"Cannot write the .*file/x.* Choose another folder"):
        target.write(deployment(), tmp_path / "file" / "x")
