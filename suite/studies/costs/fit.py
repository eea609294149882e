"""From modelled cycles of random calls to a table of costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tinyrig.generator.planning.board import Board, board_names, load_board
from tinyrig.generator.planning.costs import NARROW_LINE, SMALL_CODE_CACHE, Fitted, with_words
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import PORTABLE, Kernel, all_kernels
from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.studies.costs.cached import cached_spent
from tinyrig.suite.studies.costs.machine import Job, KernelMachine, Spent
from tinyrig.suite.studies.costs.nonnegative import nonnegative
from tinyrig.suite.studies.costs.sweep import Sampled, samples, swept_operators
from tinyrig.suite.studies.costs.terms import terms_of
from tinyrig.suite.studies.kernels.checking.arguments import held_call
from tinyrig.suite.studies.kernels.checking.image import build_image

_SEED = 1
_CALLS: Mapping[str, int] = {"conv2d_s8": 1000, "linear_s8": 400, "attention_s8": 150}
_OTHER_CALLS = 140
_FEWEST = 12
"""Calls below which a kernel keeps its registry's formula."""

_ENOUGH = 120
"""Calls that a kernel is fitted to at least, where that many are found."""

_MOST_DRAWN = 8
"""How many times as many calls are drawn for kernels that few suit."""

_PORTABLE_WORK = 40_000
"""Multiplications or elements of a call that a portable kernel is measured with, at most."""

_SMALL = 10_000
"""Cycles from which on every call weighs the same; what takes fewer weighs less."""

_LEAST_SHARE = 1e-3
"""A term that makes no more than this of any call's cycles is left out."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Calls of one kernel with what each takes, and where lines of code are narrow ones."""

    kernel: Kernel
    calls: Sequence[Sampled]
    spent: Sequence[Spent]
    narrow: Sequence[Spent] = ()


def fit_costs(
    board: Board, toolchain: str, folder: Path, progress: Progress, only: Collection[str] = ()
) -> dict[str, Fitted]:
    """Return the costs of every kernel of a board's core that random calls suit, or of some."""
    return {
        found.kernel.name: fitted(found)
        for found in measured(board, toolchain, folder, progress, only)
        if len(found.calls) >= _FEWEST
    }


def measured(
    board: Board, toolchain: str, folder: Path, progress: Progress, only: Collection[str] = ()
) -> Iterator[Measured]:
    """Yield the kernels of a board's instruction sets, measured; they are built in a folder.

    All lie in the image, also where `only` some are measured: code takes what it does by its place.
    """
    kernels = [kernel for kernel in all_kernels() if kernel.isa in board.isa]
    wanted = [kernel for kernel in kernels if not only or kernel.name in only]
    progress(f"compiling the kernels of {board.core}")
    image = build_image(folder, board, toolchain, kernels)
    points = [small_cache(board), *narrow_cache(board)]
    with ExitStack() as stack:
        machines = [
            stack.enter_context(closing(KernelMachine(image, board.core, point)))
            for point in points
        ]
        for op in swept_operators():
            of_op = [kernel for kernel in wanted if kernel.op == op]
            if not of_op:
                continue
            progress(f"{board.core}: {op}")
            drawn = Drawn(op)
            for kernel in of_op:
                suited = drawn.suited(kernel)
                jobs = [Job(kernel, one.call, one.storages) for one in suited]
                yield Measured(
                    kernel, suited, *(cached_spent(one, image, jobs) for one in machines)
                )


class Drawn:
    """Random calls of an operator; more of them for a kernel that few suit."""

    def __init__(self, op: str) -> None:
        self._number = _CALLS.get(op, _OTHER_CALLS)
        self._stream = samples(op, _SEED)
        self._calls: list[Sampled] = []

    def suited(self, kernel: Kernel) -> list[Sampled]:
        """Return those of the first calls that suit a kernel, of many more if too few do."""
        found = [call for call in self._first(kernel, self._number) if suits(kernel, call)]
        if len(found) < min(_ENOUGH, self._number // 2):
            every = self._first(kernel, _MOST_DRAWN * self._number)
            found = list(islice((call for call in every if suits(kernel, call)), _ENOUGH))
        return found

    def _first(self, kernel: Kernel, number: int) -> Iterator[Sampled]:
        self._calls += islice(self._stream, max(0, number - len(self._calls)))
        for one in self._calls[:number]:
            yield replace(one, call=held_call(kernel, one.call))


def small_cache(board: Board) -> OperatingPoint | None:
    """Return the board's operating point where its code comes through a small cache."""
    point = board.operating_point
    return point if point is not None and point.code_cache.size <= SMALL_CODE_CACHE else None


def narrow_cache(board: Board) -> list[OperatingPoint]:
    """Return the point of another board of the core whose small cache has narrow lines, if any.

    None where the board's own code does not come through a small cache.
    """
    if small_cache(board) is None:
        return []
    others = (load_board(name) for name in board_names())
    points = (
        point
        for other in others
        if other.core == board.core
        for point in other.operating_points.values()
    )
    return [
        point
        for point in points
        if point.code_cache.size <= SMALL_CODE_CACHE and point.code_cache.line_bytes <= NARROW_LINE
    ][:1]


def suits(kernel: Kernel, sampled: Sampled) -> bool:
    """True for a call that the planner might give a kernel."""
    call = sampled.call
    work = max(call.macs, sum(view.size for view in call.writes))
    if kernel.isa == PORTABLE and work > _PORTABLE_WORK:
        return False
    if not kernel.accepts(call):
        return False
    return kernel.pack not in SPARSE_FORMATS or kernel.shrinks(call)


def fitted(found: Measured) -> Fitted:
    """Return the sum of terms that is relatively nearest to what was measured."""
    kernel, terms = found.kernel, terms_of(found.kernel.op, found.kernel.name)
    sparse = kernel.pack in SPARSE_FORMATS
    known = [term for term in terms.terms if sparse or "blocks" not in term]
    words = terms.words_of(known)
    fields = [with_words(kernel.cost_fields(one.call), words) for one in found.calls]
    values = np.array([[evaluate(term, each) for term in known] for each in fields], float)
    cycles = np.array([one.cycles for one in found.spent], float)
    factors = _factors(values, cycles, cycles)
    off = 100 * np.abs(values @ factors / cycles - 1)
    kept = _named(known, factors)
    fetched, narrow = (_waits(known, values, spent) for spent in (found.spent, found.narrow))
    return Fitted(
        points=len(cycles),
        mean=round(float(off.mean()), 2),
        worst=round(float(off.max()), 2),
        terms=kept,
        fetched=fetched,
        narrow=narrow,
        words=terms.words_of((*kept, *fetched, *narrow)),
    )


def _waits(terms: Sequence[str], values: Any, spent: Sequence[Spent]) -> dict[str, float]:
    """Return the sum of terms that is nearest to what calls wait for their code; none for none."""
    if not any(one.waits for one in spent):
        return {}
    waits = np.array([one.waits for one in spent], float)
    cycles = np.array([one.cycles for one in spent], float)
    return _named(terms, _factors(values, waits, cycles))


def _factors(values: Any, wanted: Any, cycles: Any) -> Any:
    """Return a factor for each term; 0 for those that are no more than a trace of the cycles."""
    weight = np.minimum(1.0, cycles / _SMALL) ** 0.5 / cycles
    factors = nonnegative(values * weight[:, None], wanted * weight)
    kept = (values * factors / cycles[:, None]).max(axis=0) > _LEAST_SHARE
    found = np.zeros(len(factors))
    found[kept] = nonnegative(values[:, kept] * weight[:, None], wanted * weight)
    return found


def _named(terms: Sequence[str], factors: Any) -> dict[str, float]:
    rounded = {term: round(float(one), 4) for term, one in zip(terms, factors, strict=True)}
    return {term: one for term, one in rounded.items() if one > 0}
