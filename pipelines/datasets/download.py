"""Downloads that end in a complete, checked file or in none: resumed, retried, and mirrored."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import requests
import tenacity
from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from tenacity.wait import wait_base
from urllib3.exceptions import HTTPError, ReadTimeoutError

from components.errors import UserError
from pipelines.datasets.remote import RemoteFile, is_http
from pipelines.datasets.unpacking import unpack

TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes of a response."""

ATTEMPTS = 5
WAIT = tenacity.wait_exponential_jitter(initial=0.5, max=10, jitter=0.5)

_BLOCK = 1 << 18  # bytes read at a time


class _Unusable(Exception):
    """The address does not have the file, but another one may."""


class _Interrupted(Exception):
    """The transfer failed in a way that another attempt may fix."""


class _Unreachable(_Interrupted):
    """No connection to the server."""


def progress_bar(console: Console | None = None) -> Progress:
    """Returns a progress bar for `fetch`: file, bytes, speed, and time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def fetch(
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    mirrors: Sequence[str] = (),
    progress: Progress | None = None,
    timeout: tuple[float, float] = TIMEOUT,
    attempts: int = ATTEMPTS,
    wait: wait_base = WAIT,
) -> None:
    """Downloads the files that are missing in `folder`, and unpacks their members.

    A file appears under its name only when its size and SHA-256 are right. Until then it is
    `NAME.part`, from which the next call resumes. One process at a time downloads to a folder.

    Args:
        files: The files to download.
        folder: The data set's folder, created if it is missing.
        mirrors: The addresses of copies of the data root, tried before the files' own addresses. A
            file of the folder `data/census` is looked up as `MIRROR/census/NAME`.
        progress: The display of bars and messages. Without it, nothing is shown.
        timeout: The seconds to wait for a connection, and for the next bytes.
        attempts: The number of attempts at an address whose failure may be temporary.
        wait: The time between attempts.

    Raises:
        UserError: No address has a file, an archive does not contain a member, or `folder` is
            not writable.
    """
    for mirror in mirrors:
        if not is_http(mirror):
            raise UserError(
                f"The mirror {mirror!r} is not an http or https address. Correct TUTORIALS_MIRRORS."
            )
    progress = progress or Progress(console=Console(quiet=True), disable=True)
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=wait,
        retry=tenacity.retry_if_exception_type(_Interrupted),
        reraise=True,
    )
    try:
        # Before the lock, so that a complete folder may be read-only.
        missing = [file for file in files if not _is_there(file, folder)]
        for file in files:
            if file not in missing:
                progress.console.print(f"{file.name}: already there, checksum right")
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder, progress), requests.Session() as session:
                for file in missing:
                    if _is_there(file, folder):  # another process may have downloaded it
                        continue
                    if not _is_right(folder / file.name, file.sha256, file.size):
                        transfer = _Transfer(session, file, folder, timeout, retrying, progress)
                        _from_any(transfer, _addresses(file, folder, mirrors))
                    if file.members:
                        unpack(folder / file.name, file.members, folder)
    except OSError as error:  # network errors never reach this point
        raise UserError(
            f"Cannot write the download to {folder}: {error.strerror or error}. "
            "Free some space there or choose another data root."
        ) from error


def _addresses(file: RemoteFile, folder: Path, mirrors: Sequence[str]) -> list[str]:
    dataset = folder.absolute().name
    return [f"{mirror.rstrip('/')}/{dataset}/{file.name}" for mirror in mirrors] + [*file.urls]


def _is_there(file: RemoteFile, folder: Path) -> bool:
    """Returns whether nothing needs to be done: of an archive, only the members count."""
    if file.members:
        return all(_is_right(folder / path, sha256) for path, sha256 in file.members.items())
    return _is_right(folder / file.name, file.sha256, file.size)


def _is_right(path: Path, sha256: str, size: int | None = None) -> bool:
    if not path.is_file() or size not in (None, path.stat().st_size):
        return False
    return _sha256(path) == sha256


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _locked(folder: Path, progress: Progress) -> AbstractContextManager[object]:
    """Acquires the folder's lock, which the caller's `with` releases."""
    lock = FileLock(folder / ".download.lock")
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        progress.console.print(f"waiting for another download to {folder}")
        return lock.acquire()


def _from_any(transfer: "_Transfer", urls: Sequence[str]) -> None:
    """Downloads from the first address that has the file.

    Raises:
        UserError: No address has it.
    """
    file, folder = transfer.file, transfer.folder
    failures: list[Exception] = []
    for url in urls:
        try:
            return transfer.run(url)
        except (_Unusable, _Interrupted) as failure:
            failures.append(failure)
    help_ = (
        f"download it by hand from {file.urls[0]} into {folder}, "
        "set TUTORIALS_MIRRORS to a mirror, or use --data sample."
    )
    if all(isinstance(failure, _Unreachable) for failure in failures):
        raise UserError(
            f"Cannot download {file.name}: no connection to {' or '.join(urls)}. "
            f"Check the network, {help_}"
        ) from failures[-1]
    reasons = "; ".join(f"{url}: {failure}" for url, failure in zip(urls, failures, strict=True))
    raise UserError(
        f"Cannot download {file.name} ({reasons}). Try again later, {help_}"
    ) from failures[-1]


class _Transfer:
    """The transfer of one file to its .part file, which then gets the file's name."""

    def __init__(
        self,
        session: requests.Session,
        file: RemoteFile,
        folder: Path,
        timeout: tuple[float, float],
        retrying: tenacity.Retrying,
        progress: Progress,
    ) -> None:
        self.file = file
        self.folder = folder
        self._part = folder / f"{file.name}.part"
        self._session = session
        self._timeout = timeout
        self._retrying = retrying
        self._progress = progress
        self._bar = progress.add_task(file.name, total=file.size)

    def run(self, url: str) -> None:
        """Downloads from `url`, starting at the end of the .part file.

        Raises:
            _Unusable: The address does not have the file, or has another one of that name.
            _Interrupted: The last attempt failed, too. The .part file stays for the next one.
        """
        # The rest of an earlier call or of another address may be wrong: then start from scratch.
        for _ in range(2 if self._held() else 1):
            self._retrying(self._complete, url)
            actual = _sha256(self._part)
            if actual == self.file.sha256:
                self._part.replace(self.folder / self.file.name)
                return
            self._part.unlink()
        raise _Unusable(f"its SHA-256 is {actual} instead of {self.file.sha256}")

    def _held(self) -> int:
        """Returns the number of bytes in the .part file."""
        return self._part.stat().st_size if self._part.exists() else 0

    def _complete(self, url: str) -> None:
        """Requests the missing bytes once.

        Raises:
            _Unusable: The address does not have the file, or has another one of that name.
            _Interrupted: The attempt failed.
        """
        size = self.file.size
        offset = self._held()
        if size is not None and offset > size:
            self._part.unlink()
            offset = 0
        if offset and offset == size:
            return
        # Asks for the bytes as they are stored: a compressed transfer would have neither the
        # declared size nor ranges that fit together.
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with self._request(url, headers) as response:
            if self._restarts(response, offset):
                offset = 0
            length = response.headers.get("Content-Length", "")
            total = offset + int(length) if length.isdecimal() else None
            if size is not None and total is not None and total != size:
                raise _Unusable(f"it offers {total:,} bytes instead of {size:,}")
            self._progress.update(self._bar, completed=offset, total=size or total)
            held = self._receive(response, offset)
        expected = total if size is None else size
        if expected is not None and held < expected:
            raise _Interrupted(f"it ended after {held:,} of {expected:,} bytes")

    def _request(self, url: str, headers: dict[str, str]) -> requests.Response:
        try:
            return self._session.get(url, headers=headers, timeout=self._timeout, stream=True)
        except requests.ReadTimeout as error:
            raise _Interrupted(f"no answer within {self._timeout[1]:g} s") from error
        except requests.exceptions.SSLError as error:
            raise _Unusable(f"its certificate is not accepted ({error})") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Unreachable("no connection") from error
        except requests.RequestException as error:  # for example a redirection loop
            raise _Unusable(str(error)) from error

    def _restarts(self, response: requests.Response, offset: int) -> bool:
        """Returns whether the response starts at the file's first byte, not at `offset`.

        Raises:
            _Unusable: The address does not have the file.
            _Interrupted: The response does not contain the missing bytes.
        """
        status = response.status_code
        if status == 416 and offset:
            self._part.unlink()
            raise _Interrupted("it cannot resume where the transfer ended")
        if status == 429 or status >= 500:
            raise _Interrupted(f"HTTP status {status}")
        if status == 206 and offset:
            if response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                return False
            self._part.unlink()
            raise _Interrupted("it sent another part of the file than requested")
        if status != 200:
            raise _Unusable(f"HTTP status {status}")
        return True

    def _receive(self, response: requests.Response, offset: int) -> int:
        """Writes the response at `offset`, and returns the number of bytes in the .part file."""
        held = offset
        with self._part.open("ab" if offset else "wb") as part:
            for block in _blocks(response, self._timeout[1]):
                held += len(block)
                if self.file.size is not None and held > self.file.size:
                    break
                part.write(block)
                self._progress.update(self._bar, completed=held)
            else:
                return held
        self._part.unlink()
        raise _Unusable(f"it sends more than {self.file.size:,} bytes")


def _blocks(response: requests.Response, seconds: float) -> Iterator[bytes]:
    """Yields the response's body as it arrives, so that a failure loses none of it.

    Raises:
        _Interrupted: Nothing arrives for `seconds` seconds, or the connection breaks.
    """
    try:
        while block := response.raw.read1(_BLOCK, decode_content=False):
            yield block
    except ReadTimeoutError as error:
        raise _Interrupted(f"no more bytes within {seconds:g} s") from error
    except HTTPError as error:
        raise _Interrupted(f"the connection broke ({error})") from error
