"""Figures of a page as words: thousands apart, a dash for none."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_NONE = "\N{EN DASH}"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators, a dash for none."""
    if value is None:
        return _NONE
    if value != int(value) and abs(value) < 1000 and not digits:
        return f"{value:.4g}"
    return f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
    """Return a share in percent with one decimal, a dash for none."""
    return _NONE if share is None else f"{100 * share:,.1f} %"


def signed(share: float | None) -> str:
    """Return a change in percent with its sign, one digit that counts at least; a dash for none."""
    if share is None:
        return _NONE
    change = 100 * share
    return f"{change:+,.2f} %" if abs(change) >= 0.01 else f"{change:+.1g} %"


def soft(name: str) -> Markup:
    """Return a name that a line may break after its dots and underscores."""
    # A plain string: Markup would escape what is put between its parts.
    return Markup(re.sub(r"([._]+)", r"\1<wbr>", str(escape(name))))


def width(share: float) -> str:
    """Return the width of a bar in percent, at most the whole."""
    return f"{100 * min(max(share, 0.0), 1.0):.2f}"
