"""Modelled cycles by source line: a block's cycles shared out as its instructions cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tinyrig.suite.cycles.model import Explain
from tinyrig.suite.cycles.result import ModelledCycles
from tinyrig.suite.toolchain.source_lines import LineMap, SourceLine

_SHARE = 1e-4


def cycles_by_line(
    cycles: ModelledCycles, explain: Explain, lines: LineMap
) -> Mapping[SourceLine | None, float]:
    """Return the cycles of every line, most first; under None those of code without one.

    A block below a ten-thousandth of the total counts for the line it begins at.
    """
    found: dict[SourceLine | None, float] = {}
    for address, share in _shares(cycles, explain):
        line = lines.at(address)
        found[line] = found.get(line, 0.0) + share
    order = sorted(found, key=lambda line: (-found[line], line or SourceLine("", 0)))
    return {line: found[line] for line in order}


def _shares(cycles: ModelledCycles, explain: Explain) -> Iterator[tuple[int, float]]:
    """Yield (address of an instruction, its part of a block's cycles)."""
    least = _SHARE * cycles.total
    for found in cycles.blocks:
        issued = explain(found) if found.cycles >= least else ()
        total = sum(one.cycles for one in issued)
        if total > 0.0:
            yield from ((one.address, found.cycles * one.cycles / total) for one in issued)
        else:
            yield found.block.address, found.cycles
