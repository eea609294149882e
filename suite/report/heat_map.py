"""Attention blocks by size as heat maps (SVG): S down, E = P across, as in the paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tinyrig.suite.report.svg import FRAME, document, rect, text, tooltip
from tinyrig.suite.studies.kernels.bench import Measured

_CELL_WIDTH, _CELL_HEIGHT = 116, 58
_LEFT, _TOP, _GAP, _HEAD = 64, 58, 32, 44
_LINE = 16
_KEY_WIDTH = 92

_BINS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of the limit at which the colour changes."""

_STYLE = (
    FRAME
    + """
.cell { stroke: #fff; stroke-width: 2; }
.h0 { fill: #ffcecb; } .h1 { fill: #ffddb0; } .h2 { fill: #fae17d; }
.h3 { fill: #d2f4b0; } .h4 { fill: #aceebb; } .h5 { fill: #6fdd8b; }
@media (prefers-color-scheme: dark) {
.cell { stroke: #0d1117; }
.h0 { fill: #67060c; } .h1 { fill: #762d0a; } .h2 { fill: #634011; }
.h3 { fill: #2f5011; } .h4 { fill: #0f5323; } .h5 { fill: #1a7f37; }
}
"""
)


@dataclass(frozen=True)
class Block:
    """An attention block of S = `length` and E = P = `width`, with its modelled cycles."""

    length: int
    width: int
    macs: int
    cycles: int


@dataclass(frozen=True)
class HeatMap:
    """The blocks of one board and number of heads; `limit` is in cycles a MAC."""

    title: str
    limit: float
    blocks: Sequence[Block]

    @property
    def lengths(self) -> Sequence[int]:
        """The rows."""
        return sorted({block.length for block in self.blocks})

    @property
    def widths(self) -> Sequence[int]:
        """The columns."""
        return sorted({block.width for block in self.blocks})

    def share(self, block: Block) -> float:
        """Return how much of the limit a block reaches."""
        return self.limit * block.macs / block.cycles


def sweep_maps(measured: Iterable[Measured]) -> list[HeatMap]:
    """Return the swept blocks as heat maps, one a board and number of heads."""
    maps: dict[str, HeatMap] = {}
    for one in measured:
        swept, model = one.row.swept, one.cycles
        if swept is None:
            continue
        title = (
            f"{one.board}, H = {swept.heads}: {model.model} v{model.version} "
            f"+-{model.error_percent:g} %, 0 wait states"
        )
        found = maps.setdefault(title, HeatMap(title, one.limit, ()))
        block = Block(swept.length, swept.width, one.row.work, model.total)
        maps[title] = replace(found, blocks=(*found.blocks, block))
    return list(maps.values())


def heat_maps(maps: Sequence[HeatMap], caption: str) -> str:
    """Return an SVG document of heat maps below each other; the same blocks give the same text.

    Each cell tells modelled cycles, MAC a cycle and the share of the limit, which colours it.
    """
    columns = max((len(one.widths) for one in maps), default=1)
    width = _LEFT + max(columns * _CELL_WIDTH, (len(_BINS) + 1) * _KEY_WIDTH) + _GAP
    height = _HEAD + sum(_height(one) for one in maps) + _CELL_HEIGHT
    told = "; ".join(map(_told, maps))
    body = _body(maps, caption)
    return document((width, height), caption, told, body, name="heat", style=_STYLE)


def _body(maps: Sequence[HeatMap], caption: str) -> Iterator[str]:
    yield text(8, 26, caption, class_="title")
    top = _HEAD
    for one in maps:
        yield from _grid(one, top)
        top += _height(one)
    yield from _key(top)


def _height(one: HeatMap) -> int:
    return _TOP + len(one.lengths) * _CELL_HEIGHT + _GAP


def _told(one: HeatMap) -> str:
    shares = [one.share(block) for block in one.blocks]
    return f"{one.title}: {min(shares):.0%} to {max(shares):.0%} of the limit"


def _grid(one: HeatMap, top: int) -> Iterator[str]:
    yield text(8, top + 18, one.title, class_="title")
    for column, width in enumerate(one.widths):
        yield text(_LEFT + column * _CELL_WIDTH + 6, top + _TOP - 10, f"E = P = {width}")
    for row, length in enumerate(one.lengths):
        yield text(8, top + _TOP + row * _CELL_HEIGHT + _CELL_HEIGHT // 2 + 4, f"S = {length}")
    for block in one.blocks:
        left = _LEFT + one.widths.index(block.width) * _CELL_WIDTH
        yield from _cell(
            one, block, left, top + _TOP + one.lengths.index(block.length) * _CELL_HEIGHT
        )


def _cell(one: HeatMap, block: Block, left: int, top: int) -> Iterator[str]:
    share = one.share(block)
    each = f"{block.macs / block.cycles:.2f} MAC/cycle"
    lines = (f"{block.cycles / 1000:,.0f} K", each, f"{share:.0%}")
    told = (
        f"S = {block.length}, E = P = {block.width}: {block.cycles:,} modelled cycles for "
        f"{block.macs:,} MACs"
    )
    kind = f"cell {_colour(share)}"
    yield rect(left, top, _CELL_WIDTH, _CELL_HEIGHT, tooltip(told), class_=kind)
    for number, line in enumerate(lines):
        yield text(left + 6, top + 18 + number * _LINE, line)


def _colour(share: float) -> str:
    return f"h{sum(share >= bound for bound in _BINS)}"


def _key(top: int) -> Iterator[str]:
    bounds = (0.0, *_BINS)
    for number, bound in enumerate(bounds):
        left = _LEFT + number * _KEY_WIDTH
        yield rect(left, top, _KEY_WIDTH, _LINE + 6, class_=f"cell h{number}")
        yield text(left + 6, top + _LINE, f"from {bound:.0%}")
