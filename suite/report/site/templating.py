"""The templates of every page: they escape every name, and know figures as words."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from tinyrig.suite.records.energy import energy, nearest
from tinyrig.suite.report.site.number_words import number, percent, signed, soft, width
from tinyrig.suite.report.time_words import ms_cell, three_digits


@cache
def templates() -> Environment:
    """Return the templates, with the filters and functions that all pages share."""
    environment = Environment(
        loader=PackageLoader("tinyrig.suite.report.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {"number": number, "percent": percent, "signed": signed, "soft": soft, "width": width}
    )
    environment.globals.update(
        energy=energy, nearest=nearest, ms_cell=ms_cell, three_digits=three_digits
    )
    return environment
