"""Renders the report as one self-contained HTML page."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from components.report import charts
from components.report.confidence import Interval
from components.report.evidence import Evidence, Section
from components.report.sections import section
from components.report.sections.scores import SCORES

_COUNTS = ("example_count", "rows")
"""The names of values that are counts, and have no digits after the point."""

_NO_DECIMALS = 10_000
"""From here on, digits after the point do not matter, and there is no room for an exponent."""


def report(run: Evidence, folder: Path) -> str:
    """Returns the report of a run.

    Args:
        run: The input of the report.
        folder: The folder of the page. Links to artifacts are relative to it, so that they still
            work in a root that was moved.
    """
    declaration = run.declaration
    with charts.unchecked():
        built = [section(name)(run) for name in declaration["sections"]]
    return page(
        declaration["title"],
        f"{declaration['name']} on {declaration['data']}",
        [part for part in built if part],
        {SCORES: run.scores},
        folder,
    )


def page(
    title: str,
    subtitle: str,
    sections: Sequence[Section],
    data: dict[str, Any],
    folder: Path | None = None,
) -> str:
    """Returns a page.

    Args:
        title: The heading.
        subtitle: The line below the heading.
        sections: The sections, in order.
        data: Name -> rows. The data sets that charts refer to by name.
        folder: The folder of the page, for links to files. A page without such links needs none.
    """
    drawn: list[dict[str, Any]] = []

    def rendered(section: Section) -> Markup:
        def chart(name: str) -> Markup:
            drawn.append(section.charts[name])
            place = Markup(
                '<div class="chart" role="img" aria-label="{}"><div data-chart="{}"></div></div>'
            )
            return place.format(f"Chart: {name}", len(drawn) - 1)

        template = _TEMPLATES.get_template(f"sections/{section.template}")
        return Markup(
            template.render(section.values, charts=section.charts, chart=chart, folder=folder)
        )

    # Rendered before the page, which contains all charts.
    parts = [
        {"id": _anchor(section.title), "title": section.title, "html": rendered(section)}
        for section in sections
    ]
    return _TEMPLATES.get_template("page.html.j2").render(
        title=title,
        subtitle=subtitle,
        parts=parts,
        drawn=drawn,
        data=data,
        themes=charts.themes(),
        runtime=Markup(charts.runtime()) if drawn else "",
    )


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _visible(value: Any) -> Any:
    """Replaces control characters, which HTML cannot contain, by visible symbols."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(
            chr(0x2400 + ord(c)) if ord(c) < 32 and c not in "\n\t" else c
            for c in value
            if unicodedata.category(c) != "Cs"
        )
    return value


def _number(value: float | None, name: str = "", digits: int = 4) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return _format(value, name, digits)


def _change(value: float | None, name: str = "", digits: int = 4) -> str:
    return "–" if value is None else _format(value, name, digits, sign="+")


def _difference(value: float | None, other: float | None, name: str = "") -> str:
    return _change(None if value is None or other is None else value - other, name)


def _format(value: float, name: str, digits: int, sign: str = "") -> str:
    if name in _COUNTS:
        digits = 0
    elif abs(value) >= 100:
        # Six digits in all are enough, and fit a phone.
        digits = max(0, digits + 1 - int(math.log10(abs(value))))
    return f"{value:{sign},.{digits}f}".replace("-", "−")


def _interval(interval: Interval | None) -> str:
    return f"{_number(interval.low)} to {_number(interval.high)}" if interval else "–"


def _short(value: float) -> str:
    whole = float(value).is_integer() or abs(value) >= _NO_DECIMALS
    return f"{value:,.0f}" if whole else f"{value:,.4g}"


def _breakable(name: str) -> Markup:
    """Allows line breaks between the words of a name."""
    return Markup("_<wbr>").join(name.split("_"))


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def relative_link(path: str | Path, folder: Path) -> str:
    """Returns a link from a page in a folder to a file. A browser never runs it as code."""
    # With the dot, a name with a colon is not a scheme.
    return "./" + quote(Path(os.path.relpath(path, folder)).as_posix())


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("components.report", "."),
    # The values include strings from the data, so everything is escaped.
    autoescape=True,
    finalize=_visible,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters.update(link=relative_link, breakable=_breakable)
_TEMPLATES.globals.update(
    number=_number,
    change=_change,
    difference=_difference,
    interval=_interval,
    short=_short,
    share=_share,
)
