"""The output of libraries goes to the log, and messages for the user go to the screen."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging, os, sys
from pathlib import Path
from pipelines.orchestrators.log_file import output_to

with output_to(Path(sys.argv[1])) as screen:
    print("for the screen", file=screen)
    print("printed")
    print("printed as an error", file=sys.stderr)
    os.write(2, b"written by native code\\n")
    os.system("echo said by a child")
    logging.getLogger("library").info("logged")
    if len(sys.argv) > 2:
        sys.stdout.write("x" * 100_000)
        sys.stderr.write("x" * 100_000)
print("afterwards")
"""


def run(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_chatter_goes_to_the_log(tmp_path):
    log = tmp_path / "logs" / "run.log"

    done = run(log)

    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout == "for the screen\nafterwards\n"
    for text in ("printed", "printed as an error", "written by native code", "said by a child"):
        assert f"{text}\n" in log.read_text()
    assert "INFO library: logged" in log.read_text()


def test_a_full_disk_sends_no_output_to_the_screen(small_disk):
    done = run(small_disk(kilobytes=16) / "run.log", "more than fits")

    assert "xxx" not in done.stdout + done.stderr
    assert done.stdout.startswith("for the screen\n")
