"""The sample's Examples, as the pipeline writes them."""

from pathlib import Path

import pytest
from tfx.types import artifact_utils, standard_artifacts

from components.image_example_gen.component import ImageExampleGen
from components.image_example_gen.executor import ImageExecutor
from pipelines.tutorials.mnist import PIPELINE
from schemas.reader import read_schema


@pytest.fixture(scope="session")
def sample_examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Split -> pattern of its TFRecord files."""
    source, folder = PIPELINE.source, tmp_path_factory.mktemp("mnist")
    source.sample(folder / "data")
    schema = read_schema(PIPELINE.schema_file)
    component = ImageExampleGen(
        input_base=str(folder / "data"),
        patterns=source.layouts[0],
        hash_buckets=source.hash_buckets,
        options=ImageExampleGen.options(schema, PIPELINE.label, source.options),
    )
    examples = standard_artifacts.Examples()
    examples.uri = str(folder / "examples")
    ImageExecutor().Do({}, {"examples": [examples]}, component.exec_properties)
    return {
        split: str(Path(artifact_utils.get_split_uri([examples], split), "*"))
        for split in ("train", "eval", "test")
    }
