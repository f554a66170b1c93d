"""Reading damaged or malicious archives. Does not need TensorFlow."""

import gzip
import io
import re
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from components.errors import Problems, UserError
from components.text_example_gen import archive
from components.text_example_gen.archive import read_archive

TEXT = "train/pos/0_9.txt"
END = bytes(1024)


def members(*paths: str, format: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar of texts that contain their own paths, without its end marker."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=format) as opened:
        for path in paths:
            member = tarfile.TarInfo(path)
            member.size = len(path.encode())
            opened.addfile(member, io.BytesIO(path.encode()))
        return packed.getvalue()[: opened.offset]


def header(path: str = TEXT, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    member = tarfile.TarInfo(path)
    member.type, member.size = kind, size
    member.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return member.tobuf(tarfile.GNU_FORMAT)


def claiming(size: int, kind: bytes = tarfile.REGTYPE, path: str = TEXT) -> bytes:
    """A header with a size in base 256, which may be negative or huge."""
    block = bytearray(header(path, kind))
    block[124:136] = (size & ((1 << 96) - 1)).to_bytes(12, "big")
    block[124] = 0o377 if size < 0 else 0o200
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(records: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    return header("PaxHeader", kind, len(records)) + records.ljust(
        -(-len(records) // 512) * 512, b"\0"
    )


def record(key: bytes, value: bytes) -> bytes:
    for length in range(len(key) + len(value) + 4, 1 << 16):
        text = b"%d %s=%s\n" % (length, key, value)
        if len(text) == length:
            return text
    raise AssertionError


def write(folder: Path, content: bytes) -> str:
    (folder / "a.tar.gz").write_bytes(gzip.compress(content))
    return str(folder / "a.tar.gz")


def read(file: str) -> list[str]:
    parse = re.compile(r".*\.txt").fullmatch
    problems = Problems()
    found = list(read_archive(file, lambda name, path: parse(path), problems))
    problems.raise_if_any()
    assert all(content.decode() == path[0] for _, path, content in found)
    return [path[0] for _, path, _ in found]


def refusal(file: str) -> str:
    """Returns the message without the file's name. The message must be short."""
    with pytest.raises(UserError) as raised:
        read(file)
    message = str(raised.value)
    assert message.startswith(file)
    assert message.endswith(".")
    assert len(message) < 1000
    return message.removeprefix(file)


def test_a_damaged_header_names_member_and_offset(tmp_path):
    """One bit in the second of three headers is wrong, but the gzip stream is valid."""
    damaged = (
        "1f8b0800000000000203edd33d0a80300c86e11cc513d81f8b1e473a88b874a829f4f8068722ce560afd9e252"
        "14ba697a33f820adbaef46a46ce4cdfd36276ee9ee23d8579ec72377a7196064d3f4827fb28efa94f99a067a9f"
        "46fdaea7f42ffe81f6ae3d2bf6dab7f87fed13f0000d47201ee52bf1200100000"
    )
    (tmp_path / "a.tar.gz").write_bytes(bytes.fromhex(damaged))

    assert refusal(str(tmp_path / "a.tar.gz")) == (
        " cannot be read at byte 1,024 of the unpacked archive, after member 'train/neg/0_1.txt': "
        "the header is damaged (bad checksum). Download it again, or pack its files again with "
        "'tar -czf'."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (members(TEXT), "ends without its end marker"),
        (members(TEXT)[:-300], "ends without its end marker"),
        (members(TEXT)[:600], "ends without its end marker"),
        (members(TEXT) + bytes(512), "ends without its end marker"),
        (members(TEXT) + bytes(512) + members(TEXT) + END, "the end marker is cut off"),
        (members(TEXT) + END + members(TEXT) + END, "the archive continues after its end marker"),
        (members(TEXT) + END + b"x", "the archive continues after its end marker"),
        (b"just a text " * 100, "the header is damaged"),
        (b"", "ends without its end marker"),
    ],
)
def test_an_archive_ends_with_its_end_marker(tmp_path, content, reason):
    assert reason in refusal(write(tmp_path, content))


def test_two_archives_in_one_file_are_refused(tmp_path):
    file = Path(write(tmp_path, members(TEXT) + END))
    file.write_bytes(file.read_bytes() * 2)

    assert "the archive continues after its end marker" in refusal(str(file))


@pytest.mark.parametrize("at", [-6, 40])
def test_damaged_gzip_data_is_refused(tmp_path, at):
    file = Path(write(tmp_path, members(*(f"{number}_9.txt" for number in range(100))) + END))
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(content)

    assert "the gzip data is damaged" in refusal(str(file))


def test_padding_after_the_end_marker_is_read(tmp_path):
    assert read(write(tmp_path, members(TEXT) + END + bytes(1 << 19))) == [TEXT]


@pytest.mark.parametrize(
    "paths",
    [
        ["train/pos/\u00e9clair.txt"],
        ["folder/" * 40 + "0_9.txt", "train/pos/1_9.txt"],
        ["folder/" * 500 + "0_9.txt"],
    ],
)
@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_read(tmp_path, paths, format):
    assert read(write(tmp_path, members(*paths, format=format) + END)) == paths


def test_a_long_ustar_name_is_read(tmp_path):
    path = "folder/" * 20 + "0_9.txt"

    assert read(write(tmp_path, members(path) + END)) == [path]


def test_comments_for_the_whole_archive_are_skipped(tmp_path):
    """`git archive` writes one."""
    comment = pax(record(b"comment", b"a commit"), tarfile.XGLTYPE)

    assert read(write(tmp_path, comment + members(TEXT) + END)) == [TEXT]


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.GNUTYPE_SPARSE,
        tarfile.GNUTYPE_LONGLINK,
        b"Z",
    ],
)
def test_other_kinds_are_refused_at_the_header(tmp_path, kind):
    message = refusal(write(tmp_path, members("first.txt") + header(TEXT, kind)))

    assert "at byte 1,024 of the unpacked archive, after member 'first.txt'" in message
    assert f"'{TEXT}' is neither a regular file nor a folder" in message


@pytest.mark.parametrize(
    "content",
    [
        # Claims 2^62 bytes.
        "1f8b08000000000002032b294accccd3cf4b4dd7378c37d42ba92861a01f680062072ce206066646c6260c0ac1"
        "f4704469714962918202c3f0050670608a290900ed5e127200020000",
        # The header announces more of the map, but the archive ends.
        "1f8b08000000000002032b294accccd3cf4b4dd7378c37d42ba92861a01f68c0216e606066686ccaa0104c0f4"
        "794169724162928300c5bc0680007a698b200fadd150200020000",
    ],
)
def test_a_sparse_file_is_refused_at_its_header(tmp_path, content):
    (tmp_path / "a.tar.gz").write_bytes(bytes.fromhex(content))

    message = refusal(str(tmp_path / "a.tar.gz"))

    assert "'train/neg/1_1.txt' is neither a regular file nor a folder" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"GNU.sparse.map", b"0,5"),
        (b"GNU.sparse.map", b"a,b"),
        (b"GNU.sparse.size", b"5"),
        (b"GNU.sparse.major", b"1"),
        (b"size", b"-5"),
        (b"size", b"-1000000000000000000"),
        (b"size", b"9" * 4200),
    ],
)
@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_pax_headers_that_change_sizes_are_refused(tmp_path, key, value, kind):
    message = refusal(write(tmp_path, pax(record(key, value), kind) + members(TEXT) + END))

    assert f"the pax header '{key.decode()}' is not supported" in message


def test_a_name_for_all_members_is_refused(tmp_path):
    content = pax(record(b"path", b"x.txt"), tarfile.XGLTYPE) + members(TEXT) + END

    assert "the pax header 'path' is not supported" in refusal(write(tmp_path, content))


@pytest.mark.parametrize(
    "records",
    [
        b"nonsense",
        b"0 path=x\n",
        b"2 path=x\n",
        b"99 path=x\n",
        b"9 path=x\n\0\0",
        b"10 path=xyz",
        b"9 path:x\n",
        b"99999999999 path=x\n",
        record(b"a", b"b=c") + b"path=x\n",
    ],
)
def test_a_damaged_pax_header_is_refused(tmp_path, records):
    message = refusal(write(tmp_path, pax(records) + members(TEXT) + END))

    assert "the pax header is damaged" in message


@pytest.mark.parametrize(
    "name", [pax(record(b"path", b"x.txt")), members("x" * 300, format=tarfile.GNU_FORMAT)[:1024]]
)
def test_a_chain_of_names_is_refused(tmp_path, name):
    message = refusal(write(tmp_path, name * 3000 + members(TEXT) + END))

    assert "a header that names a member follows another one" in message


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_large_header_is_refused_unread(tmp_path, kind):
    message = refusal(write(tmp_path, header("x", kind, 60 << 20)))

    assert "'x' is a header that claims 62,914,560 bytes" in message


@pytest.mark.parametrize("size", [-1, -512, -(10**18)])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.XHDTYPE])
def test_a_negative_size_is_refused(tmp_path, size, kind):
    message = refusal(write(tmp_path, claiming(size, kind) + members(TEXT) + END))

    assert f"'{TEXT}' claims {size:,} bytes" in message


@pytest.mark.parametrize("path", [TEXT, "README"])
@pytest.mark.parametrize("size", [1 << 30, 1 << 43, 1 << 62])
def test_a_huge_size_is_refused_at_its_header(tmp_path, path, size):
    message = refusal(write(tmp_path, claiming(size, path=path)))

    assert "the archive unpacks to more than 67,108,864 bytes" in message


def test_zeros_that_would_be_skipped_are_refused(tmp_path):
    size = 80 << 20

    message = refusal(write(tmp_path, header("README", size=size) + bytes(size) + END))

    assert " at byte 0 of the unpacked archive" in message
    assert "the archive unpacks to more than 67,108,864 bytes" in message


def test_empty_members_count_as_their_headers(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MIN_BYTES_FOR_RATIO", 1 << 20)

    message = refusal(write(tmp_path, header("empty") * 4000 + END))

    assert "at byte 1,048,576 of the unpacked archive, after member 'empty'" in message
    assert "the archive unpacks to more than 1,048,576 bytes" in message


def test_an_archive_of_nothing_but_zeros_is_refused(tmp_path):
    message = refusal(write(tmp_path, bytes(1 << 24)))

    assert "after its beginning: the archive continues after its end marker" in message


@pytest.mark.parametrize(("ratio", "is_read"), [(1000, True), (10, False)])
def test_the_limit_grows_with_the_archive(tmp_path, monkeypatch, ratio, is_read):
    monkeypatch.setattr(archive, "MIN_BYTES_FOR_RATIO", 1024)
    monkeypatch.setattr(archive, "MAX_RATIO", ratio)
    paths = [f"train/pos/{number}_9.txt" for number in range(500)]
    file = write(tmp_path, members(*paths) + END)

    if is_read:
        assert read(file) == paths
    else:
        assert "the archive unpacks to more than" in refusal(file)


def test_members_that_were_skipped_are_not_kept(tmp_path):
    file = write(tmp_path, header("other") * 5000 + members(TEXT) + END)

    tracemalloc.start()
    found = read(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == [TEXT]
    # Python's tarfile would keep 5,000 members of 1 KB each.
    assert peak < 1 << 20
