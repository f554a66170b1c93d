"""Real handwritten digits in the layout of MNIST, from a data set that scikit-learn contains.

The 1,797 images of 8 × 8 pixels are the test part of "Optical Recognition of Handwritten Digits"
(Alpaydin and Kaynak, 1998, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49,
CC BY 4.0). As in MNIST, a digit is scaled to 20 × 20 pixels, centered in 28 × 28, and light on
dark. The low resolution blurs the digits, but a model learns to classify them within seconds.
"""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.datasets.whole_folder import whole_folder

_DIGIT, _SIDE = 20, 28  # pixels in MNIST
_BRIGHTEST = 16  # in scikit-learn's images, whose values count the pixels in 4 × 4


def write(folder: Path, *, test_rows: int = 397, seed: int = 17) -> Path:
    """Writes the four gzipped IDX files of MNIST.

    Args:
        folder: The folder to create; see `whole_folder`.
        test_rows: The number of images in `t10k-*`. The others are in `train-*`.
        seed: The random seed for the choice of the test images. The same seed gives the same bytes.

    Returns:
        `folder`.

    Raises:
        UserError: The files cannot be written, or `folder` has another content.
    """
    from sklearn.datasets import load_digits  # takes seconds, too long for a declaration

    digits = load_digits()
    images = np.stack([_scaled(image) for image in digits.images])
    labels = digits.target.astype(np.uint8)
    rng = np.random.Generator(np.random.PCG64(seed))
    order = np.argsort(rng.random(len(labels)), kind="stable")
    with whole_folder(folder) as filling:
        for name, rows in (("t10k", order[:test_rows]), ("train", order[test_rows:])):
            _write(filling / f"{name}-images-idx3-ubyte.gz", images[rows])
            _write(filling / f"{name}-labels-idx1-ubyte.gz", labels[rows])
    return folder


def _scaled(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    pixels = (image * 255 / _BRIGHTEST).round().astype(np.uint8)
    digit = Image.fromarray(pixels).resize((_DIGIT, _DIGIT), Image.Resampling.BICUBIC)
    margin = (_SIDE - _DIGIT) // 2
    return np.pad(np.asarray(digit), margin)


def _write(path: Path, values: NDArray[np.uint8]) -> None:
    header = struct.pack(f">2x2B{values.ndim}I", 8, values.ndim, *values.shape)
    # Without the time, so that the same seed gives the same bytes.
    path.write_bytes(gzip.compress(header + values.tobytes(), mtime=0))
