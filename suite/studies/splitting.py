"""Where the cycles of a model's layers go on a cluster, by its cores' own counters."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backends_that
from tinyrig.suite.models.case import Case
from tinyrig.suite.records.cycle_split import CycleSplit
from tinyrig.suite.rig.measuring import Progress, boot_image
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.one_boot import one_boot
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True)
class SplitLayer:
    """A layer, its cycles, and where they went."""

    name: str
    cycles: int
    split: CycleSplit


@dataclass(frozen=True)
class SplitCycles:
    """The layers of one inference of the checked build, in order.

    `model` is what counted, `error_percent` the spread that was seen of it. Milliseconds are of
    `clock_mhz`.
    """

    case: str
    board: str
    model: str
    error_percent: float | None
    clock_mhz: float
    layers: tuple[SplitLayer, ...]

    @property
    def cycles(self) -> int:
        """Cycles of all layers, which is without what lies between them."""
        return sum(layer.cycles for layer in self.layers)


def split_case(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: RunOptions,
    progress: Progress,
) -> SplitCycles:
    """Generate, build the checked image and boot it once with the first sample.

    InputError for a backend that does not split cycles; the firmware's own failures as in a run.
    """
    if not backend.capabilities.splits:
        can = " or ".join(backends_that(lambda found: found.splits))
        raise InputError(f"The {backend.name} backend does not split cycles; {can} does.")
    made = one_boot(case, board, backend, toolchain, options, progress)
    progress("booting")
    image, plan = made.firmware.checked, made.firmware.plan
    boot = boot_image(backend, image, board, case.name, made.sample, made.budget)
    counted, layers = boot.cycles, plan.layers
    if counted is None or len(counted.splits) != len(layers):
        raise BrokenRunError(f"The {backend.name} backend counted no layers of {case.name!r}.")
    names = (plan.steps[first].name for first, _ in layers)
    figures = zip(names, counted.by_step, counted.splits, strict=True)
    return SplitCycles(
        case=case.name,
        board=board.name,
        model=counted.model,
        error_percent=counted.error_percent,
        clock_mhz=options.clock_mhz or board.product_mhz,
        layers=tuple(SplitLayer(*one) for one in figures),
    )
