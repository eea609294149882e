"""The picture and the words of an arena as one page in the report's design."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.report.site.standalone import standalone_page
from tinyrig.suite.rig.arena_map import ArenaMap
from tinyrig.suite.studies.memory.compare import Comparison

_WIDTH = 1060.0


def memory_page(arena: ArenaMap, comparisons: Sequence[Comparison]) -> str:
    """Return the page: picture, what watching found, and every buffer. Names are escaped."""
    return standalone_page(
        "memory.html",
        f"Arena of {arena.model} on {arena.board}",
        lead=f"{arena.size:,} bytes by planner {arena.planner}, lower bound {arena.lower_bound:,}.",
        arena=arena,
        comparisons=tuple(comparisons),
        # The picture escapes every name itself.
        picture=Markup(memory_picture(arena, style="", least_width=_WIDTH)),
    )
