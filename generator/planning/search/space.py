"""What a search is over: one graph on one board under options, each way laid out once."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.kernels import packs
from tinyrig.generator.planning.readings import flash_lines
from tinyrig.generator.planning.search.laid import Laid, laid
from tinyrig.generator.planning.search.offer import Offers, Weighings
from tinyrig.generator.planning.streams.ways import Way, Ways


@dataclass(eq=False)
class Space:
    """A graph whose passes have run; `wide` lets weights have 16 bits.

    `outside` tells that its weights lie in the board's external flash, as `placed` finds. Spaces of
    one board may share what they have `weighed`.
    """

    graph: Graph
    board: Board
    options: Options
    ref_only: bool = False
    wide: bool = True
    outside: bool = False
    weighed: Weighings = field(default_factory=dict)
    _laid: dict[tuple[tuple[str, Way], ...], Laid] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options = self.options
        self.isas = ("ref",) if self.ref_only else self.board.isa
        among = packs(options.sparse, wide=self.wide, nibbles=options.nibbles)
        weighs = options.cycles == "board"
        self.lines = flash_lines(self.board, outside=self.outside) if weighs else None
        large = options.large_scratch
        seldom = self.lines is not None and options.optimize != "none"
        made = self.weighed.setdefault((tuple(self.isas), among, large, seldom), {})
        self.offers = Offers(self.board, self.isas, among, large, seldom, made)

    def laid(self, ways: Ways) -> Laid:
        """Return the graph laid out by `ways`; the same object where that changes nothing."""
        key = tuple(sorted(ways.items(), key=lambda item: item[0]))
        if key not in self._laid:
            self._laid[key] = laid(self.graph, self.options, dict(ways), self.offers, self.lines)
        return self._laid[key]
