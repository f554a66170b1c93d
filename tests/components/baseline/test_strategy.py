"""Choosing the baseline among real artifacts in a real ML Metadata store."""

from pathlib import Path

import pytest
from ml_metadata import MetadataStore
from ml_metadata.proto import metadata_store_pb2
from tfx.components.evaluator import constants
from tfx.types import standard_artifacts

from components.baseline.strategy import LatestOtherBlessedModelStrategy


@pytest.fixture
def store():
    config = metadata_store_pb2.ConnectionConfig()
    config.fake_database.SetInParent()
    return MetadataStore(config)


def model(folder: Path, number: int, files: bool = True) -> standard_artifacts.Model:
    """A model as the Trainer writes it."""
    artifact = standard_artifacts.Model()
    artifact.id = number
    artifact.uri = str(folder / str(number))
    if files:
        file = folder / str(number) / "Format-Serving" / "saved_model.pb"
        file.parent.mkdir(parents=True)
        file.touch()
    return artifact


def blessing(of: standard_artifacts.Model) -> standard_artifacts.ModelBlessing:
    artifact = standard_artifacts.ModelBlessing()
    artifact.id = 100 + of.id
    artifact.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, 1)
    artifact.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, of.id)
    return artifact


def chosen(store, candidate, models, blessed) -> list[int]:
    resolved = LatestOtherBlessedModelStrategy().resolve_artifacts(
        store,
        {
            "candidate": [candidate],
            "model": models,
            "model_blessing": [blessing(one) for one in blessed],
        },
    )
    return [found.id for found in resolved["model"]]


def test_the_latest_blessed_model_is_chosen(store, tmp_path):
    models = [model(tmp_path, number) for number in (1, 2, 3)]

    assert chosen(store, models[2], models, models[:2]) == [2]


def test_the_candidate_is_never_its_own_baseline(store, tmp_path):
    models = [model(tmp_path, number) for number in (1, 2)]

    assert chosen(store, models[1], models, models) == [1]


def test_a_model_whose_files_were_deleted_is_passed_over(store, tmp_path):
    models = [model(tmp_path, 1), model(tmp_path, 2, files=False), model(tmp_path, 3)]

    assert chosen(store, models[2], models, models[:2]) == [1]


def test_without_any_model_there_is_no_baseline(store, tmp_path):
    models = [model(tmp_path, 1, files=False), model(tmp_path, 2)]

    assert chosen(store, models[1], models, models[:1]) == []
