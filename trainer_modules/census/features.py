"""The columns of the census data and what the model makes of them. Imports without TensorFlow.

`fnlwgt` is not a feature: it is the number of people the Census Bureau takes the row to stand for,
an artifact of the sampling design and not a property of the person. It is not used as an example
weight either: the published figures, and ours, count every row once.
"""

LABEL = "income_bracket"

NUMERIC = ("age", "education_num", "capital_gain", "capital_loss", "hours_per_week")
"""Numeric inputs of the deep part."""

MOSTLY_ZERO = ("capital_gain", "capital_loss")
"""Over 90 % zeros: their quantiles are taken over the other rows, or all bins would be zero."""

CATEGORICAL = (
    "workclass",
    "education",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "gender",
    "native_country",
)
"""Categorical inputs of the deep part; vocabularies are the schema's domains."""

AGE_BUCKET = "age_bucket"
AGE_BOUNDARIES = (18, 25, 30, 35, 40, 45, 50, 55, 60, 65)
"""Years, from the original tutorial."""

WIDE = ("workclass", "education", "marital_status", "relationship", "occupation", AGE_BUCKET)
"""Single columns of the wide part, as in the original tutorial."""

CROSSES = (("education", "occupation"), (AGE_BUCKET, "education", "occupation"))
"""Crosses of the wide part. The original hashed them into 500 and 1,000 buckets; with vocabularies
this small every combination has a weight of its own instead."""

QUANTILE_BINS = 48
"""Bins of the piecewise-linear encoding of a numeric column (Gorishniy et al. 2022,
arXiv:2203.05556)."""


def position(name: str) -> str:
    """Name of the transformed feature that holds where a number lies among the quantiles."""
    return f"{name}_position"
