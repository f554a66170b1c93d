"""The text ExampleGen's executor, on archives and folders, good and bad."""

import gzip
import io
import re
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import tensorflow as tf

from components.errors import UserError
from components.text_example_gen.archive import read_archive
from components.text_example_gen.component import TextExampleGen
from components.text_example_gen.executor import TextExecutor
from pipelines.registry import load
from schemas.reader import read_schema

IMDB = load("imdb")
TEXTS = {
    "aclImdb/train/neg/0_2.txt": "Awful caf\u00e9.<br />",
    "aclImdb/train/pos/1_9.txt": "Lovely.",
    "aclImdb/test/neg/0_1.txt": "Bad \x00 film.",
    "aclImdb/test/pos/7_10.txt": "Good film.",
}
Content = str | bytes | tarfile.TarInfo


def archive(folder: Path, members: dict[str, Content], name: str = "aclImdb_v1.tar.gz") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / name, "w:gz") as opened:
        for path, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                opened.addfile(content)
                continue
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
    assert _value(first, "text") == "Awful caf\u00e9.<br />".encode()
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


def _link(kind: bytes, name: str = "aclImdb/train/pos/5_8.txt") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("../evil.txt", "x", "'../evil.txt' leads out of the archive"),
        ("aclImdb/train/pos/../../../9_9.txt", "x", "leads out of the archive"),
        ("/etc/cron.d/9_9.txt", "x", "leads out of the archive"),
        ("link", _link(tarfile.SYMTYPE), "'aclImdb/train/pos/5_8.txt' is a link or a device"),
        ("link", _link(tarfile.LNKTYPE), "is a link or a device"),
        ("device", _link(tarfile.CHRTYPE), "is a link or a device"),
        ("pipe", _link(tarfile.FIFOTYPE), "is a link or a device"),
        ("aclImdb/train/pos/5_8.txt", "x" * (2**20 + 1), "5_8.txt' is longer than 1,048,576 bytes"),
        ("aclImdb/train/pos/5_8.txt", b"caf\xe9 x", "5_8.txt' is not UTF-8 (byte 4)"),
        ("aclImdb/train/pos/5_8.txt", "", "5_8.txt' is empty"),
        ("aclImdb/train/pos/5_8.txt", " \n", "5_8.txt' is empty"),
    ],
)
def test_a_bad_member_is_refused_by_name(tmp_path, path, content, message):
    file = archive(tmp_path, {**TEXTS, path: content})

    assert message in refused(file)
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("path", ["aclImdb/train/pos/5_8.txt", "aclImdb/README"])
def test_a_gigabyte_of_zeros_is_refused_by_its_header(tmp_path, path):
    member = tarfile.TarInfo(path)
    member.size = 1 << 30
    # The header alone: whoever read on would find the archive cut.
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(member.tobuf()))

    message = refused(tmp_path / "a.tar.gz")

    assert f"member '{path}'" in message
    assert "is longer than" in message or "has 1,073,741,824 bytes" in message


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_cut_archive_is_damaged(tmp_path, share):
    file = archive(tmp_path, {**TEXTS, "aclImdb/test/pos/8_9.txt": "long " * 3000})
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])

    assert "is damaged after " in refused(file)


def test_an_archive_cut_before_it_was_zipped_is_damaged(tmp_path):
    file = archive(tmp_path, {**TEXTS, "aclImdb/test/pos/8_9.txt": "long " * 3000})
    plain = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(plain[:6000]))

    assert "is damaged after member 'aclImdb/test/pos/8_9.txt'" in refused(file)


def test_a_zip_is_no_tar(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.tar.gz", "w") as opened:
        for path, text in TEXTS.items():
            opened.writestr(path, text)

    assert "is not a gzipped tar" in refused(tmp_path / "a.tar.gz")


def test_gzip_of_something_else_is_damaged(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"just a text " * 100))

    assert "is damaged after its beginning" in refused(tmp_path / "a.tar.gz")


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_class_needs_its_folder(tmp_path, split):
    texts = {path: text for path, text in TEXTS.items() if f"{split}/pos" not in path}

    assert f"has no texts in {split}/pos" in refused(archive(tmp_path, texts))


def test_another_layout_is_told_so(tmp_path):
    assert "holds no texts whose paths are like" in refused(archive(tmp_path, {"reviews.csv": "x"}))


def test_a_directory_named_like_a_text_is_refused(tmp_path):
    (tmp_path / "train/pos/1_9.txt").mkdir(parents=True)

    assert "is no regular file" in refused(tmp_path / "train/pos/1_9.txt")


def _header(path: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    member = tarfile.TarInfo(path)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_of_half_a_gigabyte_is_refused_unread(tmp_path, kind):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(_header("x", kind, 600 << 20)))

    assert "member 'x' claims 629,145,600 bytes" in refused(tmp_path / "a.tar.gz")


def test_a_negative_size_is_refused(tmp_path):
    header = bytearray(_header("aclImdb/README"))
    header[124:136] = (-512 & (1 << 96) - 1).to_bytes(12, "big")
    header[124] = 0o377
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(bytes(header) * 2 + bytes(1024)))

    assert "member 'aclImdb/README' claims -512 bytes" in refused(tmp_path / "a.tar.gz")


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.map": "a,b", "GNU.sparse.size": "1"},
        {"GNU.sparse.map": "0,1", "GNU.sparse.size": "zz"},
    ],
)
def test_nonsense_in_a_header_is_damage(tmp_path, headers):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as opened:
        member = tarfile.TarInfo("aclImdb/train/pos/0_9.txt")
        member.size, member.pax_headers = 1, headers
        opened.addfile(member, io.BytesIO(b"x"))

    assert "is damaged after its beginning" in refused(tmp_path / "a.tar.gz")


def test_headers_of_headers_without_end_are_damage(tmp_path):
    longname = _header("././@LongLink", tarfile.GNUTYPE_LONGNAME, 2) + b"x\0".ljust(512, b"\0")
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(longname * 3000))

    assert "is damaged after its beginning" in refused(tmp_path / "a.tar.gz")


def test_members_that_were_passed_over_are_not_kept(tmp_path):
    members = _header("aclImdb/other") * 30_000
    with gzip.open(archive(tmp_path, TEXTS)) as opened:
        content = opened.read()
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(members + content))
    texts = read_archive(str(tmp_path / "b.tar.gz"), re.compile(r".*\.txt").fullmatch)

    tracemalloc.start()
    name, *_ = next(texts)
    held = tracemalloc.take_snapshot()
    tracemalloc.stop()

    assert next(iter(TEXTS)) in name
    assert sum(1 for _ in texts) == len(TEXTS) - 1
    # Of this module alone: what else lives in the process may take memory at any time.
    by_tarfile = held.filter_traces([tracemalloc.Filter(True, tarfile.__file__)])
    assert sum(trace.size for trace in by_tarfile.traces) < 1 << 20
