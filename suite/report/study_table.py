"""What `tinyrig searches` prints: rows of searches over seeds, and whether one beats another."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.search.study import Result, Row, Study

_TITLES = {
    "searches": "searches at equal effort",
    "parts": "TinyFormer's ablation",
    "spaces": "MCUFormer's choice of a space",
}
_COLUMNS = ("row", "accuracy", "least", "most", "published", "RAM", "cycles", "fit")


def study_table(study: Study, results: Sequence[Result]) -> RenderableType:
    """Return a table for each comparison of a space, and what the searches' says in words."""
    parts: list[RenderableType] = []
    for name, title in _TITLES.items():
        for space in dict.fromkeys(row.space for row in study.row if row.table == name):
            rows = [row for row in study.row if (row.table, row.space) == (name, space)]
            parts.append(_table(f"{title}: {space}", rows, results))
            if name == "searches":
                parts.append(Text(verdict(space, results) + "\n"))
    return Group(*parts)


def _table(title: str, rows: Sequence[Row], results: Sequence[Result]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column == "row" else "right")
    for row in rows:
        published = "" if row.published is None else f"{row.published:.2f} %"
        found = _of(results, row.table, row.space, row.name)
        shares = [100 * one.accuracy for one in found if one.accuracy is not None]
        if not shares:
            table.add_row(row.name, "-", "-", "-", published, "-", "-", "-")
            continue
        measured = [one for one in found if one.accuracy is not None]
        fits = sum(one.fitting for one in found) / max(1, sum(one.trials for one in found))
        table.add_row(
            row.name,
            f"{fmean(shares):.1f} %",
            f"{min(shares):.1f} %",
            f"{max(shares):.1f} %",
            published,
            f"{round(fmean(one.ram for one in measured)):,}",
            f"{round(fmean(one.cycles for one in measured)):,}",
            f"{fits:.0%}",
        )
    return table


def _of(results: Sequence[Result], table: str, space: str, name: str) -> list[Result]:
    return [one for one in results if (one.table, one.space, one.name) == (table, space, name)]


def verdict(space: str, results: Sequence[Result]) -> str:
    """Return whether the paper's search of a space beats the others, beyond what seeds differ by.

    Every seed of the one must be above every seed of the other.
    """
    own = _shares(_of(results, "searches", space, "paper's"))
    said = []
    for name in ("random", "nsga2"):
        others = _shares(_of(results, "searches", space, name))
        if own and others:
            margin = fmean(own) - fmean(others)
            beyond = min(own) > max(others)
            words = "beats" if beyond else "does not beat"
            said.append(f"The paper's search {words} {name}: {margin:+.1f} points on the mean.")
    return " ".join(said) or "Nothing to compare."


def _shares(results: Sequence[Result]) -> list[float]:
    """Return per cents; a search that found nothing has none right."""
    return [100 * (one.accuracy or 0.0) for one in results]
