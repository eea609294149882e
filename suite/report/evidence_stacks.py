"""Modelled cycles of a job's evidence as stacks of model, layer and function."""

from __future__ import annotations

from tinyrig.suite.bench.evidence import Evidence
from tinyrig.suite.report.flame import Stack
from tinyrig.suite.studies.profiling import GLUE


def evidence_stacks(model: str, evidence: Evidence, *, numbered: bool = True) -> dict[Stack, int]:
    """Return cycles by model, layer and function, layers in order, dearer functions first.

    Layers are `numbered`, as two may have one name; of two versions of a model numbers differ
    where names do not.
    """
    sums: dict[tuple[int | None, str], float] = {}
    for block in evidence.blocks:
        if block.cycles is not None:
            key = (block.step, block.function)
            sums[key] = sums.get(key, 0.0) + block.cycles
    last = len(evidence.layers)
    ordered = sorted(sums, key=lambda key: (last if key[0] is None else key[0], -sums[key], key[1]))
    found: dict[Stack, int] = {}
    for step, function in ordered:
        layer = GLUE if step is None else evidence.layers[step]
        named = f"{step} {layer}" if numbered and step is not None else layer
        stack = (model, named, function)
        found[stack] = found.get(stack, 0) + round(sums[step, function])
    return found
