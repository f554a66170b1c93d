"""Opens a report as a reader does and finds its faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_MARKS = ", ".join(f"svg .mark-{kind} path" for kind in ("rect", "line", "symbol"))
DRAWN = (
    "[...document.querySelectorAll('.chart')]"
    f".map(chart => chart.querySelectorAll('{_MARKS}').length)"
)
"""Marks of each chart."""


@contextmanager
def opened(
    browser: Any, file: Path, *, width: int = 1400, dark: bool = False
) -> Iterator[tuple[Any, list[str]]]:
    """Opens a page from disk and waits until its charts are drawn.

    Yields:
        The page and its faults so far: errors, and requests for anything except the page.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: said.type == "error" and wrong.append(f"console: {said.text}"))
    page.on(
        "request",
        lambda asked: (
            asked.url == file.as_uri()
            or asked.url.startswith(("data:", "blob:"))
            or wrong.append(f"request: {asked.url}")
        ),
    )
    page.goto(file.as_uri())
    page.wait_for_function(
        "[...document.querySelectorAll('[data-chart]')].every(c => c.querySelector('svg'))"
    )
    yield page, wrong
    context.close()


def overflow(page: Any) -> int:
    """Returns the number of pixels by which the page is wider than the window."""
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


def violations(page: Any) -> list[str]:
    """Returns the serious and critical findings of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:3]]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def faults(browser: Any, file: Path, *, width: int, dark: bool) -> list[str]:
    """Returns the faults of a page on such a screen: nothing drawn, too wide, or unreadable."""
    with opened(browser, file, width=width, dark=dark) as (page, wrong):
        marks = page.evaluate(DRAWN)
        return [
            *wrong,
            *(f"chart {number} has no marks" for number, found in enumerate(marks) if not found),
            *([f"{overflow(page)} pixels too wide"] if overflow(page) else []),
            *violations(page),
        ]
