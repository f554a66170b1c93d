"""Generated movie reviews in the layout of the Large Movie Review Dataset (Maas et al., 2011).

No sentence comes from the data set. A review has several sentences about parts of a movie. Each
sentence has the review's opinion seven times in eight, the opposite opinion, or none. An opinion is
a word of praise or blame: plain, emphasized, or negated, such as `not good` or `never boring`.
Because 40% of the words are negated, single words say little, and pairs of words say almost
everything (see the tests). One review in twenty has the wrong label.

Only uniform numbers are drawn, so that the same seed gives the same bytes in all versions of NumPy.
"""

import gzip
import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipelines.datasets.whole_folder import whole_folder

FILE = "aclImdb_v1.tar.gz"
REVIEWS = {"train": 2400, "test": 1200}

_SEED = 20110620
_AGREE = 0.875
_MISLABELLED = 0.05
_TURNED_AROUND = 0.4
_OPINIONATED = 0.6

_SUBJECTS = (
    "the plot",
    "the acting",
    "the music",
    "the director",
    "the camera work",
    "the dialogue",
    "the ending",
    "the cast",
    "the script",
    "the pace",
    "the leading actress",
    "the villain",
    "the opening scene",
    "the fianc\u00e9e\u2019s story",
    "the caf\u00e9 scene",
)
_PRAISE = (
    "good",
    "great",
    "moving",
    "funny",
    "clever",
    "gripping",
    "charming",
    "original",
    "convincing",
    "memorable",
    "subtle",
    "brilliant",
)
_BLAME = (
    "bad",
    "boring",
    "dull",
    "clumsy",
    "predictable",
    "silly",
    "lifeless",
    "annoying",
    "confusing",
    "cheap",
    "pointless",
    "awful",
)
_PLAIN = ("was", "was really", "was simply", "seemed so", "was, I must say,")
_AROUND = ("was not", "was never", "was hardly", "wasn\u2019t at all", "was not even a bit")
_NEUTRAL = (
    "I saw it on a Sunday with my sister.",
    "It is set in a small town near the sea.",
    "It runs for about two hours.",
    "The book it is based on came out years ago.",
    'My neighbour calls it "a film about trains".',
    "There are three songs and a chase.",
    "They shot it in 1987, or so I read.",
    "The same people made another one later.",
)
_JOINTS = (" ", " ", " ", "<br /><br />")


def write(folder: Path) -> None:
    """Writes the archive: 2,400 reviews to train and 1,200 to test, half of them in each class.

    Args:
        folder: The folder to create; see `whole_folder`.

    Raises:
        UserError: The folder cannot be written, or it has another content.
    """
    random = np.random.default_rng(_SEED)
    with (
        whole_folder(folder) as filling,
        (filling / FILE).open("wb") as file,
        # Without a name and a time, so that the same reviews give the same bytes.
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|") as archive,
    ):
        for split, count in REVIEWS.items():
            for label in ("neg", "pos"):
                for number in range(count // 2):
                    text, rating = _review(random, label == "pos")
                    content = text.encode()
                    member = tarfile.TarInfo(f"aclImdb/{split}/{label}/{number}_{rating}.txt")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))


def _review(random: np.random.Generator, positive: bool) -> tuple[str, int]:
    """Returns a text and its rating."""
    opinion = positive if random.random() >= _MISLABELLED else not positive
    parts = []
    for _ in range(4 + int(random.random() * 9)):
        if random.random() < _OPINIONATED:
            agrees = random.random() < _AGREE
            parts.append(_opinion(random, opinion == agrees))
        else:
            parts.append(_choose(random, _NEUTRAL))
        parts.append(_choose(random, _JOINTS))
    rating = (7 if positive else 1) + int(random.random() * 4)
    return "".join(parts[:-1]), rating


def _opinion(random: np.random.Generator, positive: bool) -> str:
    turned = random.random() < _TURNED_AROUND
    word = _choose(random, _PRAISE if positive != turned else _BLAME)
    verb = _choose(random, _AROUND if turned else _PLAIN)
    sentence = f"{_choose(random, _SUBJECTS)} {verb} {word}"
    return sentence[0].upper() + sentence[1:] + _choose(random, (".", ".", "!"))


def _choose(random: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(random.random() * len(choices))]
