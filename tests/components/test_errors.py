"""The parts of error messages."""

import pytest

from components.errors import MAX_PROBLEMS, Problems, UserError, did_you_mean, quote, shorten


def test_one_problem_is_the_whole_message():
    problems = Problems()
    problems.add("File a is empty. Remove it.")

    with pytest.raises(UserError, match=r"^File a is empty\. Remove it\.$"):
        problems.raise_if_any()


def test_several_problems_are_listed_together():
    problems = Problems()
    problems.add("File a is empty. Remove it.")
    problems.add("File b is empty. Remove it.")

    with pytest.raises(UserError) as caught:
        problems.raise_if_any()
    assert str(caught.value).splitlines() == [
        "2 problems:",
        "  File a is empty. Remove it.",
        "  File b is empty. Remove it.",
    ]


def test_no_problem_raises_nothing():
    Problems().raise_if_any()


def test_the_list_ends_at_its_limit():
    problems = Problems()
    with pytest.raises(UserError, match=f"The first {MAX_PROBLEMS} problems"):
        for number in range(1000):
            problems.add(f"Problem {number}.")


@pytest.mark.parametrize("length", [0, 299, 300, 301, 100_000])
def test_a_long_text_loses_its_middle(length):
    text = "a" * (length // 2) + "b" * (length - length // 2)
    short = shorten(text)
    assert len(short) == min(length, 300)
    assert short[:1] == text[:1] and short[-1:] == text[-1:]


def test_a_quoted_value_is_ascii_and_short():
    assert quote("２") == r"'\uff12'"
    assert len(quote("\0" * 100_000)) == 300


@pytest.mark.parametrize(
    "word, suggestion",
    [("trainer", " Did you mean 'Trainer'?"), ("Traner", " Did you mean 'Trainer'?"), ("x", "")],
)
def test_a_close_word_is_suggested(word, suggestion):
    assert did_you_mean(word, ["Trainer", "Pusher"]) == suggestion
