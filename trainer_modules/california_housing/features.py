"""The columns of California Housing and the model's features. Imports without TensorFlow."""

LABEL = "median_house_value"

ANGLES = tuple(range(10, 90, 10))
"""The angles, in degrees, by which the map is turned. Trees split along the axes, but the coast
runs diagonally. In cross-validation on train and eval, turned coordinates lowered the RMSE from
0.463 to 0.421."""

FEATURES = (
    "median_income",
    "housing_median_age",
    "rooms_per_household",
    "bedrooms_per_household",
    "population",
    "people_per_household",
    "latitude",
    "longitude",
    *(f"{axis}_turned_{angle}" for axis in ("east", "north") for angle in ANGLES),
)
"""The columns of the table: the eight of the original tutorial, then turned coordinates."""

INCOME_QUARTILE = "median_income_quartile"
INCOME_QUARTILES = (2.56, 3.53, 4.74)
"""Quartiles of median_income in the real data, rounded, in 10,000 dollars."""

INCOME_NAMES = (
    f"1st (below {INCOME_QUARTILES[0]})",
    *(f"{nth} (from {INCOME_QUARTILES[i]})" for i, nth in enumerate(("2nd", "3rd", "4th"))),
)

REGION = "region"
CITIES = {
    "Los Angeles": (34.05, -118.24),
    "Sacramento": (38.58, -121.49),
    "San Diego": (32.72, -117.16),
    "San Francisco": (37.77, -122.42),
    "San Jose": (37.34, -121.89),
}
"""Latitude and longitude in degrees. A district belongs to the nearest city within `REGION_KM`."""

REGION_KM = 60.0
ELSEWHERE = "elsewhere"
