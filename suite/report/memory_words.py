"""An arena in words: its buffers, its peak, and what watching it found."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.rig.arena_map import ArenaMap
from tinyrig.suite.studies.memory.compare import Comparison

_SHOWN = 20


def memory_words(arena: ArenaMap) -> RenderableType:
    """Return the arena, its buffers by birth and what is live at the peak."""
    peak = arena.peak_step
    gap = arena.size - arena.lower_bound
    bound = "the lower bound" if gap == 0 else f"{gap:,} above the lower bound"
    head = Text(
        f"{arena.model} on {arena.board}: arena {arena.size:,} bytes by planner {arena.planner}, "
        f"{bound}\nmost in step {peak}, {arena.steps[peak]}: {arena.used(peak):,} bytes"
    )
    return Group(head, _live(arena, peak), _buffers(arena))


def _live(arena: ArenaMap, step: int) -> RenderableType:
    table = _table("Live at the peak", "buffer", "kind", "bytes")
    for block in sorted(arena.live(step), key=lambda b: (-b.extent, b.name)):
        table.add_row(Text(block.name), block.kind, f"{block.extent:,}")
    return table


def _buffers(arena: ArenaMap) -> RenderableType:
    columns = ("buffer", "kind", "offset", "size", "from", "to", "from step", "to step")
    table = _table("Buffers, bytes", *columns)
    for block in sorted(arena.blocks, key=lambda b: (b.first, b.offset)):
        table.add_row(
            Text(block.name),
            block.kind,
            f"{block.offset:,}",
            f"{block.size:,}",
            str(block.first),
            str(block.last),
            Text(arena.steps[block.first]),
            Text(arena.steps[block.last]),
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    left = {"buffer", "kind", "from step", "to step"}
    for name in columns:
        table.add_column(name, justify="left" if name in left else "right", overflow="fold")
    return table


def comparison_words(comparisons: Sequence[Comparison]) -> RenderableType:
    """Return, for each watched build, whether planned and observed agree, and where not."""
    return Group(*(_comparison(one) for one in comparisons))


def _comparison(one: Comparison) -> RenderableType:
    arena, findings = one.arena, one.findings
    verdict = Text("AGREE", style="bold green")
    if findings:
        verdict = Text("DISAGREE", style="bold red")
    facts = (
        f"  planned against observed, {one.build} build: {one.touched:,} of {arena.size:,} bytes "
        f"touched, {one.holes:,} in no buffer, {len(findings)} findings"
    )
    lines = [Text.assemble(verdict, facts)]
    lines += [Text(f"  {found.fault}: {found.text}") for found in findings[:_SHOWN]]
    if len(findings) > _SHOWN:
        lines.append(Text(f"  and {len(findings) - _SHOWN} more"))
    return Group(*lines)
