"""How many bytes of constants a plan may have: what weights of 8 bits take, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.constants import named_tables
from tinyrig.generator.planning.flash import CODE_RESERVE, FlashNeeds, spare_bytes
from tinyrig.generator.planning.nibbles import NIBBLE_PACKS
from tinyrig.generator.planning.planned_step import (
    PlannedStep,
    parameters_bytes,
    planned_steps,
)
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection, select
from tinyrig.generator.planning.search.space import Space

NO_LIMIT = 1 << 60


def flash_needs(
    graph: Graph, tables: Mapping[str, tuple[str, Table]], steps: Sequence[PlannedStep]
) -> FlashNeeds:
    """Return what tables, parameters and the sample of a graph need."""
    sizes = [table.values.nbytes for _, table in tables.values()]
    return FlashNeeds(
        flash_bytes(tables, "weights"),
        flash_bytes(tables, "tables"),
        sample_bytes(graph),
        parameters_bytes(steps) + sum(align(size) - size for size in sizes),
    )


def sample_bytes(graph: Graph) -> int:
    """Return the bytes of the sample that the rig's firmware carries."""
    return sum(graph.tensors[name].elements for name in graph.inputs)


def flash_bytes(tables: Mapping[str, tuple[str, Table]], kind: str) -> int:
    """Return the bytes of the tables of a kind."""
    return sum(table.values.nbytes for _, table in tables.values() if table.kind == kind)


def placed(space: Space) -> Space:
    """Return the space with its weights where they lie: outside the chip if need be.

    They do where not even weights of 8 bits fit the chip's own flash, or of four where they can
    be.
    """
    board = space.board
    if space.lines is None or board.external_flash is None or _all_fit(space):
        return space
    _, needs = _narrow(space)
    return replace(space, outside=True, _laid={}) if spare_bytes(board, needs) < 0 else space


def flash_budget(space: Space, *, tight: bool = False) -> int | None:
    """Return the bytes of constants that a selection may have; None when all fit.

    Weights of more than 8 bits are taken while the chip's flash has room beside the code's
    reserve. Below that, `max_flash` may ask for less. Where weights of 8 bits have no room, those
    of four are widened while there is some. `tight` tells that some layout's fastest do not fit.
    """
    most = space.options.max_flash
    if not most and not tight and _all_fit(space):
        return None
    small, needs = _narrow(space)
    takes_more = space.wide or _reads_nibbles(small)
    spare = max(0, spare_bytes(space.board, needs)) if takes_more else 0
    if most:
        spare = min(spare, most - needs.weights - needs.tables)
    return small.flash + spare


def is_too_large(space: Space, found: Laid, selection: Selection) -> bool:
    """True where a layout's kernels need more constants than the chip's flash has room for."""
    near = selection.flash + 2 * CODE_RESERVE > space.board.flash.size
    return near and spare_bytes(space.board, _needs(space, found, selection)) < 0


def _all_fit(space: Space) -> bool:
    """True when the chip's flash has room for what the fastest kernels read."""
    found = space.laid({})
    fastest = _fastest(found)
    if fastest.flash + CODE_RESERVE > space.board.flash.size:
        return False
    return spare_bytes(space.board, _needs(space, found, fastest)) >= 0


def _narrow(space: Space) -> tuple[Selection, FlashNeeds]:
    """Return the fastest kernels with weights of 8 bits, and what they need.

    Where they do not fit the chip's flash beside the code's reserve, and the smallest do that read
    weights of four bits, those.
    """
    found = replace(space, wide=False, _laid={}).laid({})
    fastest, least = _fastest(found), select(found, NO_LIMIT, 0)
    needs = _needs(space, found, fastest)
    if least is None or not _reads_nibbles(least) or spare_bytes(space.board, needs) >= 0:
        return fastest, needs
    fewer = _needs(space, found, least)
    return (least, fewer) if spare_bytes(space.board, fewer) >= 0 else (fastest, needs)


def _needs(space: Space, found: Laid, selection: Selection) -> FlashNeeds:
    steps = planned_steps(space.graph, space.board, found.schedule, selection.kernels)
    return flash_needs(space.graph, named_tables(found.schedule, steps), steps)


def _reads_nibbles(selection: Selection) -> bool:
    """Tell whether weights of four bits are read as such."""
    return any(kernel.pack in NIBBLE_PACKS for kernel in selection.kernels)


def _fastest(found: Laid) -> Selection:
    selection = select(found, NO_LIMIT)
    assert selection is not None  # a step without any kernel was refused before
    return selection
