"""Downloads from a real HTTP server on this machine."""

import hashlib
import io
import re
import socket
import tarfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tenacity
from filelock import FileLock
from rich.console import Console

from components.errors import UserError
from pipelines.datasets.download import fetch, progress_bar
from pipelines.datasets.remote import RemoteFile

CONTENT = bytes(range(256)) * 2_000  # 0.5 MB, more than the buffer of a socket
HALF = len(CONTENT) // 2
NAME = "adult.data"
MEMBER = "Adult/adult.data"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """A server's content, its faults, and the requests to it.

    Attributes:
        files: The content by path.
        faults: Path -> the faults of the first, the second, … request.
        asked: The path and the Range header of every request.
    """

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: defaultdict[str, list[Callable[["Handler"], None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.site.asked.append((self.path, self.headers["Range"]))
        faults = self.site.faults[self.path]
        if faults:
            faults.pop(0)(self)
        elif self.path not in self.site.files:
            self.send_error(404)
        else:
            self.serve(self.site.files[self.path])

    def serve(self, content: bytes) -> None:
        """Answers with the requested range of `content`."""
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(wanted[1]) if wanted else 0
        if wanted and start >= len(content):
            self.send_error(416)
            return
        head: dict[str, Any] = {"Content-Length": len(content) - start}
        if wanted:
            head["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206 if wanted else 200, head, content[start:])

    def answer(self, status: int, head: dict[str, Any], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def status(code: int) -> Callable[[Handler], None]:
    return lambda handler: handler.send_error(code)


def cut_off(handler: Handler) -> None:
    """Announces the whole file, sends half of it, and closes the connection."""
    handler.answer(200, {"Content-Length": len(CONTENT)}, CONTENT[:HALF])


def stall(handler: Handler) -> None:
    """Sends half of the file, and then nothing, but keeps the connection open."""
    cut_off(handler)
    handler.wfile.flush()
    handler.site.closing.wait()


def silence(handler: Handler) -> None:
    """Accepts the request, but does not answer."""
    handler.site.closing.wait()


def whole(handler: Handler) -> None:
    """Ignores ranges and always sends the whole file."""
    handler.answer(200, {"Content-Length": len(CONTENT)}, CONTENT)


def wrong_range(handler: Handler) -> None:
    """Sends another range than the requested one."""
    head = {
        "Content-Length": len(CONTENT) - 1,
        "Content-Range": f"bytes 1-{len(CONTENT) - 1}/{len(CONTENT)}",
    }
    handler.answer(206, head, CONTENT[1:])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("SiteHandler", (Handler,), {"site": site})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def file(site: Site) -> RemoteFile:
    """The file that the site has at /adult.data."""
    site.files[f"/{NAME}"] = CONTENT
    return RemoteFile(NAME, (f"{site.url}/{NAME}",), len(CONTENT), SHA256)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "census"


def quick(file: RemoteFile, folder: Path, **options: Any) -> Path:
    defaults: dict[str, Any] = {"timeout": (5, 5), "attempts": 3, "wait": tenacity.wait_none()}
    fetch([file], folder, **(defaults | options))
    return folder / file.name


def ranges(site: Site) -> list[str | None]:
    return [wanted for _, wanted in site.asked]


def visible(folder: Path) -> list[str]:
    """Returns the names of the visible files in the folder."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def leave_part(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.part").write_bytes(content)


def test_downloads_a_file(site: Site, file: RemoteFile, folder: Path) -> None:
    quick(file, folder)

    assert (folder / NAME).read_bytes() == CONTENT
    assert visible(folder) == [NAME]
    assert ranges(site) == [None]
    FileLock(folder / ".download.lock").acquire(timeout=0)  # it was released


@pytest.mark.parametrize("chunked", [False, True])
def test_size_may_be_unknown(site: Site, file: RemoteFile, folder: Path, chunked: bool) -> None:
    def without_length(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        if chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)
            handler.answer(200, {"Transfer-Encoding": "chunked", "Connection": "close"}, body)
        else:
            handler.answer(200, {"Connection": "close"}, CONTENT)

    site.faults[f"/{NAME}"] = [without_length]

    assert quick(replace(file, size=None), folder).read_bytes() == CONTENT


def test_bytes_are_kept_as_stored(site: Site, file: RemoteFile, folder: Path) -> None:
    # Apache calls every .gz file "Content-Encoding: x-gzip"; it must not be decompressed.
    site.faults[f"/{NAME}"] = [
        lambda handler: handler.answer(
            200, {"Content-Length": len(CONTENT), "Content-Encoding": "x-gzip"}, CONTENT
        )
    ]

    assert quick(file, folder).read_bytes() == CONTENT


def test_shows_progress_and_what_is_there(file: RemoteFile, folder: Path) -> None:
    screen = io.StringIO()
    with progress_bar(Console(file=screen)) as progress:
        quick(file, folder, progress=progress)
        assert [(task.completed, task.total) for task in progress.tasks] == [
            (len(CONTENT), len(CONTENT))
        ]
        quick(file, folder, progress=progress)
    assert f"{NAME}: already there" in screen.getvalue()


def test_a_file_that_is_there_is_not_asked_for(site: Site, file: RemoteFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)

    quick(file, folder)

    assert site.asked == []
    assert [path.name for path in folder.iterdir()] == [NAME]  # no lock: it may be read-only


def test_a_damaged_file_is_replaced(file: RemoteFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT[:-1] + b"!")

    assert quick(file, folder).read_bytes() == CONTENT


def test_wrong_checksum_leaves_nothing(site: Site, file: RemoteFile, folder: Path) -> None:
    site.files[f"/{NAME}"] = wrong = CONTENT[::-1]

    with pytest.raises(UserError) as failure:
        quick(file, folder)

    for part in (NAME, file.urls[0], file.sha256, hashlib.sha256(wrong).hexdigest()):
        assert part in str(failure.value)
    assert visible(folder) == []
    assert len(site.asked) == 1


def test_wrong_checksum_tries_the_next_address(site: Site, file: RemoteFile, folder: Path) -> None:
    site.files["/wrong"] = CONTENT[::-1]

    path = quick(replace(file, urls=(f"{site.url}/wrong", *file.urls)), folder)

    assert path.read_bytes() == CONTENT


def test_a_truncated_transfer_is_resumed(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [cut_off]

    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == [None, f"bytes={HALF}-"]


def test_a_later_call_resumes(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [cut_off]

    with pytest.raises(UserError, match=f"{HALF}|broke"):
        quick(file, folder, attempts=1)
    assert visible(folder) == [f"{NAME}.part"]
    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == [None, f"bytes={HALF}-"]
    assert visible(folder) == [NAME]


def test_a_complete_part_is_not_asked_for(site: Site, file: RemoteFile, folder: Path) -> None:
    leave_part(folder, CONTENT)

    assert quick(file, folder).read_bytes() == CONTENT
    assert site.asked == []


def test_a_wrong_part_is_downloaded_from_scratch(
    site: Site, file: RemoteFile, folder: Path
) -> None:
    leave_part(folder, b"x" * 1_000)

    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == ["bytes=1000-", None]


def test_a_part_larger_than_the_file(site: Site, file: RemoteFile, folder: Path) -> None:
    leave_part(folder, CONTENT + b"more")

    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == [None]


def test_a_part_larger_than_a_file_of_unknown_size(
    site: Site, file: RemoteFile, folder: Path
) -> None:
    leave_part(folder, CONTENT + b"more")

    assert quick(replace(file, size=None), folder).read_bytes() == CONTENT
    assert ranges(site) == [f"bytes={len(CONTENT) + 4}-", None]  # the first answer is 416


def test_a_missing_file_is_looked_for_once(site: Site, file: RemoteFile, folder: Path) -> None:
    leave_part(folder, CONTENT[:HALF])
    del site.files[f"/{NAME}"]

    with pytest.raises(UserError, match=f"{NAME}.*404.*by hand"):
        quick(file, folder)

    assert len(site.asked) == 1
    assert visible(folder) == [f"{NAME}.part"]  # another address may still continue it


def test_a_second_address_is_tried(site: Site, file: RemoteFile, folder: Path) -> None:
    path = quick(replace(file, urls=(f"{site.url}/moved", *file.urls)), folder)

    assert path.read_bytes() == CONTENT
    assert [asked for asked, _ in site.asked] == ["/moved", f"/{NAME}"]


def test_mirrors_come_first(site: Site, file: RemoteFile, folder: Path) -> None:
    site.files[f"/second/census/{NAME}"] = CONTENT

    quick(file, folder, mirrors=[f"{site.url}/first", f"{site.url}/second/"])

    assert [asked for asked, _ in site.asked] == [
        f"/first/census/{NAME}",
        f"/second/census/{NAME}",
    ]


@pytest.mark.parametrize("mirror", ["file:///tmp", "ftp://example.org", "example.org", "http://"])
def test_other_mirrors_are_refused(file: RemoteFile, folder: Path, mirror: str) -> None:
    with pytest.raises(UserError, match="TUTORIALS_MIRRORS"):
        quick(file, folder, mirrors=[mirror])


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(
    site: Site, file: RemoteFile, folder: Path, code: int
) -> None:
    site.faults[f"/{NAME}"] = [status(code), status(code)]

    assert quick(file, folder).read_bytes() == CONTENT
    assert len(site.asked) == 3


def test_attempts_are_limited(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [status(503)] * 10

    with pytest.raises(UserError, match="503"):
        quick(file, folder)
    assert len(site.asked) == 3


def test_a_stalled_transfer_is_resumed(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [stall]

    assert quick(file, folder, timeout=(5, 1)).read_bytes() == CONTENT
    assert ranges(site) == [None, f"bytes={HALF}-"]


def test_a_silent_server(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [silence, silence]

    with pytest.raises(UserError, match=r"no answer within 0\.3 s"):
        quick(file, folder, timeout=(5, 0.3), attempts=2)


def test_a_server_that_ignores_ranges(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [cut_off, whole]

    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == [None, f"bytes={HALF}-"]


def test_a_server_that_sends_another_range(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [cut_off, wrong_range]

    assert quick(file, folder).read_bytes() == CONTENT
    assert ranges(site) == [None, f"bytes={HALF}-", None]


def test_too_many_bytes_announced(site: Site, file: RemoteFile, folder: Path) -> None:
    site.files[f"/{NAME}"] = CONTENT + b"more"

    with pytest.raises(UserError, match="offers 512,004 bytes instead of 512,000"):
        quick(file, folder)
    assert visible(folder) == []


def test_too_many_bytes_unannounced(site: Site, file: RemoteFile, folder: Path) -> None:
    def pour(handler: Handler) -> None:
        handler.answer(200, {})
        try:
            while not handler.site.closing.is_set():
                handler.wfile.write(CONTENT)
        except OSError:  # the client has closed the connection
            pass

    site.faults[f"/{NAME}"] = [pour]

    with pytest.raises(UserError, match="more than 512,000 bytes"):
        quick(file, folder)
    assert visible(folder) == []


def test_offline(site: Site, file: RemoteFile, folder: Path) -> None:
    with socket.socket() as unused:  # bound, but nothing listens there
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/{NAME}"
        with pytest.raises(UserError) as failure:
            quick(replace(file, urls=(url,)), folder)

    message = str(failure.value)
    for part in (NAME, url, str(folder), "by hand", "--data sample", "TUTORIALS_MIRRORS"):
        assert part in message
    assert "\n" not in message


def test_redirects_are_followed(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults["/old"] = [lambda handler: handler.answer(302, {"Location": f"/{NAME}"})]

    path = quick(replace(file, urls=(f"{site.url}/old",)), folder)

    assert path.read_bytes() == CONTENT


def test_redirects_to_other_schemes_are_refused(site: Site, file: RemoteFile, folder: Path) -> None:
    site.faults[f"/{NAME}"] = [
        lambda handler: handler.answer(302, {"Location": "file:///etc/hostname"})
    ]

    with pytest.raises(UserError, match=NAME):
        quick(file, folder)
    assert len(site.asked) == 1


def test_a_full_disk(file: RemoteFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.part").symlink_to("/dev/full")

    with pytest.raises(UserError, match=r"No space left.*Free some space"):
        quick(file, folder)


def test_a_folder_that_cannot_be_made(file: RemoteFile, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(UserError, match="Cannot write"):
        quick(file, tmp_path / "data" / "census")


def tar(**members: bytes | tarfile.TarInfo) -> bytes:
    """Returns a tgz of contents, or of headers without content, by path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in members.items():
            header = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(path)
            header.name = path
            if isinstance(content, bytes):
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
            else:
                archive.addfile(header)
    return buffer.getvalue()


def archive(site: Site, content: bytes, members: dict[str, str]) -> RemoteFile:
    """The archive that the site has at /adult.tgz."""
    site.files["/adult.tgz"] = content
    sha256 = hashlib.sha256(content).hexdigest()
    return RemoteFile("adult.tgz", (f"{site.url}/adult.tgz",), len(content), sha256, members)


@pytest.fixture
def tgz(site: Site) -> RemoteFile:
    """Returns an archive of a file to unpack, a file to skip, and a file with a hostile path."""
    content = tar(**{"../evil": b"no", MEMBER: CONTENT, "Adult/adult.names": b"left"})
    return archive(site, content, {MEMBER: SHA256})


def test_members_are_unpacked_beside_the_archive(tgz: RemoteFile, folder: Path) -> None:
    quick(tgz, folder)

    assert (folder / MEMBER).read_bytes() == CONTENT
    assert visible(folder) == ["Adult", "adult.tgz"]
    assert visible(folder / "Adult") == ["adult.data"]
    assert visible(folder.parent) == ["census"]


def test_a_folder_with_the_members_needs_no_archive(
    site: Site, tgz: RemoteFile, folder: Path
) -> None:
    (folder / "Adult").mkdir(parents=True)
    (folder / MEMBER).write_bytes(CONTENT)

    quick(tgz, folder)

    assert site.asked == []
    assert [path.name for path in folder.iterdir()] == ["Adult"]  # no lock: it may be read-only


@pytest.mark.parametrize("damage", [None, b"damaged"], ids=["missing", "damaged"])
def test_a_member_is_unpacked_again_from_the_archive_that_is_there(
    site: Site, tgz: RemoteFile, folder: Path, damage: bytes | None
) -> None:
    quick(tgz, folder)
    (folder / MEMBER).unlink()
    if damage is not None:
        (folder / MEMBER).write_bytes(damage)

    quick(tgz, folder)

    assert (folder / MEMBER).read_bytes() == CONTENT
    assert len(site.asked) == 1


def link() -> tarfile.TarInfo:
    header = tarfile.TarInfo()
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return header


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (tar(**{"Adult/other": CONTENT}), f"has no member '{MEMBER}'"),
        (tar(**{MEMBER: link()}), f"Member '{MEMBER}' .* is not a regular file"),
        (tar(**{MEMBER: CONTENT[:-1]}), f"Member '{MEMBER}' .* instead of {SHA256}"),
        (tar(**{MEMBER: CONTENT})[:-1_000], "is not a complete tar archive"),
        (CONTENT, "is not a complete tar archive"),
    ],
    ids=["missing", "link", "other content", "cut off", "not a tar"],
)
def test_an_archive_without_the_declared_members_leaves_none(
    site: Site, folder: Path, content: bytes, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        quick(archive(site, content, {MEMBER: SHA256}), folder)

    assert not (folder / MEMBER).exists()


def test_members_appear_together(site: Site, folder: Path) -> None:
    first = hashlib.sha256(b"first").hexdigest()
    content = tar(**{"Adult/first": b"first", MEMBER: b"other"})

    with pytest.raises(UserError, match="instead of"):
        quick(archive(site, content, {"Adult/first": first, MEMBER: SHA256}), folder)

    assert not (folder / "Adult" / "first").exists()


class Screen(io.StringIO):
    """A terminal that sets an event when something is printed."""

    def __init__(self) -> None:
        super().__init__()
        self.printed = threading.Event()

    def write(self, text: str) -> int:
        self.printed.set()
        return super().write(text)


def test_two_downloads_wait_for_each_other(site: Site, file: RemoteFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    screen = Screen()
    progress = progress_bar(Console(file=screen))  # not started, so only messages are printed
    with FileLock(folder / ".download.lock"):
        second = threading.Thread(target=quick, args=(file, folder), kwargs={"progress": progress})
        second.start()
        assert screen.printed.wait(timeout=10)
        (folder / NAME).write_bytes(CONTENT)  # the first one is done
    second.join()

    assert "waiting for another download" in screen.getvalue()
    assert site.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../adult.data"},
        {"name": ""},
        {"urls": ()},
        {"urls": ("file:///etc/passwd",)},
        {"size": -1},
        {"sha256": "abc"},
        {"members": {MEMBER: "abc"}},
        {"members": {"": SHA256}},
        {"members": {"/etc/passwd": SHA256}},
        {"members": {"../adult.names": SHA256}},
        {"members": {"a/../../b": SHA256}},
        {"members": {"a\\b": SHA256}},
        {"members": {"./a": SHA256}},
        {"members": {NAME: SHA256}},
    ],
)
def test_declarations_are_checked(file: RemoteFile, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(file, **change)
