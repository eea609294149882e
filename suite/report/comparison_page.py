"""Two sets of results side by side as one page in the report's design."""

from __future__ import annotations

from tinyrig.suite.gate.comparison import Comparison
from tinyrig.suite.gate.comparison_tables import grids, summary
from tinyrig.suite.report.site.standalone import standalone_page


def comparison_page(comparison: Comparison) -> str:
    """Return the page; every name is escaped."""
    title = f"{comparison.a} -> {comparison.b}"
    return standalone_page(
        "comparison.html", title, lead=summary(comparison), grids=tuple(grids(comparison))
    )
