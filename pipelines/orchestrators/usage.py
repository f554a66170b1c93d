"""Measures processor time and memory of a part of a program."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"  # see proc(5)


class Usage:
    """The resources that the body of `measured` used.

    Attributes:
        cpu_seconds: The processor time of all threads and of child processes that have ended.
        peak_memory: The peak memory of the process in bytes, including libraries. If the kernel
            cannot reset it, the peak since the process started.
    """

    cpu_seconds: float = 0.0
    peak_memory: int = 0


@contextmanager
def measured() -> Iterator[Usage]:
    """Measures the resources that the `with` body uses; the result is complete after it."""
    usage, before = Usage(), _cpu_seconds()
    with suppress(OSError):  # some sandboxes have no such file
        _CLEAR.write_text(_RESET_PEAK)
    try:
        yield usage
    finally:
        usage.cpu_seconds = _cpu_seconds() - before
        usage.peak_memory = _peak_memory()


def _cpu_seconds() -> float:
    times = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(time.ru_utime + time.ru_stime for time in times)


def _peak_memory() -> int:
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
