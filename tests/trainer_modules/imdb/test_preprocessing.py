"""From texts to words."""

import pytest
import tensorflow as tf

from trainer_modules.imdb.preprocessing import hashed, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A GOOD Film", ["a", "good", "film"]),
        ("Caf\u00e9 \u00c9T\u00c9", ["caf\u00e9", "\u00e9t\u00e9"]),
        ("end.<br /><br />Next<br>line", ["end", ".", "next", "line"]),
        ("It isn't 'great'!", ["it", "isn't", "'", "great", "'", "!"]),
        ("7/10, really...", ["7", "/", "10", ",", "really", ".", ".", "."]),
        ("tab\tand\nline", ["tab", "and", "line"]),
        ("a < b > c", ["a", "<", "b", ">", "c"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_words_are_lower_case_and_punctuation_stands_alone(text, expected):
    (found,) = words(tf.constant([text])).to_list()

    assert [word.decode() for word in found] == expected


def test_equal_words_have_equal_numbers_whatever_the_text():
    (first, second) = hashed(words(tf.constant(["Good film", "a film, GOOD"]))).to_list()

    assert first == [second[3], second[1]]
    assert len({*first, *second}) == 4
