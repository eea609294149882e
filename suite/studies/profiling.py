"""Where the modelled cycles of a model go: from a case to blocks with their disassembly."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backends_that
from tinyrig.suite.cycles import (
    BlockCycles,
    Explain,
    IssuedInstruction,
    ModelledCycles,
    explainer,
    model_cycles,
)
from tinyrig.suite.cycles.by_line import cycles_by_line
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.one_boot import one_boot
from tinyrig.suite.toolchain.source_lines import SourceLine, line_map
from tinyrig.suite.toolchain.toolchain import Toolchain

GLUE = "between layers"
"""What the code outside every layer is called."""


@dataclass(frozen=True)
class HotBlock:
    """A block among the most expensive, with its instructions as the model issues them."""

    layer: str
    block: BlockCycles
    code: tuple[IssuedInstruction, ...] = field(repr=False)


@dataclass(frozen=True)
class HotLine:
    """A source line, its text without indentation, and its cycles."""

    line: SourceLine
    text: str
    cycles: float


@dataclass(frozen=True)
class Profiled:
    """Modelled cycles of one inference of the checked build, its layers named.

    `clock_mhz` is the clock their milliseconds are of.
    """

    model: str
    board: str
    layers: tuple[str, ...]
    cycles: ModelledCycles
    hottest: tuple[HotBlock, ...]
    lines: tuple[HotLine, ...] = ()
    clock_mhz: float | None = None

    def layer(self, step: int | None) -> str:
        """Return the name of a step."""
        return GLUE if step is None else self.layers[step]


def profile_case(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: RunOptions,
    hottest: int,
    lines: int,
    progress: Progress,
) -> Profiled:
    """Generate, build the checked image, boot it once and model its cycles.

    `hottest` blocks and `lines` of source are told, the most expensive.

    InputError for a backend that cannot profile; the firmware's own failures as in a run.
    """
    if not backend.capabilities.profile:
        can = " or ".join(backends_that(lambda found: found.profile))
        raise InputError(f"The {backend.name} backend cannot profile blocks; {can} can.")
    made = one_boot(case, board, backend, toolchain, options, progress)
    firmware, image = made.firmware, made.firmware.checked
    progress("booting")
    boot = backend.run(image, board, sample=made.sample, profile=True, budget=made.budget)
    if boot.profile is None or not boot.transcript.ok:
        raise BrokenRunError(f"The firmware of {case.name!r} failed its own checks.")
    progress("modelling cycles")
    cycles = model_cycles(boot.profile, image, board.core)
    explain = explainer(boot.profile, image, board.core)
    layers = tuple(firmware.plan.steps[first].name for first, _ in firmware.plan.layers)
    worst = sorted(cycles.blocks, key=lambda found: -found.cycles)[:hottest]
    return Profiled(
        model=case.name,
        board=board.name,
        layers=layers,
        cycles=cycles,
        hottest=tuple(
            HotBlock(
                layer=GLUE if found.step is None else layers[found.step],
                block=found,
                code=explain(found),
            )
            for found in worst
        ),
        lines=_hot_lines(firmware, toolchain, cycles, explain, lines) if lines else (),
        clock_mhz=options.clock_mhz or board.product_mhz,
    )


def _hot_lines(
    firmware: Firmware,
    toolchain: Toolchain,
    cycles: ModelledCycles,
    explain: Explain,
    most: int,
) -> tuple[HotLine, ...]:
    where = line_map(firmware.project, firmware.plan.board, toolchain, firmware.checked)
    found = cycles_by_line(cycles, explain, where)
    known = ((line, count) for line, count in found.items() if line is not None)
    files = firmware.project.files
    return tuple(
        HotLine(line, _text(files.get(line.path, ""), line.line), count)
        for line, count in itertools.islice(known, most)
    )


def _text(source: str, line: int) -> str:
    lines = source.splitlines()
    return lines[line - 1].strip() if line <= len(lines) else ""
