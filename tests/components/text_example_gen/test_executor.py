"""The text ExampleGen's executor, on archives and folders, good and bad."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from components.errors import UserError
from components.text_example_gen.component import TextExampleGen
from components.text_example_gen.executor import TextExecutor
from pipelines.registry import load
from schemas.reader import read_schema

IMDB = load("imdb")
TEXTS = {
    "aclImdb/train/neg/0_2.txt": "Awful \u00e9clair.<br />",
    "aclImdb/train/pos/1_9.txt": "Lovely.",
    "aclImdb/test/neg/0_1.txt": "Bad \x00 film.",
    "aclImdb/test/pos/7_10.txt": "Good film.",
}


def archive(folder: Path, members: dict[str, str | bytes], name: str = "aclImdb_v1.tar.gz") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / name, "w:gz") as opened:
        for path, content in members.items():
            encoded = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(path)
            member.size = len(encoded)
            opened.addfile(member, io.BytesIO(encoded))
    return folder / name


def read(*files: Path) -> dict[str | None, list[tf.train.Example]]:
    options = {
        **TextExampleGen.options(read_schema(IMDB.schema_file), "label", IMDB.source.options),
        "hash_buckets": IMDB.source.hash_buckets,
    }
    found: dict[str | None, list[tf.train.Example]] = {}
    for batch in TextExecutor().read([str(file) for file in files], options):
        examples = map(tf.train.Example.FromString, batch.records)
        found.setdefault(batch.split, []).extend(examples)
    return found


def refused(*files: Path) -> str:
    with pytest.raises(UserError) as error:
        read(*files)
    return str(error.value)


def _value(example: tf.train.Example, name: str) -> bytes | int:
    feature = example.features.feature[name]
    (value,) = getattr(feature, feature.WhichOneof("kind")).value
    return value


def test_paths_say_what_texts_are_and_train_is_left_to_the_hash(tmp_path):
    found = read(archive(tmp_path, TEXTS))

    assert set(found) == {None, "test"}
    assert [_value(example, "id") for example in found["test"]] == [
        b"test/neg/0_1",
        b"test/pos/7_10",
    ]
    first, second = found[None]
    assert _value(first, "text") == "Awful \u00e9clair.<br />".encode()
    assert [_value(first, "label"), _value(second, "label")] == [b"neg", b"pos"]
    assert [_value(first, "rating"), _value(second, "rating")] == [2, 9]
    assert _value(found["test"][0], "text") == b"Bad \x00 film."


def test_a_folder_gives_the_same_examples_as_the_archive(tmp_path):
    for path, text in TEXTS.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    unpacked = read(*sorted(tmp_path.glob("aclImdb/*/*/*.txt")))

    packed = read(archive(tmp_path / "packed", TEXTS))
    for split in (None, "test"):
        assert sorted(e.SerializeToString(deterministic=True) for e in unpacked[split]) == sorted(
            e.SerializeToString(deterministic=True) for e in packed[split]
        )


def test_what_else_the_official_archive_holds_is_passed_over(tmp_path):
    others = {
        "aclImdb/README": "about",
        "aclImdb/imdb.vocab": "the",
        "aclImdb/train/labeledBow.feat": "9 0:9",
        "aclImdb/train/urls_pos.txt": "http://",
        "aclImdb/train/unsup/0_0.txt": "no label",
        "aclImdb/._train": b"\xff\xfe",
    }

    found = read(archive(tmp_path, {**others, **TEXTS}))

    assert sum(map(len, found.values())) == len(TEXTS)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("../evil.txt", "x", "'../evil.txt' leads out of the archive"),
        ("aclImdb/train/pos/../../../9_9.txt", "x", "leads out of the archive"),
        ("/etc/cron.d/9_9.txt", "x", "leads out of the archive"),
        ("aclImdb/train/pos/5_8.txt", "x" * (2**20 + 1), "5_8.txt' is longer than 1,048,576 bytes"),
        ("aclImdb/train/pos/5_8.txt", b"abc\xe9 x", "5_8.txt' is not UTF-8 at byte 4"),
        ("aclImdb/train/pos/5_8.txt", "", "5_8.txt' is empty"),
        ("aclImdb/train/pos/5_8.txt", " \n", "5_8.txt' is empty"),
    ],
)
def test_a_bad_member_is_refused_by_name(tmp_path, path, content, message):
    file = archive(tmp_path, {**TEXTS, path: content})

    assert message in refused(file)
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


def test_bad_texts_are_reported_together(tmp_path):
    bad = {
        "aclImdb/train/neg/7_1.txt": b"abc\xe9",
        "aclImdb/train/pos/8_9.txt": "",
        "aclImdb/train/pos/9.txt": "No rating.",
        "aclImdb/test/pos/9_9.txt": "x" * (2**20 + 1),
    }
    file = archive(tmp_path, {**bad, **TEXTS})

    heading, *problems = refused(file).split("\n  ")

    assert heading == "4 problems:"
    for problem, path in zip(problems, bad, strict=True):
        assert problem.startswith(f"{file}, member '{path}' is ")


def test_bad_texts_of_a_folder_are_reported_together(tmp_path):
    files = {"train/neg/0_2.txt": b"\xff", "train/neg/1_2.txt": b"", "train/pos/2_9.txt": b"Good."}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text)
    (tmp_path / "train/pos/3_9.txt").mkdir()

    message = refused(*sorted(tmp_path.glob("*/*/*.txt")))

    assert message == (
        "3 problems:\n"
        f"  {tmp_path}/train/neg/0_2.txt is not UTF-8 at byte 1. Save the text as UTF-8.\n"
        f"  {tmp_path}/train/neg/1_2.txt is an empty file, not a text. "
        "Replace it with a text or remove it.\n"
        f"  {tmp_path}/train/pos/3_9.txt is a folder, not a text. "
        "Replace it with a text or remove it."
    )


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", ".DS_Store", "._0_9.txt"])
def test_files_of_operating_systems_are_skipped(tmp_path, name):
    found = read(archive(tmp_path, {f"aclImdb/train/pos/{name}": b"\0\xff", **TEXTS}))

    assert sum(map(len, found.values())) == len(TEXTS)


def test_a_text_without_a_rating_is_told_what_its_name_must_contain(tmp_path, monkeypatch):
    path = tmp_path / "train/pos/0.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Lovely.")
    described = {**IMDB.source.options["text"], "example": "train/pos/0_9.txt"}
    monkeypatch.setitem(IMDB.source.options, "text", described)

    assert refused(path) == (
        f"{path} is in the folder of a class but not named like a text. A path must contain the "
        "split, class, ID, and rating, as in train/pos/0_9.txt."
    )


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_cut_archive_is_damaged(tmp_path, share):
    file = archive(tmp_path, {**TEXTS, "aclImdb/test/pos/8_9.txt": "long " * 3000})
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])

    assert f"{file} cannot be read at byte " in refused(file)


def test_a_zip_is_not_a_tar(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.tar.gz", "w") as opened:
        for path, text in TEXTS.items():
            opened.writestr(path, text)

    assert "is not a tar.gz archive" in refused(tmp_path / "a.tar.gz")


def test_an_empty_archive_is_an_empty_file(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"")

    assert "a.tar.gz is an empty file, not a tar.gz archive. " in refused(tmp_path / "a.tar.gz")


def test_a_folder_named_like_an_archive_is_a_folder(tmp_path):
    (tmp_path / "a.tar.gz").mkdir()

    assert "a.tar.gz is a folder, not a tar.gz archive. " in refused(tmp_path / "a.tar.gz")


def test_an_archive_that_is_not_there_is_missing(tmp_path):
    assert "a.tar.gz does not exist. " in refused(tmp_path / "a.tar.gz")


@pytest.mark.parametrize("name", ["adult [v2].tar.gz", "a*{b}?\\.tar.gz"])
def test_messages_repeat_the_path_as_it_is(tmp_path, name):
    file = archive(tmp_path, {"reviews.csv": "x"}, name)

    assert refused(file).startswith(f"{tmp_path}/{name} contains no texts. ")


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_class_needs_texts(tmp_path, split):
    texts = {path: text for path, text in TEXTS.items() if f"{split}/pos" not in path}
    file = archive(tmp_path, texts)

    assert refused(file) == (
        f"{file} contains no texts of the class 'pos' for the {split} split. "
        "Add texts of every class."
    )


def test_an_archive_without_texts_contains_no_texts(tmp_path):
    message = refused(archive(tmp_path, {"reviews.csv": "x"}))

    assert "contains no texts. A path must contain the split, class, ID, and rating" in message


def test_an_archive_without_a_split_ends_it(tmp_path):
    texts = {path: text for path, text in TEXTS.items() if "/test/" not in path}
    file = archive(tmp_path / "data", texts)
    component = TextExampleGen(
        input_base=str(file.parent),
        patterns=dict.fromkeys(("train", "test"), file.name),
        hash_buckets={"train": 1},
        options=TextExampleGen.options(read_schema(IMDB.schema_file), "label", IMDB.source.options),
    )
    examples = standard_artifacts.Examples()
    examples.uri = str(tmp_path / "out")

    with pytest.raises(UserError) as raised:
        TextExecutor().Do({}, {"examples": [examples]}, component.exec_properties)

    assert str(raised.value) == (
        f"Split 'test' has no rows: {file} contains no rows for it. Add more rows."
    )
