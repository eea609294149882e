"""SVG as text: elements with every value escaped and every number written alike.

All pictures of the report are built from these; the same picture gives the same text.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

_NAMESPACE = "http://www.w3.org/2000/svg"

FRAME = """
svg { font: 12px ui-monospace, Menlo, Consolas, monospace; background: #fff; }
text { fill: #1b1f24; } .title { font-weight: bold; }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117; } text { fill: #e6edf3; }
}
"""
"""The style every picture that stands alone begins with: it follows the reader's scheme."""

Value = str | float


def number(value: float, digits: int = 2) -> str:
    """Return a number with at most `digits` decimals and no trailing zeros."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share of the whole as an SVG length."""
    return f"{number(100 * share, 3)}%"


def element(tag: str, *inside: str, **attributes: Value) -> Markup:
    """Return an element around `inside`, whose plain text is escaped and whose Markup is not.

    An underscore at the end of an attribute's name is dropped (`class_`), one within it is a dash.
    An attribute of an empty string is left out.
    """
    found = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for name, value in attributes.items()
        if value != ""
    )
    body = "".join(escape(part) for part in inside)
    return Markup(f"<{tag}{found}>{body}</{tag}>" if inside else f"<{tag}{found}/>")


def text(x: Value, y: Value, words: str, *inside: str, **attributes: Value) -> Markup:
    """Return words at a place; `inside` follows them, such as a tooltip."""
    return element("text", words, *inside, x=x, y=y, **attributes)


def tooltip(words: str) -> Markup:
    """Return the title a reader sees on hovering over the element it stands in."""
    return element("title", words)


def rect(
    x: Value, y: Value, width: Value, height: Value, *inside: str, **attributes: Value
) -> Markup:
    """Return a rectangle."""
    return element("rect", *inside, x=x, y=y, width=width, height=height, **attributes)


def line(ends: tuple[float, float, float, float], kind: str) -> Markup:
    """Return a line of a class from x1, y1 to x2, y2."""
    x1, y1, x2, y2 = ends
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def document(
    size: tuple[float, float],
    title: str,
    description: str,
    body: Iterable[str],
    *,
    name: str,
    style: str,
) -> str:
    """Return a picture of `size` (width, height in pixels) that tells itself in words.

    `name` starts the ids of its title and description. An empty `style` leaves the page's own.
    """
    width, height = map(number, size)
    return (
        element(
            "svg",
            element("title", title, id=f"{name}-title"),
            element("desc", description, id=f"{name}-desc"),
            element("style", Markup(style)) if style else Markup(""),
            "\n",
            Markup("\n").join(body),
            "\n",
            xmlns=_NAMESPACE,
            viewBox=f"0 0 {width} {height}",
            width=width,
            height=height,
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
        )
        + "\n"
    )


def _attribute(value: Value) -> str:
    return str(escape(value)) if isinstance(value, str) else number(value)
