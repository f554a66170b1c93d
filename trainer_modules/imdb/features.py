"""The features and slices of the reviews. Imports without TensorFlow."""

TEXT = "text"
LABEL = "label"
RATING = "rating"

WORDS = "words"
"""The transformed feature: the hashes of the words and punctuation marks, in order."""

LENGTH_QUARTILE = "length_quartile"
LENGTH_QUARTILES = (127, 174, 284)
"""Quartiles of the number of words, split at blanks, in the 25,000 training reviews."""

LENGTH_NAMES = ("1st (up to 127 words)", "2nd (up to 174)", "3rd (up to 284)", "4th (longer)")

RATING_BAND = "rating_band"
RATING_BANDS = (4, 6)
"""The highest rating of each band except the last. The data set has no reviews of 5 or 6 stars."""

RATING_NAMES = ("1-4", "5-6", "7-10")
