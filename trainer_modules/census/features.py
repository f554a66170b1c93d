"""The columns of the census data and the model's features. Imports without TensorFlow.

`fnlwgt` is not a feature. It is the number of people that the row represents, which depends on the
sampling design and not on the person. It is not an example weight either: published metrics and
ours count every row once.
"""

LABEL = "income_bracket"

NUMERIC = ("age", "education_num", "capital_gain", "capital_loss", "hours_per_week")
"""Numeric inputs of the deep part."""

MOSTLY_ZERO = ("capital_gain", "capital_loss")
"""More than 90% zeros. Quantiles are taken over the other rows, or all bins would be zero."""

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
"""Crosses of the wide part. The original hashed them into 500 and 1,000 buckets. Here, every
combination has its own weight, since the vocabularies are small."""

QUANTILE_BINS = 48
"""Bins of the piecewise-linear encoding of a numeric column (Gorishniy et al. 2022,
arXiv:2203.05556)."""


def position(name: str) -> str:
    """Returns the name of the feature that contains a number's position among the quantiles."""
    return f"{name}_position"
