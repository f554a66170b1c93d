"""Reading pairs of IDX files, valid and damaged. Does not need TensorFlow."""

import dataclasses
import gzip
import struct
import tracemalloc
from pathlib import Path

import pytest

from components.errors import UserError
from components.image_example_gen.format import ImageFormat, LabeledImage
from components.image_example_gen.idx import is_idx, read_idx

FORMAT = ImageFormat(height=2, width=3, label="label", classes=("zero", "one", "two"))
PIXELS = [bytes(range(start, start + 6)) for start in (0, 100, 200, 250)]
LABELS = [2, 0, 1, 2]
OFFICIAL = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def images_content(magic=b"\0\0\x08\x03", count=4, height=2, width=3, pixels=PIXELS) -> bytes:
    return magic + struct.pack(">3I", count, height, width) + b"".join(pixels)


def labels_content(magic=b"\0\0\x08\x01", count=4, labels=LABELS) -> bytes:
    return magic + struct.pack(">I", count) + bytes(labels)


def write(
    folder: Path,
    images: bytes | None = images_content(),
    labels: bytes | None = labels_content(),
    names=OFFICIAL,
) -> list[str]:
    files = []
    for name, content in zip(names, (images, labels), strict=True):
        if content is not None:
            (folder / name).write_bytes(content)
            files.append(str(folder / name))
    return files


def refusal(files: list[str]) -> str:
    with pytest.raises(UserError) as raised:
        list(read_idx(files, FORMAT))
    message = str(raised.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message.replace(f"{Path(files[0]).parent}/", "")


@pytest.mark.parametrize(
    "names",
    [
        OFFICIAL,
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels.idx1-ubyte"),
    ],
)
def test_images_and_labels_are_paired(tmp_path, names):
    images, labels = (
        gzip.compress(content) if name.endswith(".gz") else content
        for name, content in zip(names, (images_content(), labels_content()), strict=True)
    )

    found = list(read_idx(write(tmp_path, images, labels, names), FORMAT))

    classes = ("two", "zero", "one", "two")
    assert found == [
        LabeledImage(pixels, name, f"train/0000{index}")
        for index, (pixels, name) in enumerate(zip(PIXELS, classes, strict=True))
    ]


def test_an_unpacked_file_may_keep_the_name_of_the_packed_one(tmp_path):
    names = [f"{name}.gz" for name in OFFICIAL]

    assert len(list(read_idx(write(tmp_path, names=names), FORMAT))) == 4


def test_several_pairs_are_read_one_after_the_other(tmp_path):
    files = write(tmp_path) + write(
        tmp_path, names=("more-images-idx3-ubyte", "more-labels-idx1-ubyte")
    )

    ids = [image.id for image in read_idx(sorted(files), FORMAT)]

    assert ids == [f"{pair}/0000{index}" for pair in ("more", "train") for index in range(4)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train-images-idx3-ubyte.gz", True),
        ("t10k-labels.idx1-ubyte", True),
        ("train/3/images.png", False),
        ("idx3-ubyte", False),
    ],
)
def test_idx_files_are_told_by_their_names(name, expected):
    assert is_idx(f"some/folder/{name}") is expected


@pytest.mark.parametrize(
    ("images", "labels", "expected"),
    [
        pytest.param(
            images_content(magic=b"\0\0\x08\x01"),
            labels_content(),
            "train-images-idx3-ubyte starts with the bytes 00 00 08 01, but IDX files of images "
            "start with 00 00 08 03. Download or create the file again.",
            id="labels for images",
        ),
        pytest.param(
            images_content(magic=b"\0\0\x0d\x03"),
            labels_content(),
            "train-images-idx3-ubyte starts with the bytes 00 00 0d 03, but",
            id="floats",
        ),
        pytest.param(
            images_content(),
            labels_content(magic=b"<htm"),
            "train-labels-idx1-ubyte starts with the bytes 3c 68 74 6d, but IDX files of labels",
            id="a web page",
        ),
        pytest.param(
            images_content()[:3], labels_content(), "cut off at its header", id="no whole magic"
        ),
        pytest.param(
            images_content(),
            labels_content()[:6],
            "train-labels-idx1-ubyte is cut off at its header",
            id="no whole header",
        ),
        pytest.param(
            images_content()[:-8],
            labels_content(),
            "train-images-idx3-ubyte is cut off at image 2. Download or create the file again.",
            id="images cut off",
        ),
        pytest.param(
            images_content(),
            labels_content()[:-1],
            "train-labels-idx1-ubyte is cut off at label 3. Download or create the file again.",
            id="labels cut off",
        ),
        pytest.param(
            images_content(),
            labels_content(count=5, labels=[0, 1, 2, 0, 1]),
            "train-images-idx3-ubyte contains 4 images, but {}/train-labels-idx1-ubyte contains 5 "
            "labels.",
            id="counts differ",
        ),
        pytest.param(
            images_content(count=0, pixels=[]),
            labels_content(count=0, labels=[]),
            "train-images-idx3-ubyte contains no images. Use a file with images.",
            id="zero images",
        ),
        pytest.param(
            images_content(height=3, width=2),
            labels_content(),
            "train-images-idx3-ubyte contains images of 3 × 2 pixels. Use images of 2 × 3 pixels.",
            id="another size",
        ),
        pytest.param(
            images_content(),
            labels_content(labels=[2, 0, 3, 1]),
            "train-labels-idx1-ubyte: label 2 is 3, but the schema has only 3 classes (0 to 2). "
            "Correct the file or the schema.",
            id="label out of range",
        ),
        pytest.param(
            images_content() + b"\0",
            labels_content(),
            "train-images-idx3-ubyte continues after the 4 images that its header counts",
            id="more images than announced",
        ),
        pytest.param(
            images_content(),
            labels_content() + b"\0",
            "train-labels-idx1-ubyte continues after the 4 labels that its header counts",
            id="more labels than announced",
        ),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, images, labels, expected):
    files = write(tmp_path, images, labels)

    assert expected.format(tmp_path).replace(f"{tmp_path}/", "") in refusal(files)


@pytest.mark.parametrize(
    ("count", "height", "width", "expected"),
    [
        (4, 2**31, 3, "images of 2,147,483,648 × 3 pixels. Use images of 2 × 3 pixels."),
        (4, 2, 2**31, "images of 2 × 2,147,483,648 pixels. Use images of 2 × 3 pixels."),
        (2**31, 2, 3, "cut off at image 4"),
    ],
)
def test_a_dimension_of_two_billions_takes_no_memory(tmp_path, count, height, width, expected):
    files = write(
        tmp_path,
        images_content(count=count, height=height, width=width),
        labels_content(count=count, labels=LABELS * 2),
    )

    tracemalloc.start()
    message = refusal(files)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert expected in message
    assert peak < 1_000_000


def test_images_without_labels_are_refused(tmp_path):
    assert refusal(write(tmp_path, labels=None)) == (
        "train-images-idx3-ubyte has no file of labels. Put train-labels-idx1-ubyte next to it."
    )


def test_labels_without_images_are_refused(tmp_path):
    names = ("train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz")

    assert refusal(write(tmp_path, images=None, names=names)) == (
        "train-labels.idx1-ubyte.gz has no file of images. Put train-images.idx3-ubyte.gz "
        "next to it."
    )


def test_a_file_that_is_there_packed_and_unpacked_is_refused(tmp_path):
    files = write(tmp_path) + write(
        tmp_path, gzip.compress(images_content()), None, [f"{name}.gz" for name in OFFICIAL]
    )

    assert refusal(files) == (
        "train-images-idx3-ubyte.gz is a second copy of train-images-idx3-ubyte. "
        "Remove one of them."
    )


def test_a_file_of_another_name_is_refused(tmp_path):
    (tmp_path / "train-notes.txt").write_text("notes")

    message = refusal([*write(tmp_path), str(tmp_path / "train-notes.txt")])

    assert message.startswith("train-notes.txt is not named like an IDX file")


def test_files_from_kaggle_lie_next_to_folders_that_contain_them_again(tmp_path):
    names = ("train-images.idx3-ubyte", "train-labels.idx1-ubyte")
    files = write(tmp_path, names=names)
    for name, content in zip(OFFICIAL, (images_content(), labels_content()), strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_bytes(content)
        files.append(str(tmp_path / name))

    assert len(list(read_idx(sorted(files), FORMAT))) == 4


def test_a_folder_in_place_of_a_file_is_a_folder(tmp_path):
    files = write(tmp_path, labels=None)
    (tmp_path / OFFICIAL[1]).mkdir()

    assert refusal([*files, str(tmp_path / OFFICIAL[1])]) == (
        "train-labels-idx1-ubyte is a folder, not an IDX file. Replace it with the file of labels."
    )


@pytest.mark.parametrize("which", [0, 1])
def test_an_empty_file_is_not_an_idx_file(tmp_path, which):
    files = write(tmp_path)
    Path(files[which]).write_bytes(b"")

    assert refusal(files) == (
        f"{OFFICIAL[which]} is an empty file, not an IDX file. "
        "Replace it with an IDX file or remove it."
    )


def test_labels_out_of_range_are_reported_together(tmp_path):
    files = write(tmp_path, labels=labels_content(labels=[3, 0, 200, 2]))

    with pytest.raises(UserError) as raised:
        list(read_idx(files, FORMAT))

    assert str(raised.value) == "\n  ".join(
        [
            "2 problems:",
            *(
                f"{files[1]}: label {index} is {label}, but the schema has only 3 classes "
                "(0 to 2). Correct the file or the schema."
                for index, label in ((0, 3), (2, 200))
            ),
        ]
    )


def damaged(content: bytes) -> list[bytes]:
    packed = gzip.compress(content)
    middle = len(packed) // 2
    no_such_block = packed[:10] + b"\xff" + packed[11:]
    wrong_sum = packed[:-8] + bytes(4) + packed[-4:]
    return [packed[:-10], packed[:middle], no_such_block, wrong_sum, packed + b"garbage"]


@pytest.mark.parametrize("damage", range(5))
@pytest.mark.parametrize("which", ["images", "labels"])
def test_a_damaged_gzip_file_is_refused(tmp_path, which, damage):
    images, labels = images_content(), labels_content()
    if which == "images":
        images = damaged(images)[damage]
    else:
        labels = damaged(labels)[damage]

    message = refusal(write(tmp_path, images, labels))

    assert message.startswith(f"train-{which}-idx")
    assert "is a damaged gzip file at " in message


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path):
    large = dataclasses.replace(FORMAT, height=512, width=512)
    count = 64
    content = images_content(count=count, height=512, width=512, pixels=[bytes(512 * 512)] * count)
    files = write(
        tmp_path,
        gzip.compress(content, 1),
        gzip.compress(labels_content(count=count, labels=bytes(count))),
    )

    tracemalloc.start()
    found = sum(1 for _ in read_idx(files, large))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == count
    assert peak < len(content) / 8
