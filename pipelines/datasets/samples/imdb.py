"""Made-up film reviews in the layout of the Large Movie Review Dataset (Maas et al., 2011).

No sentence comes from the data set. A review is some sentences about parts of a film. Each has an
opinion, which is that of the review seven times in eight, or none. An opinion is a word of praise
or blame, said plainly, strengthened, or turned around: `not good`, `never boring`. As two words in
five are turned around, single words tell little, where pairs of words tell nearly all; see the
tests. One review in twenty has the other label than its opinions.

Only uniform numbers are drawn, so that the same seed gives the same bytes whatever the NumPy
version's other distributions do.
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
    """Writes the archive, 2,400 reviews to train and 1,200 to test, half of them of each class.

    Args:
        folder: A new folder.

    Raises:
        UserError: The folder cannot be written.
    """
    random = np.random.default_rng(_SEED)
    with (
        whole_folder(folder) as filling,
        (filling / FILE).open("wb") as file,
        # Without a name and a time of its own, so that equal reviews are equal bytes.
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
