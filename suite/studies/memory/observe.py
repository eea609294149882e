"""Watch a planned arena at work: which step touched which byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.emit.firmware import print_project
from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.interface import TOUCH_READ, TOUCH_WRITTEN, Backend, BootResult, Touched
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import Toolchain

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Observation:
    """What one watched boot did to its arena.

    `read` and `written` have one row a step and one column a byte of `arena`. `strays` counts
    accesses to the arena's RAM region that nothing was planned for; `first_stray` is the address
    of the first. `boot` is the whole result.
    """

    build: str
    arena: ArenaPlan
    read: Flags = field(repr=False)
    written: Flags = field(repr=False)
    strays: int
    first_stray: int
    boot: BootResult = field(repr=False)

    @property
    def touched(self) -> Flags:
        """Steps by bytes: read or written."""
        return self.read | self.written


def observe(
    plan: Plan, backend: Backend, toolchain: Toolchain, sample: bytes
) -> tuple[Observation, ...]:
    """Boot the arena of the product and, where it differs, that of the checked build, watched.

    The product has no markers, so its addresses are watched in a build that has: the checked
    build of the same plan with the product's addresses and therefore without guards. Raises
    BrokenRunError when the product itself touches other bytes or answers differently.
    """
    found = [_boot(named, backend, toolchain, sample) for named in _builds(plan)]
    image = build(print_project(plan, sample), plan.board, toolchain, checked=False)
    product = backend.run(image, plan.board, sample=sample, watch=True)
    _check_same(plan, product, found[0])
    return tuple(found)


def _builds(plan: Plan) -> Sequence[tuple[str, Plan]]:
    builds = [("product", replace(plan, checked=plan.clean))]
    return [*builds, ("guarded", plan)] if plan.guarded else builds


def _boot(
    named: tuple[str, Plan], backend: Backend, toolchain: Toolchain, sample: bytes
) -> Observation:
    name, plan = named
    image = build(print_project(plan, sample), plan.board, toolchain, checked=True)
    boot = backend.run(image, plan.board, sample=sample, watch=True)
    touched = _touched(boot)
    if len(touched.by_step) != len(plan.steps):
        raise BrokenRunError(
            f"Of the {len(plan.steps)} steps of {plan.graph.name!r}, {len(touched.by_step)} could "
            "be watched."
        )
    rows = np.frombuffer(b"".join(touched.by_step), np.uint8)
    rows = rows.reshape(len(touched.by_step), len(touched.read))
    return Observation(
        build=name,
        arena=plan.checked,
        read=(rows & TOUCH_READ) != 0,
        written=(rows & TOUCH_WRITTEN) != 0,
        strays=touched.strays,
        first_stray=touched.first_stray,
        boot=boot,
    )


def _touched(boot: BootResult) -> Touched:
    if boot.touched is None:
        raise BrokenRunError(f"Backend {boot.backend!r} cannot watch memory.")
    return boot.touched


def _check_same(plan: Plan, product: BootResult, marked: Observation) -> None:
    touched = _touched(product)
    read = np.frombuffer(touched.read, np.uint8) != 0
    written = np.frombuffer(touched.written, np.uint8) != 0
    same = np.array_equal(read, marked.read.any(axis=0))
    if not (same and np.array_equal(written, marked.written.any(axis=0))):
        raise BrokenRunError(
            f"The product of {plan.graph.name!r} touches other bytes of its arena than the same "
            "addresses do with step markers."
        )
    if product.transcript.outputs != marked.boot.transcript.outputs:
        raise BrokenRunError(
            f"The product of {plan.graph.name!r} answers differently than the same addresses do "
            "with step markers."
        )
