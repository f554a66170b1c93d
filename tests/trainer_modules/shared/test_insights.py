"""Charts and images for the report."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from trainer_modules.shared.insights import Insight, write_insight


def test_bars_keep_their_order(tmp_path):
    insight = Insight("Gain", "What splits gain.", bars=[("m_bb", np.float32(2.5)), ("m_jj", -1)])

    write_insight(tmp_path, "gain", insight)

    assert json.loads((tmp_path / "insights/gain.json").read_text()) == {
        "title": "Gain",
        "about": "What splits gain.",
        "bars": [["m_bb", 2.5], ["m_jj", -1.0]],
        "images": [],
    }


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
def test_images_come_back_to_the_pixel(tmp_path, shape):
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)

    write_insight(tmp_path, "filters", Insight("Filters", "", images=[("first", pixels)]))

    ((caption, encoded),) = json.loads((tmp_path / "insights/filters.json").read_text())["images"]
    assert caption == "first"
    decoded = Image.open(io.BytesIO(base64.b64decode(encoded)))
    np.testing.assert_array_equal(np.asarray(decoded), pixels)
