"""The fixtures that all tests share."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.orchestrators.loading import use_onednn

# TensorFlow reads both settings when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
use_onednn()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Makes a skipped test fail if REQUIRE_ALL=1 forbids skipping, as in CI."""
    report = yield
    required = os.environ.get("REQUIRE_ALL") == "1" and not item.get_closest_marker("real_data")
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but skipped: {report.longrepr[2]}"
    return report


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Lets the signal of Ctrl-C interrupt the test, also if the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts small file systems; `small_disk(kilobytes=1000)` returns the folder of a new one."""
    mounted: list[Path] = []

    def mount(kilobytes: int) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        options = f"size={kilobytes}k"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"no small disk without root: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        # Lazily, so that a file that a failed test left open does not cause another failure.
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium: Debian's, since playwright's own may not be installed."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is missing. Install it: apt install chromium")
    # Root may not use Chromium's sandbox.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()
