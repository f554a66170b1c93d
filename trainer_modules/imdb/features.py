"""The features of the reviews and how they are sliced. Imports without TensorFlow."""

TEXT = "text"
LABEL = "label"
RATING = "rating"

WORDS = "words"
"""Transformed feature: a number for each word and punctuation mark, in the order of the text."""

LENGTH_QUARTILE = "length_quartile"
LENGTH_QUARTILES = (127, 174, 284)
"""Quartiles of the number of words between blanks, in the 25,000 training reviews."""

LENGTH_NAMES = ("1st (up to 127 words)", "2nd (up to 174)", "3rd (up to 284)", "4th (longer)")

RATING_BAND = "rating_band"
RATING_BANDS = (4, 6)
"""Highest rating of each band but the last. Reviews of 5 and 6 stars are not in the data set."""

RATING_NAMES = ("1-4", "5-6", "7-10")
