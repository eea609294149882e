"""Offers: the kernels a step may run, with what each takes."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.operators.reads import READER
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.byte_row import holds_byte_row
from tinyrig.generator.planning.call import Call, Table, content
from tinyrig.generator.planning.constants import tables_in
from tinyrig.generator.planning.costs import cycles_of, fetch_waits
from tinyrig.generator.planning.forms import Form, constant_bytes, forms
from tinyrig.generator.planning.kernels import PORTABLE, Kernel, Packs
from tinyrig.generator.planning.nibbles import NIBBLE_PACKS, holds_nibbles
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.readings import readings_of
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS

_SPARSE_SHARE = 0.9
"""A layer with more weights than this that are not zero is never smaller as a sparse stream."""


@dataclass(frozen=True)
class Offer:
    """A kernel for a call: cycles of one execution, bytes of scratch, bytes of its constants.

    `readings` is how often an execution reads its constants where no cache keeps them, `fetched`
    what one waits for its code.
    """

    kernel: Kernel
    cycles: int
    scratch: int
    flash: int
    readings: float
    fetched: int


Made = dict[Hashable, tuple[Offer, ...]]
"""Offers of calls, by what decides them."""

Weighings = dict[Hashable, Made]
"""Offers made, by what the maker was allowed."""


@dataclass(eq=False)
class Offers:
    """Makes offers for a board; equal calls are weighed once, those in `made` never again.

    `large` permits kernels of large scratch, `seldom` those that pay with it for fewer readings of
    their weights.
    """

    board: Board
    isas: Sequence[str]
    among: Packs
    large: bool
    seldom: bool
    made: Made = field(default_factory=dict)

    def __post_init__(self) -> None:
        allowed = tuple(pack for pack in self.among.allowed if pack not in SPARSE_FORMATS)
        self._dense = replace(self.among, allowed=allowed)

    def of(self, call: Call) -> tuple[Offer, ...]:
        """Return what may execute a call, the board's first instruction set first.

        UnsupportedError when nothing can.
        """
        if call.op == READER.op:
            return (self._offer(Form(READER, call)),)
        key = self.key(call)
        if key not in self.made:
            among = self.among if self._may_be_sparse(call) else self._dense
            legal = _permitted(forms(call, self.isas, large=self.large), among)
            legal = [form for form in legal if self.seldom or not form.kernel.readings]
            if not legal:
                names = ", ".join(self.isas)
                raise UnsupportedError(f"No kernel of {names} can execute {call.op} here.")
            ordered = sorted(legal, key=lambda form: self.isas.index(form.kernel.isa))
            self.made[key] = _worthy([self._offer(form) for form in ordered])
        return self.made[key]

    def key(self, call: Call) -> Hashable:
        """Return what decides a call's offers: all but the entries of its tables that do not."""
        nibbles = NIBBLE_PACKS[0] in self.among.allowed and holds_nibbles(call)
        held = (nibbles, holds_byte_row(call))
        weights = _content(call) if self._may_be_sparse(call) else None
        return call.op, content(call.params, _shape), weights, held

    def _offer(self, form: Form) -> Offer:
        kernel, call, cores = form.kernel, form.call, self.board.cores
        flash = _bytes(form)
        return Offer(
            kernel,
            cycles_of(kernel, call, self.board.core, cores),
            kernel.scratch_bytes(call, cores),
            flash,
            readings_of(kernel, call, flash),
            fetch_waits(kernel, call, self.board),
        )

    def _may_be_sparse(self, call: Call) -> bool:
        weight = call.params.get("weight")
        if not isinstance(weight, Table) or not set(self.among.allowed) & set(SPARSE_FORMATS):
            return False
        values = weight.values
        full = int(np.count_nonzero(values)) >= _SPARSE_SHARE * values.size
        return bool(self.among.first) or not full


def _permitted(found: Sequence[Form], among: Packs) -> list[Form]:
    """Return the forms that the switches permit: all, some, or the smallest sparse one."""
    allowed = [form for form in found if form.kernel.pack in among.allowed]
    if wanted := [form for form in allowed if form.kernel.pack in among.first]:
        return wanted
    smaller = [form for form in allowed if form.kernel.shrinks(form.call)]
    sparse = [form for form in smaller if form.kernel.pack in SPARSE_FORMATS]
    if among.fewest and sparse:
        least = min(form.flash for form in sparse)
        return [form for form in sparse if form.flash == least]
    return smaller


def _bytes(form: Form) -> int:
    """Return the bytes of all constants of a form; a sparse one is not packed for that."""
    kernel, call = form.kernel, form.call
    if kernel.pack not in SPARSE_FORMATS:
        return sum(table.values.nbytes for _, table in tables_in(packed(call, kernel.pack).params))
    every = sum(table.values.nbytes for _, table in tables_in(call.params))
    return form.flash + every - constant_bytes(call)


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


def _content(call: Call) -> bytes:
    """Return a digest of a call's weights: their zeros decide how long its streams are."""
    weight = call.params["weight"]
    assert isinstance(weight, Table)
    return hashlib.blake2b(weight.values.tobytes()).digest()


def _shape(table: Table) -> Hashable:
    """Return what of a table decides legality, cost and size: all but its entries."""
    return (table.values.shape, table.values.dtype.str)
