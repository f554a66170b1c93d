"""Reading folders of images, valid and damaged. Does not need TensorFlow."""

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from components.errors import UserError
from components.image_example_gen import folder as module
from components.image_example_gen.folder import read_folders
from components.image_example_gen.format import ImageFormat

FORMAT = ImageFormat(height=4, width=4, label="label", classes=("cat", "dog"))
RAMP = np.arange(0, 256, 16, dtype=np.uint8).reshape(4, 4)


def save(tmp_path: Path, image: Image.Image, name: str = "train/cat/one.png", **options) -> str:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return str(path)


def pixels(file: str) -> np.ndarray:
    (image,) = read_folders([file], FORMAT)
    assert len(image.pixels) == 16
    return np.frombuffer(image.pixels, np.uint8).reshape(4, 4)


def refusal(file: str) -> str:
    with pytest.raises(UserError) as raised, warnings.catch_warnings():
        warnings.simplefilter("error")
        list(read_folders([file], FORMAT))
    message = str(raised.value)
    assert message.startswith(file)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_the_folder_is_the_class_and_the_path_the_id(tmp_path):
    files = [
        save(tmp_path, Image.fromarray(RAMP), name)
        for name in ("test/dog/b.png", "train/cat/a.PNG", "train/dog/c.jpeg", "train/dog/d.jpg")
    ]

    found = list(read_folders(files, FORMAT))

    assert [image.label for image in found] == ["dog", "cat", "dog", "dog"]
    assert [image.id for image in found] == [
        "test/dog/b.png",
        "train/cat/a.PNG",
        "train/dog/c.jpeg",
        "train/dog/d.jpg",
    ]


def test_gray_pixels_of_the_right_size_are_kept(tmp_path):
    assert (pixels(save(tmp_path, Image.fromarray(RAMP))) == RAMP).all()


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini"])
def test_files_of_operating_systems_are_skipped(tmp_path, name):
    image = save(tmp_path, Image.fromarray(RAMP))
    hidden = tmp_path / "train/cat" / name
    hidden.write_bytes(b"\0\0\0\1Bud1")

    assert len(list(read_folders([image, str(hidden)], FORMAT))) == 1


def test_colors_become_gray(tmp_path):
    for color, expected in (("white", 255), ("black", 0), ("red", 76), ("#808080", 128)):
        assert (pixels(save(tmp_path, Image.new("RGB", (4, 4), color))) == expected).all()


def test_palette_images_become_the_gray_of_their_colors(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 255, 255, 255, 0, 0])

    assert (pixels(save(tmp_path, image)) == 76).all()


def test_black_and_white_images_become_0_and_255(tmp_path):
    found = pixels(save(tmp_path, Image.fromarray(RAMP).point(lambda value: value > 100, "1")))

    assert (found == np.where(RAMP > 100, 255, 0)).all()


def test_16_bits_are_scaled_to_8(tmp_path):
    deep = np.linspace(0, 65535, 16).round().astype(np.uint16).reshape(4, 4)

    found = pixels(save(tmp_path, Image.fromarray(deep)))

    assert (found == np.arange(0, 256, 17).reshape(4, 4)).all()


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("RGBA", (0, 0, 0, 255), 0),
        ("RGBA", (0, 0, 0, 0), 255),
        ("RGBA", (0, 0, 0, 51), 204),
        ("LA", (0, 0), 255),
        ("LA", (40, 255), 40),
    ],
)
def test_what_is_transparent_lies_over_white(tmp_path, mode, color, expected):
    assert (pixels(save(tmp_path, Image.new(mode, (4, 4), color))) == expected).all()


@pytest.mark.parametrize(("mode", "black"), [("P", 0), ("RGB", (0, 0, 0)), ("L", 0)])
def test_a_transparent_color_lies_over_white_too(tmp_path, mode, black):
    image = Image.fromarray(np.where(RAMP > 100, 255, 0).astype(np.uint8)).convert(mode)

    assert (pixels(save(tmp_path, image, transparency=black)) == 255).all()


def test_cmyk_photos_are_read(tmp_path):
    image = Image.new("CMYK", (4, 4), (0, 0, 0, 255))

    assert pixels(save(tmp_path, image, "train/cat/one.jpg")).max() < 10


def test_photos_are_turned_upright(tmp_path):
    image = Image.fromarray(np.where(np.arange(16) < 8, 0, 255).astype(np.uint8).reshape(4, 4))
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180 degrees

    found = pixels(save(tmp_path, image, "train/cat/one.jpg", exif=exif, quality=100))

    assert found[:2].min() > 200
    assert found[2:].max() < 50


def test_larger_images_are_averaged_and_not_sampled(tmp_path):
    """Stripes of one pixel become gray. If every eighth pixel were taken, they would be black."""
    stripes = np.tile(np.uint8([0, 255]), (32, 16))

    found = pixels(save(tmp_path, Image.fromarray(stripes)))

    assert (abs(found.astype(int) - 127) < 8).all()


@pytest.mark.parametrize("size", [(2, 2), (1, 1), (7, 3), (8000, 1), (1, 8000)])
def test_any_size_is_scaled(tmp_path, size):
    assert (pixels(save(tmp_path, Image.new("L", size, 99))) == 99).all()


def test_of_a_photo_with_previews_the_photo_is_read(tmp_path):
    photo, preview = Image.new("L", (4, 4), 200), Image.new("L", (2, 2), 0)

    file = save(
        tmp_path,
        photo,
        "train/cat/one.jpg",
        format="MPO",
        save_all=True,
        append_images=[preview],
    )

    assert pixels(file).min() > 190


def test_an_animation_is_refused(tmp_path):
    frames = [Image.new("L", (4, 4), value) for value in (0, 100, 200)]

    file = save(tmp_path, frames[0], save_all=True, append_images=frames[1:])

    assert "is an animation. Replace it with a single image." in refusal(file)


@pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats_are_refused_whatever_they_are_called(tmp_path, format):
    file = save(tmp_path, Image.fromarray(RAMP), format=format)

    assert refusal(file) == f"{file} is not a PNG or JPEG image. Convert or remove it."


@pytest.mark.parametrize("name", ["train/cat/one.png", "train/cat/one.jpg"])
@pytest.mark.parametrize("damage", ["text", "start only", "cut off", "flipped"])
def test_a_broken_image_is_refused(tmp_path, name, damage):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    path = Path(save(tmp_path, Image.fromarray(noise), name))
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "text": b"not an image",
            "start only": content[:20],
            "cut off": content[:middle],
            # A JPEG's entropy code has no checksum: its header is damaged instead.
            "flipped": content[:200].replace(b"\xff\xc0", b"\xff\xc5") + content[201:]
            if path.suffix == ".jpg"
            else content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :],
        }[damage]
    )

    message = refusal(str(path))
    assert "is not a PNG or JPEG image" in message or "is a damaged PNG or JPEG image" in message


def test_an_empty_file_is_not_an_image(tmp_path):
    path = tmp_path / "train/cat/one.png"
    path.parent.mkdir(parents=True)
    path.touch()

    assert refusal(str(path)) == (
        f"{path} is an empty file, not an image. Replace it with an image or remove it."
    )


def test_problems_are_reported_together(tmp_path):
    good = save(tmp_path, Image.fromarray(RAMP))
    bad = []
    for name in ("train/cat/two.png", "train/dog/one.png"):
        bad.append(save(tmp_path, Image.fromarray(RAMP), name))
        Path(bad[-1]).write_bytes(b"not an image")
    unknown = [save(tmp_path, Image.fromarray(RAMP), f"train/dogs/{name}.png") for name in "ab"]

    with pytest.raises(UserError) as raised:
        list(read_folders([good, *bad, *unknown], FORMAT))

    assert str(raised.value) == (
        "3 problems:\n"
        f"  {bad[0]} is not a PNG or JPEG image. Convert or remove it.\n"
        f"  {bad[1]} is not a PNG or JPEG image. Convert or remove it.\n"
        f"  The folder {tmp_path}/train/dogs is not named after a class of the schema (cat, dog). "
        "Rename or remove the folder. Did you mean 'dog'?"
    )


def test_20_problems_are_reported_at_most(tmp_path):
    (tmp_path / "cat").mkdir()
    files = [tmp_path / f"cat/{number:02}.png" for number in range(30)]
    for file in files:
        file.write_bytes(b"not an image")

    with pytest.raises(UserError) as raised:
        list(read_folders(list(map(str, files)), FORMAT))

    heading, *problems = str(raised.value).splitlines()
    assert heading == "The first 20 problems:"
    assert [problem.split()[0] for problem in problems] == list(map(str, files[:20]))


def test_a_folder_in_a_class_folder_is_refused(tmp_path):
    (tmp_path / "train/cat/more").mkdir(parents=True)

    assert "more is a folder, not an image." in refusal(str(tmp_path / "train/cat/more"))


def test_an_unknown_class_is_refused(tmp_path):
    file = save(tmp_path, Image.fromarray(RAMP), "train/cow/one.png")

    with pytest.raises(UserError) as raised:
        list(read_folders([file], FORMAT))

    assert str(raised.value) == (
        f"The folder {tmp_path}/train/cow is not named after a class of the schema (cat, dog). "
        "Rename or remove the folder."
    )


def claiming(width: int, height: int) -> bytes:
    """A PNG file of a few hundred bytes with this size in its header."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">2I5B", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(module.MAX_SIDE + 1, 1), (30_000, 5_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_is_refused_unopened(tmp_path, size):
    path = tmp_path / "train/cat/bomb.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(claiming(*size))

    message = refusal(str(path))

    assert "at most 8,192 pixels wide and high" in message or "decompression bomb" in message
