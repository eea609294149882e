"""Offers: the kernels a step may run, with what each takes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.constants import tables_in
from tinyrig.generator.planning.costs import cycles_of
from tinyrig.generator.planning.kernels import PORTABLE, Kernel, Packs, legal_kernels
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.sparse_packing import SPARSE_PACKS

_SPARSE_SHARE = 0.8
"""A layer with more weights than this that are not zero is never smaller as a sparse stream."""


@dataclass(frozen=True)
class Offer:
    """A kernel for a call: cycles of one execution, bytes of scratch, bytes of its constants."""

    kernel: Kernel
    cycles: int
    scratch: int
    flash: int


@dataclass(eq=False)
class Offers:
    """Makes offers for a board; equal calls are weighed once."""

    board: Board
    isas: Sequence[str]
    among: Packs
    large: bool
    _made: dict[Hashable, tuple[Offer, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        allowed = tuple(pack for pack in self.among.allowed if pack not in SPARSE_PACKS)
        self._dense = replace(self.among, allowed=allowed)

    def of(self, call: Call) -> tuple[Offer, ...]:
        """Return what may execute a call, the board's first instruction set first.

        UnsupportedError when nothing can.
        """
        sparse = self._may_be_sparse(call)
        among = self.among if sparse else self._dense
        key = (call.op, _shape(call.params))
        if sparse or key not in self._made:
            legal = legal_kernels(call, self.isas, among, large=self.large)
            ordered = sorted(legal, key=lambda kernel: self.isas.index(kernel.isa))
            found = _worthy([self._offer(kernel, call) for kernel in ordered])
            if sparse:
                return found
            self._made[key] = found
        return self._made[key]

    def _offer(self, kernel: Kernel, call: Call) -> Offer:
        cores = self.board.cores
        tables = tables_in(packed(call, kernel.pack).params)
        return Offer(
            kernel,
            cycles_of(kernel, call, self.board.core, cores),
            kernel.scratch_bytes(call, cores),
            sum(table.values.nbytes for _, table in tables),
        )

    def _may_be_sparse(self, call: Call) -> bool:
        weight = call.params.get("weight")
        if not isinstance(weight, Table) or not set(self.among.allowed) & set(SPARSE_PACKS):
            return False
        values = weight.values
        return bool(self.among.first) or (np.count_nonzero(values) < _SPARSE_SHARE * values.size)


def _worthy(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Leave out portable kernels that are slower than one of the core's own.

    They would save scratch, for many times the cycles.
    """
    own = [offer.cycles for offer in offers if offer.kernel.isa != PORTABLE]
    return tuple(
        offer
        for offer in offers
        if offer.kernel.isa != PORTABLE or not own or offer.cycles < min(own)
    )


def _shape(value: Any) -> Hashable:
    """Return what of a parameter decides legality, cost and size: all but a table's entries."""
    match value:
        case Mapping():
            return tuple((name, _shape(part)) for name, part in value.items())
        case Table():
            return (value.values.shape, value.values.dtype.str)
        case list() | tuple():
            return tuple(value)
        case _:
            return value
