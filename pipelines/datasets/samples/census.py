"""Generated rows in the layout of the UCI Adult data set (Becker and Kohavi, 1996).

No row comes from the data set. The columns, domains, and `?` marks are the same, with rounded
shares of the values. Each column depends on those that it depends on most in the data set:

    gender, age → marital status → relationship
    age → education; education, gender → occupation → workclass
    country → race; age, gender → hours; age, education → capital gain and loss

Values that are rarer than one in a thousand in the data set get about that share, so that a sample
of 6,000 rows contains every value.

The label is drawn from the logistic model in `_log_odds`: `P(>50K) = 1 / (1 + exp(-z))`. It has the
interesting parts of the real problem: a peak over age, capital gains and losses whose effect jumps
at thresholds, and an education that pays more for married people. Race has no effect of its own.
The draw is the noise: no model can have an accuracy above 0.874 or an AUC above 0.922. The larger
class has 0.76 of the rows.

Only uniform numbers are drawn and turned into values by tables, so that the same seed gives the
same bytes in all versions of NumPy.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.datasets.whole_folder import whole_folder

COLUMNS = (
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "gender",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income_bracket",
)
MISSING = "?"
LABELS = ("<=50K", ">50K")
GENDERS = ("Female", "Male")
RACES = ("White", "Black", "Asian-Pac-Islander", "Amer-Indian-Eskimo", "Other")
WORKCLASSES = (
    "Private",
    "Self-emp-not-inc",
    "Self-emp-inc",
    "Local-gov",
    "State-gov",
    "Federal-gov",
    "Without-pay",
    "Never-worked",
)
EDUCATIONS = (  # in the order of education_num, which counts from 1
    "Preschool",
    "1st-4th",
    "5th-6th",
    "7th-8th",
    "9th",
    "10th",
    "11th",
    "12th",
    "HS-grad",
    "Some-college",
    "Assoc-voc",
    "Assoc-acdm",
    "Bachelors",
    "Masters",
    "Prof-school",
    "Doctorate",
)
MARITAL_STATUSES = (
    "Never-married",
    "Married-civ-spouse",
    "Married-AF-spouse",
    "Married-spouse-absent",
    "Divorced",
    "Separated",
    "Widowed",
)
RELATIONSHIPS = (
    "Husband",
    "Wife",
    "Not-in-family",
    "Own-child",
    "Unmarried",
    "Other-relative",
)


class Occupation(NamedTuple):
    """The frequency of an occupation, and its effect on income.

    Attributes:
        shares: The share per 1,000 men, by `_EDUCATION_GROUPS`.
        women: The odds of a woman to have it, relative to those of a man.
        workclasses: The shares of the first seven of `WORKCLASSES`.
        effect: The effect on the log-odds of the label.
    """

    shares: tuple[int, int, int, int, int]
    women: float
    workclasses: tuple[int, int, int, int, int, int, int]
    effect: float


OCCUPATIONS = {
    "Adm-clerical": Occupation((23, 56, 80, 64, 25), 4.2, (750, 13, 8, 75, 67, 84, 4), 0.0),
    "Armed-Forces": Occupation((1, 2, 2, 2, 2), 0.3, (0, 0, 0, 0, 0, 1, 0), -0.2),
    "Craft-repair": Occupation((220, 255, 190, 57, 14), 0.12, (780, 130, 26, 35, 14, 15, 0), 0.1),
    "Exec-managerial": Occupation((27, 76, 128, 275, 240), 0.85, (661, 97, 98, 53, 46, 45, 0), 0.9),
    "Farming-fishing": Occupation((80, 54, 36, 20, 8), 0.14, (445, 420, 50, 28, 15, 8, 34), -1.0),
    "Handlers-cleaners": Occupation((118, 73, 48, 12, 3), 0.3, (930, 11, 2, 34, 7, 16, 0), -0.8),
    "Machine-op-inspct": Occupation((110, 106, 53, 15, 4), 0.8, (956, 18, 6, 6, 7, 7, 0), -0.4),
    "Other-service": Occupation((136, 78, 71, 27, 6), 2.5, (831, 53, 8, 59, 38, 11, 0), -0.9),
    "Priv-house-serv": Occupation((2, 1, 1, 1, 1), 9.0, (1, 0, 0, 0, 0, 0, 0), -1.5),
    "Prof-specialty": Occupation((12, 19, 67, 245, 570), 1.4, (559, 90, 39, 170, 100, 42, 0), 0.6),
    "Protective-serv": Occupation((10, 27, 42, 23, 8), 0.3, (293, 9, 8, 468, 179, 43, 0), 0.6),
    "Sales": Occupation((55, 91, 133, 173, 67), 1.0, (806, 105, 80, 2, 3, 4, 0), 0.3),
    "Tech-support": Occupation((4, 14, 46, 41, 18), 1.2, (794, 28, 3, 41, 61, 73, 0), 0.6),
    "Transport-moving": Occupation((115, 109, 54, 16, 7), 0.13, (793, 76, 17, 72, 26, 16, 0), -0.1),
}


class Country(NamedTuple):
    """The share of a country per 10,000 people, and its key in `_RACES_BY_REGION`."""

    share: float
    region: str


COUNTRIES = {
    "United-States": Country(9000, "us"),
    "Mexico": Country(190, "latin"),
    "Philippines": Country(60, "asia"),
    "Germany": Country(42, "europe"),
    "Canada": Country(37, "europe"),
    "Puerto-Rico": Country(35, "latin"),
    "El-Salvador": Country(32, "latin"),
    "India": Country(31, "asia"),
    "Cuba": Country(29, "latin"),
    "England": Country(28, "europe"),
    "South": Country(25, "asia"),
    "Jamaica": Country(25, "caribbean"),
    "China": Country(23, "asia"),
    "Italy": Country(22, "europe"),
    "Dominican-Republic": Country(21, "latin"),
    "Vietnam": Country(21, "asia"),
    "Guatemala": Country(20, "latin"),
    "Japan": Country(19, "asia"),
    "Poland": Country(18, "europe"),
    "Columbia": Country(18, "latin"),
    "Taiwan": Country(16, "asia"),
    "Haiti": Country(14, "caribbean"),
    "Iran": Country(13, "europe"),
    "Portugal": Country(12, "europe"),
    "Nicaragua": Country(12, "latin"),
    "Peru": Country(12, "latin"),
    "Cambodia": Country(12, "asia"),
    "Ecuador": Country(12, "latin"),
    "France": Country(12, "europe"),
    "Greece": Country(12, "europe"),
    "Ireland": Country(12, "europe"),
    "Hong": Country(12, "asia"),
    "Laos": Country(12, "asia"),
    "Thailand": Country(12, "asia"),
    "Trinadad&Tobago": Country(12, "caribbean"),
    "Yugoslavia": Country(12, "europe"),
    "Hungary": Country(12, "europe"),
    "Honduras": Country(12, "latin"),
    "Scotland": Country(12, "europe"),
    "Outlying-US(Guam-USVI-etc)": Country(12, "caribbean"),
    "Holand-Netherlands": Country(12, "europe"),
}

_RACES_BY_REGION = {  # shares of RACES
    "us": (878, 97, 10, 10, 5),
    "europe": (956, 32, 8, 0, 4),
    "latin": (870, 25, 5, 10, 90),
    "caribbean": (80, 900, 10, 0, 10),
    "asia": (60, 8, 920, 4, 8),
}

# Distributions of numbers: the values at these quantiles, with linear interpolation.
_LEVELS = (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1)
_AGES = (17, 19, 22, 26, 30, 33, 37, 41, 45, 50, 58, 63, 69, 91)
_WEIGHTS = (12, 40, 66, 107, 131, 159, 178, 196, 220, 260, 329, 380, 448, 1480)  # in thousands
_GAINS = (110, 1800, 2300, 3100, 3900, 5000, 7300, 7700, 8600, 15000, 28000, 99999, 99999, 99999)
_LOSSES = (155, 1400, 1500, 1620, 1740, 1880, 1890, 1900, 1980, 2000, 2340, 2420, 2560, 4360)
_HOURS_YOUNG = (1, 10, 15, 20, 20, 25, 30, 35, 40, 40, 40, 48, 55, 100)  # under 22
_HOURS_OLD = (1, 5, 8, 15, 20, 24, 30, 40, 40, 40, 50, 55, 70, 100)  # over 64
_HOURS_WOMEN = (1, 20, 24, 35, 40, 40, 40, 40, 40, 40, 50, 55, 60, 100)
_HOURS_MEN = (1, 30, 40, 40, 40, 40, 40, 40, 45, 50, 60, 60, 72, 100)
_AMOUNTS = 64  # distinct gains and losses; tax returns have few distinct values

_AGE_BANDS = (22, 28, 38, 61)  # five bands for the tables below; shares per 1,000
_MARITAL_WOMEN = (
    (948, 22, 2, 8, 10, 10, 0),
    (764, 107, 2, 14, 72, 37, 4),
    (421, 201, 3, 23, 256, 79, 17),
    (174, 203, 2, 25, 423, 78, 95),
    (93, 103, 2, 13, 224, 31, 534),
)
_MARITAL_MEN = (
    (941, 48, 1, 3, 2, 4, 1),
    (662, 286, 2, 7, 26, 16, 1),
    (263, 616, 2, 9, 86, 23, 1),
    (78, 769, 2, 12, 113, 19, 7),
    (47, 820, 1, 9, 56, 10, 57),
)
_RELATIONSHIP_HUSBAND = (985, 0, 1, 6, 0, 8)
_RELATIONSHIP_WIFE = (0, 985, 1, 6, 0, 8)
_RELATIONSHIP_SINGLE = (  # never married, by age band
    (0, 0, 162, 746, 26, 66),
    (0, 0, 441, 424, 74, 61),
    (0, 0, 601, 223, 126, 50),
    (0, 0, 678, 145, 135, 42),
    (0, 0, 764, 49, 83, 104),
)
_RELATIONSHIP_APART_WOMAN = (0, 0, 430, 60, 470, 40)
_RELATIONSHIP_APART_MAN = (0, 0, 670, 95, 195, 40)
_EDUCATION_BANDS = (19, 24)  # years of age; shares per 10,000
_EDUCATION_BY_AGE = (
    (0, 5, 50, 85, 350, 1850, 3650, 1020, 1700, 1290, 0, 0, 0, 0, 0, 0),
    (20, 26, 90, 95, 130, 220, 345, 206, 3150, 4434, 272, 256, 734, 22, 0, 0),
    (22, 57, 106, 216, 155, 242, 251, 92, 3282, 1970, 460, 349, 1820, 617, 207, 154),
)
# Groups of education_num: no diploma, high school, some college, bachelor's degree, more.
_EDUCATION_GROUPS = (9, 10, 13, 14)
_MISSING_BANDS = (20, 25, 60, 65)
_MISSING_RATES = (0.165, 0.09, 0.027, 0.135, 0.25)  # no workclass and occupation, by age
_MISSING_COUNTRY = 0.018
_NEVER_WORKED = 0.06  # of those under 30 without an occupation
_GAIN_BANDS = (25, 35, 45, 60)
_GAIN_RATES = (0.03, 0.065, 0.1, 0.11, 0.14)  # share with a capital gain, by age
_LOSS_RATES = (0.022, 0.043, 0.058, 0.06, 0.05)
_GAIN_BY_EDUCATION = (0.6, 0.8, 0.9, 1.35, 2.0)  # times the rates above

# Effects on the log-odds of the label.
_EDUCATION_EFFECT = (-3, -2.5, -2, -2, -1.7, -1.5, -1.4, -1, -0.5, 0, 0.3, 0.4, 1, 1.5, 2.4, 2.4)
_WORKCLASS_EFFECT = (0, -0.6, 0.3, 0, -0.2, 0.5, -9, -9)
_REGION_EFFECT = {"us": 0.0, "europe": 0.1, "latin": -0.7, "caribbean": -0.1, "asia": -0.1}

_TEST_HEADER = "|1x3 Cross validator\n"
_CHUNK = 25_000  # rows per chunk; other values give other rows for the same seed

Codes = NDArray[np.intp]
Numbers = NDArray[np.int64]


def write(folder: Path, *, train_rows: int = 6_000, test_rows: int = 3_000, seed: int = 17) -> Path:
    """Writes `adult.data` and `adult.test` in the format of the official files.

    Args:
        folder: The folder to create; see `whole_folder`.
        train_rows: The number of rows in `adult.data`.
        test_rows: The number of rows in `adult.test`.
        seed: The random seed. The same seed gives the same bytes.

    Returns:
        `folder`.

    Raises:
        UserError: The files cannot be written, or `folder` has another content.
    """
    with whole_folder(folder) as filling:
        _write(filling / "adult.data", _chunks(train_rows, [seed, 0]), LABELS)
        dotted = [f"{label}." for label in LABELS]
        _write(filling / "adult.test", _chunks(test_rows, [seed, 1]), dotted, _TEST_HEADER)
    return folder


class _People(NamedTuple):
    """A chunk of rows: numbers, and indices into the domains above (-1: missing)."""

    age: Numbers
    workclass: Codes
    fnlwgt: Numbers
    education: Codes
    marital_status: Codes
    occupation: Codes
    relationship: Codes
    race: Codes
    gender: Codes
    capital_gain: Numbers
    capital_loss: Numbers
    hours_per_week: Numbers
    native_country: Codes
    label: Codes


def _chunks(rows: int, seed: Sequence[int]) -> Iterator[_People]:
    for number, start in enumerate(range(0, rows, _CHUNK)):
        rng = np.random.Generator(np.random.PCG64([*seed, number]))
        yield _draw(min(_CHUNK, rows - start), rng)


def _draw(rows: int, rng: np.random.Generator) -> _People:
    """Draws `rows` people."""
    gender = _pick(((331, 669),), np.zeros(rows, np.intp), rng)
    age = _quantile(_AGES, rng.random(rows))
    band = np.digitize(age, _AGE_BANDS)
    marital_status = _pick(_MARITAL_WOMEN + _MARITAL_MEN, band + 5 * gender, rng)
    relationship = _pick(
        (
            *_RELATIONSHIP_SINGLE,
            _RELATIONSHIP_WIFE,
            _RELATIONSHIP_HUSBAND,
            _RELATIONSHIP_APART_WOMAN,
            _RELATIONSHIP_APART_MAN,
        ),
        np.select(
            [_is(marital_status, MARITAL_STATUSES, "Never-married"), _married(marital_status)],
            [band, 5 + gender],
            7 + gender,
        ),
        rng,
    )
    education = _pick(_EDUCATION_BY_AGE, np.digitize(age, _EDUCATION_BANDS), rng)
    schooling = np.digitize(education + 1, _EDUCATION_GROUPS)

    jobs = OCCUPATIONS.values()
    of_men = np.array([job.shares for job in jobs], dtype=float).T
    of_women = of_men * [job.women for job in jobs]
    occupation = _pick(np.concatenate([of_women, of_men]), schooling + 5 * gender, rng)
    workclass = _pick([job.workclasses for job in jobs], occupation, rng)

    countries = COUNTRIES.values()
    regions = list(_RACES_BY_REGION)
    native_country = np.searchsorted(
        np.cumsum([country.share for country in countries]),
        rng.random(rows) * sum(country.share for country in countries),
        side="right",
    )
    region = np.array([regions.index(country.region) for country in countries])[native_country]
    race = _pick(list(_RACES_BY_REGION.values()), region, rng)

    level = rng.random(rows)
    hours_per_week = np.select(
        [age < 22, age > 64, gender == GENDERS.index("Female")],
        [_quantile(table, level) for table in (_HOURS_YOUNG, _HOURS_OLD, _HOURS_WOMEN)],
        _quantile(_HOURS_MEN, level),
    )
    invests = np.digitize(age, _GAIN_BANDS)
    factor = np.take(_GAIN_BY_EDUCATION, schooling)
    gains = rng.random(rows) < np.take(_GAIN_RATES, invests) * factor
    loses = ~gains & (rng.random(rows) < np.take(_LOSS_RATES, invests) * factor)
    amount = np.floor(rng.random(rows) * _AMOUNTS) / _AMOUNTS

    # The label depends on the occupation. Only then is the occupation hidden.
    absent = rng.random(rows) < np.take(_MISSING_RATES, np.digitize(age, _MISSING_BANDS))
    never = absent & (age < 30) & (rng.random(rows) < _NEVER_WORKED)
    workclass[never] = WORKCLASSES.index("Never-worked")

    people = _People(
        age=age,
        workclass=workclass,
        fnlwgt=_quantile([1_000 * weight for weight in _WEIGHTS], rng.random(rows)),
        education=education,
        marital_status=marital_status,
        occupation=occupation,
        relationship=relationship,
        race=race,
        gender=gender,
        capital_gain=np.where(gains, _quantile(_GAINS, amount), 0),
        capital_loss=np.where(loses, _quantile(_LOSSES, amount), 0),
        hours_per_week=hours_per_week,
        native_country=native_country,
        label=np.zeros(rows, np.intp),
    )
    chance = 1 / (1 + np.exp(-_log_odds(people)))
    return people._replace(
        label=(rng.random(rows) < chance).astype(np.intp),
        occupation=np.where(absent, -1, occupation),
        workclass=np.where(absent & ~never, -1, workclass),
        native_country=np.where(rng.random(rows) < _MISSING_COUNTRY, -1, native_country),
    )


def _log_odds(people: _People) -> NDArray[np.float64]:
    """Returns the log-odds of an income of more than 50K."""
    age, gain, loss = people.age, people.capital_gain, people.capital_loss
    married = _married(people.marital_status)
    graduate = people.education >= EDUCATIONS.index("Bachelors")
    region = [_REGION_EFFECT[country.region] for country in COUNTRIES.values()]
    z = np.full(age.shape, -2.45)
    z += 2.15 * married
    z += 0.5 * (married & graduate)
    z += np.take(_EDUCATION_EFFECT, people.education)
    z += np.take([job.effect for job in OCCUPATIONS.values()], people.occupation)
    z += np.take(_WORKCLASS_EFFECT, people.workclass)
    z += np.take(region, people.native_country)
    z += 0.3 * (people.gender == GENDERS.index("Male")) * ~married
    z -= np.square((age - 50) / np.where(age < 50, 17, 24))
    z += 0.035 * (np.clip(people.hours_per_week, 15, 60) - 40)
    z += np.select([gain == 0, gain < 3_000, gain < 5_000, gain < 7_000], [0, -2.5, 0.5, 2], 7)
    z += np.select(
        [loss == 0, loss < 1_500, loss < 1_800, loss < 1_990, loss < 2_200], [0, -1, -3, 4, -3], 2
    )
    return z


def _married(marital_status: Codes) -> NDArray[np.bool_]:
    return _is(marital_status, MARITAL_STATUSES, "Married-civ-spouse", "Married-AF-spouse")


def _is(codes: Codes, domain: Sequence[str], *values: str) -> NDArray[np.bool_]:
    return np.isin(codes, [domain.index(value) for value in values])


def _pick(shares: ArrayLike, group: Codes, rng: np.random.Generator) -> Codes:
    """Draws a value for each row. `shares[group[row]]` are the shares of the values."""
    cumulative = np.cumsum(np.asarray(shares, dtype=float), axis=1)
    cumulative /= cumulative[:, -1:]
    codes: Codes = np.sum(rng.random((len(group), 1)) >= cumulative[group], axis=1)
    return codes


def _quantile(values: Sequence[int], level: NDArray[np.float64]) -> Numbers:
    """Returns the quantiles at levels from 0 to 1, as integers. `values` are those at `_LEVELS`."""
    return np.interp(level, _LEVELS, values).astype(np.int64)


def _write(path: Path, chunks: Iterator[_People], labels: Sequence[str], header: str = "") -> None:
    """Writes a file in the official format, which ends in an empty line."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(header)
        for people in chunks:
            columns = [
                _numbers(people.age),
                _names(people.workclass, WORKCLASSES),
                _numbers(people.fnlwgt),
                _names(people.education, EDUCATIONS),
                _numbers(people.education + 1),
                _names(people.marital_status, MARITAL_STATUSES),
                _names(people.occupation, tuple(OCCUPATIONS)),
                _names(people.relationship, RELATIONSHIPS),
                _names(people.race, RACES),
                _names(people.gender, GENDERS),
                _numbers(people.capital_gain),
                _numbers(people.capital_loss),
                _numbers(people.hours_per_week),
                _names(people.native_country, tuple(COUNTRIES)),
                _names(people.label, labels),
            ]
            file.writelines(", ".join(row) + "\n" for row in zip(*columns, strict=True))
        file.write("\n")


def _numbers(values: Numbers | Codes) -> list[str]:
    return [str(value) for value in values.tolist()]


def _names(codes: Codes, domain: Sequence[str]) -> list[str]:
    names = [*domain, MISSING]  # index -1 is the last
    return [names[code] for code in codes.tolist()]
