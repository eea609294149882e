"""How far answers are from the oracle's, and whether that is too far to be of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.records.record import Doubt
from tinyrig.suite.reference.compare import sqnr_db

LEAST_SQNR_DB = 10.0
LEAST_AGREEMENT = 0.5

Reals = NDArray[np.float32]
Outputs = Sequence[Sequence[Reals]]
"""One list a sample, in it one array an output of the graph."""


@dataclass(frozen=True)
class Accuracy:
    """Figures against the oracle, None where they mean nothing, and what is wrong with them.

    The SQNR means nothing where the oracle gives NaN or infinity, or zeros alone; the arg-max
    where a row has one element or equal ones. `worst` is the sample that is farthest off.
    """

    sqnr_db: float | None
    argmax_agreement: float | None
    doubt: Doubt | None
    worst: int = 0


def assess(graph: Graph, oracle: Outputs, got: Outputs) -> Accuracy:
    """Compare real outputs, of the same samples, with the oracle's."""
    names = [graph.source_names.get(name, name) for name in graph.outputs]
    for sample, outputs in enumerate(oracle):
        for name, output in zip(names, outputs, strict=True):
            if not np.isfinite(output).all():
                unknown = Doubt(kind="oracle", output=name, sqnr_db=None, fall=None)
                return Accuracy(None, None, unknown, sample)
    level = _level(_flat(oracle), _flat(got))
    agreement = _agreement(oracle, got)
    steps = [graph.tensors[name].affine.scale for name in graph.outputs]
    levels = [_output_level(oracle, got, slot, step) for slot, step in enumerate(steps)]
    lowest = min(range(len(names)), key=lambda slot: levels[slot])
    worst = min(
        range(len(oracle)), key=lambda i: sqnr_db(_flat(oracle[i : i + 1]), _flat([got[i]]))
    )
    doubt: Doubt | None = None
    if levels[lowest] < LEAST_SQNR_DB:
        known = levels[lowest] if np.isfinite(levels[lowest]) else None
        doubt = Doubt(kind="sqnr", output=names[lowest], sqnr_db=known, fall=None)
    elif agreement is not None and agreement < LEAST_AGREEMENT:
        doubt = Doubt(kind="argmax", output=names[0], sqnr_db=level, fall=None)
    return Accuracy(level, agreement, doubt, worst)


def _level(oracle: Reals, got: Reals) -> float | None:
    """Return the SQNR in dB; None for noise on a signal of zeros."""
    level = sqnr_db(oracle, got)
    return None if level == -np.inf else level


def _output_level(oracle: Outputs, got: Outputs, slot: int, step: float) -> float:
    """Return the SQNR of one output; a signal of zeros may be one step of the output off."""
    wanted, given = (
        np.concatenate([one[slot].reshape(-1) for one in all_]) for all_ in (oracle, got)
    )
    if not wanted.any() and np.abs(given).max() <= 1.001 * step:
        return np.inf
    return sqnr_db(wanted, given)


def _agreement(oracle: Outputs, got: Outputs) -> float | None:
    """Return the share of rows of the first output whose arg-max is one of the oracle's."""
    agreeing: list[NDArray[np.bool_]] = []
    for wanted, given in ((a[0], b[0]) for a, b in zip(oracle, got, strict=True)):
        if wanted.ndim == 0 or wanted.shape[-1] == 1:
            return None
        rows, chosen = wanted.reshape(-1, wanted.shape[-1]), given.reshape(-1, given.shape[-1])
        top = rows.max(axis=1)
        picked = np.take_along_axis(rows, chosen.argmax(axis=1)[:, None], axis=1)[:, 0]
        agreeing.append((picked == top)[top > rows.min(axis=1)])
    found = np.concatenate(agreeing)
    return float(found.mean()) if found.size else None


def _flat(outputs: Outputs) -> Reals:
    return np.concatenate([part.reshape(-1) for one in outputs for part in one])
