"""TinyFormer's Fig. 10 and 11 redrawn: tables, a picture (SVG), and what its baselines were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.report.svg import FRAME, document, number, rect, text, tooltip
from tinyrig.suite.studies.sparsity.figures import OPERATORS, OTHERS, OURS, TYPICAL, Share

NOTE = (
    "The paper's other engine in Fig. 11(b) is its own sparse loop without SIMD, no dense library; "
    "its 12.2x in Fig. 10 is mostly softmax, 94 % of that engine's time, whose exponentials it "
    "computes one by one; its convolutions and linear layers gain 1.33x to 1.55x."
)
"""What a reader of either figure must know (arXiv 2311.01759, IV-C)."""

_ENGINES: Mapping[str, str] = {
    "tinyrig": "sparse, a table of exponentials in flash",
    "bitmap": "sparse, the paper's table filled in RAM",
    "dense": "dense",
    "portable": "portable kernels, the sparse loop without SIMD",
}
_LABELS, _WIDTH, _RIGHT = 360, 420, 150
_ROW, _BAR, _HEAD, _GAP = 22, 14, 40, 30
_KINDS = (*OPERATORS, OTHERS)
_STYLE = (
    FRAME
    + """
.s0 { fill: #0969da; } .s1 { fill: #1a7f37; } .s2 { fill: #bf3989; } .s3 { fill: #8c959f; }
.dense { fill: #8c959f; }
"""
)


def figures_table(
    name: str, board: str, shares: Sequence[Share], operators: Mapping[str, Mapping[str, int]]
) -> RenderableType:
    """Return both figures as tables, with the note."""
    by_share = Table(title=Text(f"{name} on {board} by sparsity (Fig. 10)"), title_justify="left")
    for column in ("sparsity", "cycles", "faster than dense", "flash", "less than dense"):
        by_share.add_column(column, justify="right")
    for share in shares:
        by_share.add_row(
            f"{share.sparsity:.0%}",
            f"{share.sparse.cycles:,}",
            f"{share.dense.cycles / share.sparse.cycles:.2f}x",
            f"{share.sparse.flash:,}",
            f"{1 - share.sparse.flash / share.dense.flash:.0%}",
        )
    title = f"Cycles by operator at {TYPICAL:.0%} (Fig. 11), and how many times {OURS}'s they are"
    by_operator = Table(title=Text(title), title_justify="left")
    by_operator.add_column("engine")
    for kind in (*_KINDS, "softmax's share"):
        by_operator.add_column(OPERATORS.get(kind, kind), justify="right")
    for engine, cycles in operators.items():
        cells = (_beside(cycles[kind], operators[OURS][kind]) for kind in _KINDS)
        share_of_softmax = cycles["softmax"] / max(1, sum(cycles.values()))
        by_operator.add_row(_ENGINES[engine], *cells, f"{share_of_softmax:.0%}")
    return Group(by_share, by_operator, Text(NOTE))


def _beside(cycles: int, ours: int) -> str:
    return f"{cycles:,} ({cycles / ours:.2f}x)" if ours else f"{cycles:,}"


def figures_picture(
    name: str, board: str, shares: Sequence[Share], operators: Mapping[str, Mapping[str, int]]
) -> str:
    """Return both figures: a bar for each sparsity's cycles and flash, and for each engine."""
    caption = f"{name} on {board}: predicted cycles and flash by sparsity, and by operator"
    rows = 2 * (len(shares) + 1) + len(operators)
    size = (_LABELS + _WIDTH + _RIGHT, 4 * _HEAD + 2 * _GAP + rows * _ROW)
    body: list[Markup] = [text(8, 24, caption, class_="title")]
    top = _HEAD
    for words, of in (("cycles", "cycles"), ("flash, bytes", "flash")):
        bars = [("dense", int(getattr(shares[0].dense, of)))]
        bars += [(f"{one.sparsity:.0%}", int(getattr(one.sparse, of))) for one in shares]
        body += _panel(f"Fig. 10: {words} by sparsity", bars, top)
        top += _HEAD + len(bars) * _ROW
    body += _engines(operators, top)
    body.append(text(8, size[1] - _GAP / 2, "Fig. 11's other engine: see the note."))
    return document(size, caption, NOTE, body, name="sparse-figures", style=_STYLE)


def _panel(title: str, bars: Sequence[tuple[str, int]], top: int) -> Iterator[Markup]:
    most = max(value for _, value in bars)
    yield text(8, top + 24, title, class_="title")
    for at, (label, value) in enumerate(bars):
        y = top + _HEAD + at * _ROW
        width = _WIDTH * value / most
        kind = "dense" if label == "dense" else "s0"
        yield text(8, y + _BAR - 2, label)
        yield rect(_LABELS, y, width, _BAR, tooltip(f"{label}: {value:,}"), class_=kind)
        yield text(_LABELS + width + 6, y + _BAR - 2, f"{value:,} ({number(value / most)})")


def _engines(operators: Mapping[str, Mapping[str, int]], top: int) -> Iterator[Markup]:
    most = max(sum(cycles.values()) for cycles in operators.values())
    yield text(8, top + 24, f"Fig. 11: cycles by operator at {TYPICAL:.0%}", class_="title")
    for at, (engine, cycles) in enumerate(operators.items()):
        y, x = top + _HEAD + at * _ROW, float(_LABELS)
        yield text(8, y + _BAR - 2, _ENGINES[engine])
        for order, kind in enumerate(_KINDS):
            width = _WIDTH * cycles[kind] / most
            words = tooltip(f"{OPERATORS.get(kind, kind)}: {cycles[kind]:,}")
            yield rect(x, y, width, _BAR, words, class_=f"s{order}")
            x += width
        yield text(x + 6, y + _BAR - 2, f"{sum(cycles.values()):,}")
