"""From modelled cycles of random calls to a table of costs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.costs import Fitted
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import PORTABLE, Kernel, all_kernels
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.cycles.cached import model_key
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.studies.costs.machine import Job, KernelMachine
from tinyrig.suite.studies.costs.nonnegative import nonnegative
from tinyrig.suite.studies.costs.sweep import Sampled, samples, swept_operators
from tinyrig.suite.studies.costs.terms import terms_of
from tinyrig.suite.studies.kernels.checking.arguments import held_call
from tinyrig.suite.studies.kernels.checking.image import build_image

_SEED = 1
_CALLS: Mapping[str, int] = {"conv2d_s8": 300, "linear_s8": 150, "attention_s8": 130}
_OTHER_CALLS = 70
_FEWEST = 12
"""Calls below which a kernel keeps its registry's formula."""

_PORTABLE_WORK = 40_000
"""Multiplications or elements of a call that a portable kernel is measured with, at most."""

_SMALL = 10_000
"""Cycles from which on every call weighs the same; what takes fewer weighs less."""

_LEAST_SHARE = 1e-3
"""A term that makes no more than this of any call's cycles is left out."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Calls of one kernel with their modelled cycles."""

    kernel: Kernel
    calls: Sequence[Sampled]
    cycles: Sequence[float]


def fit_costs(board: Board, toolchain: str, folder: Path, progress: Progress) -> dict[str, Fitted]:
    """Return the costs of every kernel of a board's core that random calls suit."""
    return {
        found.kernel.name: fitted(found)
        for found in measured(board, toolchain, folder, progress)
        if len(found.calls) >= _FEWEST
    }


def measured(board: Board, toolchain: str, folder: Path, progress: Progress) -> Iterator[Measured]:
    """Yield the kernels of a board's instruction sets, measured; they are built in a folder."""
    kernels = [kernel for kernel in all_kernels() if kernel.isa in board.isa]
    progress(f"compiling the kernels of {board.core}")
    image = build_image(folder, board, toolchain, kernels)
    with closing(KernelMachine(image, board.core)) as machine:
        for op in swept_operators():
            progress(f"{board.core}: {op}")
            calls = list(islice(samples(op, _SEED), _CALLS.get(op, _OTHER_CALLS)))
            for kernel in kernels:
                if kernel.op == op:
                    held = [replace(one, call=held_call(kernel, one.call)) for one in calls]
                    suited = [one for one in held if suits(kernel, one)]
                    yield Measured(kernel, suited, _cycles(machine, image, kernel, suited))


def _cycles(
    machine: KernelMachine, image: Path, kernel: Kernel, calls: Sequence[Sampled]
) -> Sequence[float]:
    """Return the cycles of calls, from the cache when the same image has made them before."""
    kept = Store("costs", ".json")
    code = (image, Path(__file__).with_name("sweep.py"), Path(__file__).with_name("machine.py"))
    key = content_key(
        ("costs", kernel.name, str(len(calls)), model_key(), *(path.read_bytes() for path in code))
    )
    raw = kept.load(key)
    if raw is not None:
        found: list[float] = json.loads(raw)
        return found
    cycles = machine.cycles([Job(kernel, one.call, one.storages) for one in calls])
    kept.save(key, json.dumps(cycles).encode())
    return cycles


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
    kernel, terms = found.kernel, terms_of(found.kernel.op)
    fields = [kernel.cost_fields(one.call) for one in found.calls]
    known = [term for term in terms if "blocks" not in term or kernel.pack in SPARSE_FORMATS]
    values = np.array([[evaluate(term, each) for term in known] for each in fields], float)
    cycles = np.array(found.cycles, float)
    weight = np.minimum(1.0, cycles / _SMALL) ** 0.5 / cycles
    factors = nonnegative(values * weight[:, None], cycles * weight)
    share = (values * factors / cycles[:, None]).max(axis=0)
    kept = share > _LEAST_SHARE
    factors[kept] = nonnegative(values[:, kept] * weight[:, None], cycles * weight)
    off = 100 * np.abs(values[:, kept] @ factors[kept] / cycles - 1)
    return Fitted(
        points=len(cycles),
        mean=round(float(off.mean()), 2),
        worst=round(float(off.max()), 2),
        terms={
            term: round(float(factor), 4)
            for term, factor, keep in zip(known, factors, kept, strict=True)
            if keep and factor > 0
        },
    )


def costs_text(costs: Mapping[str, Fitted], about: str) -> str:
    """Return a table of costs as TOML."""
    lines = [
        f"# {about}",
        "# Written by `tinyrig bench kernels --fit`: cycles as a sum of terms. `mean` and `worst`",
        "# tell how far, in per cent, that is from `points` modelled calls.",
    ]
    for name, one in costs.items():
        lines += ["", f"[{name}]", f"points = {one.points}", f"mean = {one.mean}"]
        lines += [f"worst = {one.worst}", "", f"[{name}.terms]"]
        lines += [f'"{term}" = {factor}' for term, factor in one.terms.items()]
    return "\n".join(lines) + "\n"
