"""Streams images and labels from IDX files, the format that MNIST is published in.

An IDX file consists of four bytes (0, 0, the type of the values, the number of dimensions), the
dimensions as big-endian 4-byte integers, and the values: http://yann.lecun.com/exdb/mnist/.
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

from components.errors import Problems, UserError
from components.example_gen.files import open_file
from components.image_example_gen.format import ImageFormat, LabeledImage

_NAME = re.compile(r"(.+)-(images|labels)([-.])idx\d-ubyte(\.gz)?")
_RANKS = {"images": 3, "labels": 1}
_UNSIGNED_BYTE = 8
_GZIP_MAGIC = b"\x1f\x8b"
_REMEDY = "Download or create the file again."


def is_idx(file: str) -> bool:
    """Whether the name is that of an IDX file, such as `train-images-idx3-ubyte.gz`."""
    return _NAME.fullmatch(Path(file).name) is not None


def read_idx(files: Sequence[str], expected: ImageFormat) -> Iterator[LabeledImage]:
    """Yields the images of pairs of IDX files, gzipped or not, in the order of the files.

    Args:
        files: Paths. `NAME-images-...` and `NAME-labels-...` are a pair. Folders are skipped:
            Kaggle ships `train-images-idx3-ubyte/` next to the file.
        expected: The format of the images.

    Yields:
        Images. The IDs of those in `train-images-idx3-ubyte` are `train/00000` and so on.

    Raises:
        UserError: A file is missing or damaged, or does not have the expected format.
    """
    problems = Problems()
    for pair in _pairs(files):
        with _IdxFile(pair.images, "images") as images, _IdxFile(pair.labels, "labels") as labels:
            count = _count(images, labels, expected)
            for index in range(count):
                pixels = images.take(expected.pixels, f"image {index:,}")
                (label,) = labels.take(1, f"label {index:,}")
                if label < len(expected.classes):
                    yield LabeledImage(pixels, expected.classes[label], f"{pair.name}/{index:05d}")
                else:
                    problems.add(
                        f"{labels.path}: label {index:,} is {label}, but the schema has only "
                        f"{len(expected.classes)} classes (0 to {len(expected.classes) - 1}). "
                        "Correct the file or the schema."
                    )
            images.check_end(count)
            labels.check_end(count)
    problems.raise_if_any()


class _Pair(NamedTuple):
    name: str
    images: Path
    labels: Path


def _pairs(files: Sequence[str]) -> list[_Pair]:
    """Pairs the files of images with those of labels.

    Raises:
        UserError: A file has no partner, is there twice, or is not named like an IDX file.
    """
    problems = Problems()
    found: dict[str, dict[str, Path]] = {}
    folders: dict[tuple[str, str], Path] = {}
    for path in map(Path, files):
        match = _NAME.fullmatch(path.name)
        if path.is_dir():
            if match is not None:
                folders[match[1], match[2]] = path
        elif match is None:
            problems.add(
                f"{path} is not named like an IDX file (train-images-idx3-ubyte.gz). "
                "Rename or remove it."
            )
        else:
            first = found.setdefault(match[1], {}).setdefault(match[2], path)
            if first is not path:
                problems.add(f"{path} is a second copy of {first.name}. Remove one of them.")
    for name, pair in found.items():
        for missing in _RANKS.keys() - pair.keys():
            (path,) = pair.values()
            problems.add(_without_partner(path, missing, folders.get((name, missing))))
    problems.raise_if_any()
    return [_Pair(name, **pair) for name, pair in found.items()]


def _without_partner(path: Path, missing: str, folder: Path | None) -> str:
    if folder is not None:
        return f"{folder} is a folder, not an IDX file. Replace it with the file of {missing}."
    name = _NAME.sub(rf"\1-{missing}\3idx{_RANKS[missing]}-ubyte\4", path.name)
    return f"{path} has no file of {missing}. Put {name} next to it."


class _IdxFile:
    """A file that is read from its start to its end. A context manager."""

    def __init__(self, path: Path, kind: str):
        self.path = path
        self.kind = kind
        self._stack = ExitStack()

    def __enter__(self) -> _IdxFile:
        file = self._stack.enter_context(open_file(self.path, "an IDX file"))
        # By content: some browsers unpack a download but keep its name.
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
                f"{self.path} starts with the bytes {magic.hex(' ')}, but IDX files of {self.kind} "
                f"start with {right.hex(' ')}. {_REMEDY}"
            )
        return struct.unpack(f">{rank}I", self.take(4 * rank, "its header"))

    def take(self, size: int, what: str) -> bytes:
        """Reads exactly `size` bytes.

        Args:
            size: The number of bytes.
            what: Their name for messages.
        """
        content = self._read(size, what)
        if len(content) < size:
            raise UserError(f"{self.path} is cut off at {what}. {_REMEDY}")
        return content

    def check_end(self, count: int) -> None:
        """Refuses bytes after the last image or label that the header counts."""
        if self._read(1, "its end"):
            raise UserError(
                f"{self.path} continues after the {count:,} {self.kind} that its header counts. "
                f"{_REMEDY}"
            )

    def _read(self, size: int, what: str) -> bytes:
        try:
            return self._file.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            reason = str(error).rstrip(".")
            raise UserError(
                f"{self.path} is a damaged gzip file at {what} ({reason}). {_REMEDY}"
            ) from error


def _count(images: _IdxFile, labels: _IdxFile, expected: ImageFormat) -> int:
    """Returns the number of images after checking that both headers are right and agree."""
    count, *size = images.dimensions()
    (label_count,) = labels.dimensions()
    if size != [expected.height, expected.width]:
        height, width = size
        raise UserError(
            f"{images.path} contains images of {height:,} × {width:,} pixels. "
            f"Use images of {expected.height} × {expected.width} pixels."
        )
    if count != label_count:
        raise UserError(
            f"{images.path} contains {count:,} images, but {labels.path} contains "
            f"{label_count:,} labels. Download or create both files again."
        )
    if not count:
        raise UserError(f"{images.path} contains no images. Use a file with images.")
    return count
