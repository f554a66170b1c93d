"""Streams images and labels from IDX files, the format that MNIST is published in.

Four bytes (0, 0, type of the values, number of dimensions), the dimensions as big-endian integers
of four bytes, the values: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

from components.errors import UserError
from components.image_example_gen.format import ImageFormat, LabelledImage

_NAME = re.compile(r"(.+)-(images|labels)([-.])idx\d-ubyte(\.gz)?")
_RANKS = {"images": 3, "labels": 1}
_UNSIGNED_BYTE = 8
_GZIP_MAGIC = b"\x1f\x8b"


def is_idx(file: str) -> bool:
    """Tells an IDX file by its name, as in `train-images-idx3-ubyte.gz`."""
    return _NAME.fullmatch(Path(file).name) is not None


def read_idx(files: Sequence[str], expected: ImageFormat) -> Iterator[LabelledImage]:
    """Yields the images of pairs of IDX files, gzipped or not, in file order.

    Args:
        files: Paths; `NAME-images-…` and `NAME-labels-…` are a pair.
        expected: What the images must be.

    Yields:
        Images; the ids of those of `train-images-idx3-ubyte` are `train/00000` and so on.

    Raises:
        UserError: A file is missing or not what it should be.
    """
    for pair in _pairs(files):
        with _IdxFile(pair.images, "images") as images, _IdxFile(pair.labels, "labels") as labels:
            count = _count(images, labels, expected)
            for index in range(count):
                pixels = images.take(expected.pixels, f"image {index:,}")
                (label,) = labels.take(1, f"label {index:,}")
                if label >= len(expected.classes):
                    raise UserError(
                        f"{labels.path}: label {index:,} is {label}, but the schema names only "
                        f"{len(expected.classes)} classes (0 to {len(expected.classes) - 1}); "
                        "mend the file or the schema."
                    )
                yield LabelledImage(pixels, expected.classes[label], f"{pair.name}/{index:05d}")
            images.check_end(count)
            labels.check_end(count)


class _Pair(NamedTuple):
    name: str
    images: Path
    labels: Path


def _pairs(files: Sequence[str]) -> list[_Pair]:
    found: dict[str, dict[str, Path]] = {}
    for path in map(Path, files):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise UserError(
                f"{path} is not named like an IDX file (train-images-idx3-ubyte.gz); rename it or "
                "move it away."
            )
        pair = found.setdefault(match[1], {})
        if match[2] in pair:
            raise UserError(f"{path} is {pair[match[2]].name} once more; remove one of them.")
        pair[match[2]] = path
    for pair in found.values():
        for missing in _RANKS.keys() - pair.keys():
            (path,) = pair.values()
            other = _NAME.sub(rf"\1-{missing}\3idx{_RANKS[missing]}-ubyte\4", path.name)
            raise UserError(f"{path} comes without its {missing}; put {other} beside it.")
    return [_Pair(name, **pair) for name, pair in found.items()]


class _IdxFile:
    """A file that is read from its start to its end. A context manager."""

    def __init__(self, path: Path, kind: str):
        self.path = path
        self.kind = kind
        self._stack = ExitStack()

    def __enter__(self) -> _IdxFile:
        file = self._stack.enter_context(self.path.open("rb"))
        # By content, for some browsers unpack what they download and leave it its name.
        packed = file.peek(2)[:2] == _GZIP_MAGIC
        self._file: IO[bytes] | gzip.GzipFile = file
        if packed:
            self._file = self._stack.enter_context(gzip.open(file))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def dimensions(self) -> tuple[int, ...]:
        """Reads the header."""
        rank = _RANKS[self.kind]
        magic = self.take(4, "its header")
        right = bytes([0, 0, _UNSIGNED_BYTE, rank])
        if magic != right:
            raise UserError(
                f"{self.path} starts with {magic.hex(' ')} and not, as IDX files of {self.kind} "
                f"do, with {right.hex(' ')}; fetch or make it anew."
            )
        return struct.unpack(f">{rank}I", self.take(4 * rank, "its header"))

    def take(self, size: int, what: str) -> bytes:
        """Reads exactly so many bytes."""
        content = self._read(size, what)
        if len(content) < size:
            raise UserError(f"{self.path} is cut off at {what}; fetch or make it anew.")
        return content

    def check_end(self, count: int) -> None:
        """Refuses bytes that no header told of."""
        if self._read(1, "its end"):
            raise UserError(
                f"{self.path} goes on after the {count:,} {self.kind} of which its header tells; "
                "fetch or make it anew."
            )

    def _read(self, size: int, what: str) -> bytes:
        try:
            return self._file.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            reason = str(error).rstrip(".")
            raise UserError(
                f"{self.path} is a damaged gzip file at {what} ({reason}); fetch or make it anew."
            ) from error


def _count(images: _IdxFile, labels: _IdxFile, expected: ImageFormat) -> int:
    """Returns how many images there are, once both headers are right and agree."""
    count, *size = images.dimensions()
    (label_count,) = labels.dimensions()
    if size != [expected.height, expected.width]:
        height, width = size
        raise UserError(
            f"{images.path} holds images of {height:,} × {width:,} pixels instead of "
            f"{expected.height} × {expected.width}; give images of that size."
        )
    if count != label_count:
        raise UserError(
            f"{images.path} holds {count:,} images, but {labels.path} {label_count:,} labels; "
            "fetch or make both anew."
        )
    if not count:
        raise UserError(f"{images.path} holds no images; give a file with some.")
    return count
