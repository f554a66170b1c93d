"""The runtime of the charts."""

import pytest

from components.report import charts


@pytest.fixture(autouse=True)
def fresh_cache():
    charts.runtime.cache_clear()
    yield
    charts.runtime.cache_clear()


def test_the_runtime_is_kept_for_the_next_process(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = charts.runtime()
    (kept,) = (tmp_path / "tfx-tutorials").iterdir()

    kept.write_text("kept", "utf-8")
    charts.runtime.cache_clear()

    assert "vegaEmbed" in made
    assert "</script" not in made
    assert charts.runtime() == "kept"


def test_the_runtime_needs_no_cache(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert "vegaEmbed" in charts.runtime()
