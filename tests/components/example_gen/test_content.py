"""Fingerprints of the files that an ExampleGen read."""

import os

import pytest

from components.example_gen.content import content_fingerprint


def test_the_content_is_the_same_wherever_and_whenever_it_is(tmp_path):
    for number, place in enumerate(("here", "there")):
        (tmp_path / place / "train").mkdir(parents=True)
        for name, content in (("train/a", b"1,2"), ("b", b"3")):
            (tmp_path / place / name).write_bytes(content)
            os.utime(tmp_path / place / name, ns=(number, number))

    here, there = ([*(tmp_path / place).rglob("*")] for place in ("here", "there"))
    files = [[file for file in found if file.is_file()] for found in (here, there)]

    first = content_fingerprint(tmp_path / "here", files[0])
    assert content_fingerprint(tmp_path / "there", files[1][::-1]) == first


@pytest.mark.parametrize(
    "change", [("train/a", b"1,23"), ("train/c", b""), ("train/a", b"1,2\x00")]
)
def test_other_content_has_another_fingerprint(tmp_path, change):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a").write_bytes(b"1,2")
    before = content_fingerprint(tmp_path, [tmp_path / "train" / "a"])

    name, content = change
    (tmp_path / name).write_bytes(content)

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert content_fingerprint(tmp_path, files) != before
