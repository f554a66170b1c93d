"""Takes the README's picture of a report: `make screenshot`.

Runs census on its sample unless the root has that run, and opens the report in Debian's Chromium.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1400, 2000
"""Pixels of the page in the picture: from the verdict to the scores."""


def main(
    root: Annotated[Path, typer.Argument(help="The folder of runs.")] = Path("runs"),
    picture: Annotated[Path, typer.Argument(help="The file to write.")] = Path("docs/report.png"),
) -> None:
    """Writes the picture."""
    tutorials = Path(sys.executable).with_name("tutorials")
    arguments = ["--root", str(root)]
    subprocess.run([tutorials, "run", "census", "--data", "sample", *arguments], check=True)
    shown = subprocess.run(
        [tutorials, "show", "census", "--json", *arguments], check=True, capture_output=True
    )
    report = Path(json.loads(shown.stdout)["report"])
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("Chromium is missing. Install it: apt install chromium")
    with sync_playwright() as playwright:
        # Chromium refuses to run its sandbox as root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=options)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(report.resolve().as_uri())
        page.wait_for_function(
            "[...document.querySelectorAll('[data-chart]')].every(c => c.querySelector('svg'))"
        )
        taken = page.screenshot()
        browser.close()
    # Fewer colors make a smaller file.
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(64).save(picture, optimize=True)


if __name__ == "__main__":
    typer.run(main)
