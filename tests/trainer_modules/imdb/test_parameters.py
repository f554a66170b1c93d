import pytest
from pydantic import ValidationError

from trainer_modules.imdb.parameters import ImdbParameters


@pytest.mark.parametrize("given", [{"model_type": "saved_embedding"}, {"embedding_path": "folder"}])
def test_a_saved_embedding_and_its_path_belong_together(given):
    with pytest.raises(ValidationError, match="give model_type=saved_embedding"):
        ImdbParameters(**given)
