"""Real handwritten digits in the layout of MNIST, from what scikit-learn brings with it.

The 1,797 images of 8 × 8 pixels are the test part of "Optical Recognition of Handwritten Digits"
(Alpaydin and Kaynak, 1998, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49,
CC BY 4.0). As in MNIST a digit is scaled to 20 × 20 pixels and lies in the middle of 28 × 28, light
on dark. They are blurred by their low resolution, but a model learns to tell them apart in seconds.
"""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.datasets.whole_folder import whole_folder

_DIGIT, _SIDE = 20, 28  # pixels, of MNIST
_BRIGHTEST = 16  # of scikit-learn's images, whose values are counts of pixels in 4 × 4


def write(folder: Path, *, test_rows: int = 397, seed: int = 17) -> Path:
    """Writes the four gzipped IDX files of MNIST.

    Args:
        folder: where they will be. It appears when all files are complete; if it is there already,
            it must hold the same files.
        test_rows: number of images of `t10k-…`; the others are those of `train-…`.
        seed: what to draw the test images by; the same one gives the same bytes.

    Returns:
        `folder`.

    Raises:
        UserError: if the files cannot be written, or `folder` holds something else.
    """
    from sklearn.datasets import load_digits  # takes seconds, which a declaration must not

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
    # Without the time, or no two of them would be the same.
    path.write_bytes(gzip.compress(header + values.tobytes(), mtime=0))
