"""Several Python processes that begin at the same moment."""

import subprocess
import sys
import time

from pipelines.root import Root

_BEGIN = """
import sys, time
from pathlib import Path
from components.open_store import open_store, register_types
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root

root = Root.at(Path(sys.argv[1]), sys.argv[2])
time.sleep(max(0.0, float(sys.argv[3]) - time.time()))
"""


def at_once(count: int, root: Root, code: str) -> list[str]:
    """Runs code in processes that begin at the same moment. Returns what each one printed.

    Args:
        count: The number of processes.
        root: The variable `root` of the code.
        code: Python statements.
    """
    begin = time.time() + 4  # their imports take 1 to 3 s on a busy machine
    arguments = (_BEGIN + code, str(root.path), str(root.metadata), str(begin))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        printed.append(out.strip())
    return printed
