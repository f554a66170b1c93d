"""Runs the commands of docs/deploy/kubernetes.md on a node, and takes the picture of the log.

    docker tag tfx-tutorials registry.example/tfx-tutorials:0.2.0
    docker save registry.example/tfx-tutorials:0.2.0 -o image.tar
    python docs/kubernetes.py image.tar

Prints the commands with their output. Needs root and what tests/deploy/kubernetes needs.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.deploy.kubernetes.namespace import Namespace  # noqa: E402
from tests.deploy.kubernetes.node import PROGRAMS, running_node  # noqa: E402
from tests.deploy.kubernetes.test_kubernetes import with_model_server  # noqa: E402

IMAGE = "registry.example/tfx-tutorials:0.2.0"
PICTURE = ROOT / "docs/deploy/kubernetes-log.png"
PATH = f"{Path(sys.executable).parent}:{PROGRAMS}:{os.environ['PATH']}"


def main(archive: Path) -> None:
    """Runs the commands."""
    with tempfile.TemporaryDirectory() as folder, running_node() as node:
        with archive.open("rb") as images:
            node.import_image(images)
        for claim in ("census-runs", "census-runs-dev"):
            Namespace(node, "default").volume(claim)

        def run(command: str, seconds: float = 300) -> str:
            print(f"$ {command}", flush=True)
            done = subprocess.run(
                command,
                shell=True,
                cwd=folder,
                env={**node.environment, "PATH": PATH},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=seconds,
            )
            print(done.stdout, flush=True)
            return done.stdout

        run(
            "tutorials deploy census --to kubernetes -o census-kubernetes"
            f" --image {IMAGE} --root /runs --data sample --schedule '* * * * *'"
            " --cpu 1"
        )
        run("find census-kubernetes -type f | sort")
        run("kubectl apply --server-side -k census-kubernetes/overlays/dev")
        start = "kubectl create job --from=cronjob/census-dev census-dev-1"
        shown = f"$ {start}\n{run(start)}"
        node.kubectl(
            "wait", "--for=jsonpath={.status.ready}=1", "job/census-dev-1", "--timeout=60s"
        )
        shown += f"$ {LOGS}\n{run(LOGS)}"
        node.kubectl("wait", "--for=condition=complete", "job/census-dev-1", "--timeout=60s")
        shown += f"$ {PODS}\n{run(PODS)}"
        take_picture(shown)
        run("kubectl apply --server-side -k census-kubernetes/overlays/prod")
        time.sleep(125 - time.time() % 60)
        run("kubectl get cronjobs,jobs")
        # TensorFlow Serving's image cannot be had everywhere, so the stand-in of the tests answers.
        overlay = with_model_server(Path(folder) / "census-kubernetes", IMAGE)
        node.kubectl("apply", "--server-side", "-k", overlay)
        node.kubectl("rollout", "status", "deployment/census-serving", "--timeout=240s")
        run("kubectl get cronjobs,jobs")
        run("kubectl get events --field-selector=involvedObject.kind=CronJob")
        run("kubectl port-forward service/census-serving 8501 & sleep 3; " + REQUEST + "; kill $!")
        run(
            "kubectl exec deploy/census-serving -- "
            "sh -c 'cat /runs/pipelines/census/Report/report/*/report.html' | wc -c"
        )


LOGS = "kubectl logs -f job/census-dev-1"
PODS = "kubectl get pods,jobs"
REQUEST = (
    """curl -s -d '{"signature_name": "csv", "inputs": {"rows": ["39, Private, 77516, Bachelors, """
    "13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, 40, United-States\"]}}' "
    "http://localhost:8501/v1/models/census:predict"
)


def take_picture(text: str) -> None:
    """Writes what a terminal shows as a PNG file."""
    console = Console(record=True, width=100, file=io.StringIO())
    for line in text.splitlines():
        style = "bold green" if line.startswith("$ ") else ""
        console.print(Text(line, style=style), soft_wrap=True)
    drawing = console.export_svg(title="census on Kubernetes", theme=MONOKAI)
    path = shutil.which("chromium")
    assert path is not None, "Chromium is missing. Install it: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL))
        taken = page.locator("svg").first.screenshot(omit_background=True)
        browser.close()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(32).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
