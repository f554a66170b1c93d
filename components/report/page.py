"""Renders the report as one self-contained HTML page."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from components.report import charts
from components.report.confidence import Interval
from components.report.evidence import Evidence, Section
from components.report.sections import SECTIONS
from components.report.sections.plots import SCORES

_COUNTS = ("example_count", "rows")
"""Figures without digits behind the point."""

_WITHOUT_DIGITS = 10_000
"""From here on, digits behind the point say nothing, and there is no room for an exponent."""


def report(run: Evidence) -> str:
    """Returns the report of a run.

    Args:
        run: What it left.
    """
    declaration = run.declaration
    with charts.unchecked():
        sections = [section for build in SECTIONS if (section := build(run))]
    return page(
        declaration["title"],
        f"{declaration['name']} on {declaration['data']}",
        sections,
        {SCORES: run.scores},
    )


def page(title: str, subtitle: str, sections: Sequence[Section], data: dict[str, Any]) -> str:
    """Returns a page.

    Args:
        title: Its heading.
        subtitle: What is below it.
        sections: In order.
        data: Name -> rows that charts refer to by name.
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
        return Markup(template.render(section.values, charts=section.charts, chart=chart))

    # Before the page, which lists all charts.
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
    """Shows control characters, which HTML cannot hold, as pictures of themselves."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(
            chr(0x2400 + ord(c)) if ord(c) < 32 and c not in "\n\t" else c
            for c in value
            if unicodedata.category(c) != "Cs"
        )
    return value


def _figure(value: float | None, name: str = "", digits: int = 4) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if name in _COUNTS else f"{value:.{digits}f}"


def _change(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")


def _difference(value: float | None, other: float | None) -> str:
    return _change(None if value is None or other is None else value - other)


def _interval(interval: Interval | None) -> str:
    return f"{interval.low:.4f} to {interval.high:.4f}" if interval else "–"


def _short(value: float) -> str:
    whole = float(value).is_integer() or abs(value) >= _WITHOUT_DIGITS
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def _breakable(name: str) -> Markup:
    """Lets a name of several words go on in the next line, between two of them."""
    return Markup("_<wbr>").join(name.split("_"))


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _link(uri: str) -> str:
    """Returns a URI that a browser follows to a file; nothing that it would run."""
    return Path(uri).as_uri() if uri.startswith("/") else ""


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("components.report", "."),
    # Data strings end up here: everything is escaped.
    autoescape=True,
    finalize=_visible,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters.update(link=_link, breakable=_breakable)
_TEMPLATES.globals.update(
    figure=_figure,
    change=_change,
    difference=_difference,
    interval=_interval,
    short=_short,
    share=_share,
)
