import pandas as pd
import pytest
import tensorflow_data_validation as tfdv

from components.data_gate.label_range import constant_label


def _check(**splits):
    statistics = {
        split: tfdv.generate_statistics_from_dataframe(
            pd.DataFrame({"price": prices, "rooms": [3] * len(prices)})
        ).SerializeToString()
        for split, prices in splits.items()
    }
    return constant_label(statistics, "price", ())


@pytest.mark.parametrize("price", [2, 2.5])
def test_a_label_with_one_value_in_train_is_an_anomaly(price):
    (anomaly,) = _check(train=[price] * 3, eval=[1.0, 2.0])

    assert anomaly == {
        "split": "train",
        "feature": "price",
        "type": "CONSTANT_LABEL",
        "what": f"All rows have the value {price}. Add rows with other values of the label.",
        "severity": "ERROR",
        "allowed": False,
    }


def test_a_label_that_varies_is_fine_even_if_a_small_split_has_one_value():
    assert _check(train=[1.0, 2.0], eval=[1.0]) == []
