"""The resources that a part of a program uses."""

import time

from pipelines.orchestrators.usage import measured

MEGABYTE = 2**20


def test_only_what_the_body_holds_counts():
    with measured() as before:
        block = bytearray(200 * MEGABYTE)
    del block
    with measured() as after:
        pass
    assert before.peak_memory - after.peak_memory > 150 * MEGABYTE


def test_waiting_takes_no_processor_time():
    with measured() as waiting:
        time.sleep(0.2)
    with measured() as working:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
    assert waiting.cpu_seconds < 0.1 < 0.2 <= working.cpu_seconds
