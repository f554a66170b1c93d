"""Settings, from flags, the environment, tutorials.toml, or defaults, in this order."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.settings import Settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TUTORIALS_{name.upper()}", raising=False)


def test_defaults():
    settings = Settings()

    assert settings.root == Path("runs")
    assert settings.data_root == Path("data")
    assert settings.mirrors == ()
    assert settings.beam_args == ()


def test_each_source_gives_way_to_the_one_before(monkeypatch):
    Path("tutorials.toml").write_text(
        'root = "of_file"\ndata_root = "of_file"\nmirrors = ["http://of_file"]'
    )
    monkeypatch.setenv("TUTORIALS_ROOT", "of_environment")
    monkeypatch.setenv("TUTORIALS_DATA_ROOT", "of_environment")

    settings = Settings(root=Path("of_flag"))

    assert settings.root == Path("of_flag")
    assert settings.data_root == Path("of_environment")
    assert settings.mirrors == ("http://of_file",)


def test_the_environment_writes_lists_with_spaces(monkeypatch):
    monkeypatch.setenv("TUTORIALS_BEAM_ARGS", "--runner=DirectRunner  --direct_num_workers=2")

    assert Settings().beam_args == ("--runner=DirectRunner", "--direct_num_workers=2")


def test_an_unknown_setting_in_the_file_is_refused():
    Path("tutorials.toml").write_text('rooot = "somewhere"')

    with pytest.raises(ValidationError, match="rooot"):
        Settings()
