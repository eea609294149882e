"""What only booting and the reference can tell of a firmware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend, BootResult
from tinyrig.suite.cycles import BlockCycles, ModelledCycles, with_board_memory
from tinyrig.suite.cycles.cached import cached_cycles
from tinyrig.suite.cycles.records import record_counted, record_cycles
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.cycle_split import CycleSplit
from tinyrig.suite.records.record import BackendFacts, Check, Cycles
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.verdict import Codes, answers, judge, quantized_inputs, sample_bytes
from tinyrig.suite.toolchain.image import Image

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Measurement:
    """Figures of one inference of a firmware.

    `stack` is in bytes, the most of all samples. `cycles` are those of the clean build, one a
    column. `step_instructions`, `step_cycles` and `step_splits` have one entry a layer of the
    checked build, none for a backend that cannot count or split; `blocks` tell where its modelled
    cycles go. `measured` are the cycles of repeated boots of a backend that measures, none
    elsewhere.
    """

    backend: BackendFacts
    check: Check
    instructions: int | None
    stack: int
    cycles: tuple[Cycles, ...]
    step_instructions: tuple[int, ...]
    step_cycles: tuple[tuple[Cycles, ...], ...]
    step_splits: tuple[CycleSplit, ...]
    blocks: tuple[BlockCycles, ...]
    measured: tuple[float, ...] = ()


def measure_firmware(
    case: Case,
    firmware: Firmware,
    backend: Backend,
    samples: Sequence[Sample],
    budget: int,
    progress: Progress,
    *,
    repeats: int = 1,
) -> tuple[Measurement, tuple[Codes, ...]]:
    """Boot the clean build with every sample and the checked build with the first, and judge.

    `budget` is in instructions a boot. A backend that measures cycles boots the clean build
    `repeats` times with the first sample. Returns the figures and the int8 answers to each sample.
    BrokenRunError when a build fails its own checks or the two builds differ.
    """
    graph, board = firmware.plan.graph, firmware.plan.board
    boots: list[BootResult] = []
    for index, sample in enumerate(samples):
        progress(f"booting sample {index + 1} of {len(samples)}")
        raw = sample_bytes(graph, sample)
        boots.append(boot_image(backend, firmware.clean, board, case.name, raw, budget))
    first = sample_bytes(graph, samples[0])
    checked = boot_image(backend, firmware.checked, board, case.name, first, budget)
    if checked.transcript.outputs != boots[0].transcript.outputs:
        raise BrokenRunError(
            f"The clean and the checked build of {case.name!r} answer differently on "
            f"{board.name}: a buffer or the stack is used outside its bounds."
        )
    measured = _cycles_measured(boots[:1])
    while measured and len(measured) < repeats:
        progress(f"measuring {len(measured) + 1} of {repeats}")
        again = boot_image(backend, firmware.clean, board, case.name, first, budget)
        measured += _cycles_measured([again])
    progress("checking against the reference")
    got = tuple(answers(graph, boot.transcript.outputs) for boot in boots)
    steps = len(firmware.plan.layers)
    modelled = _modelled(checked, firmware.checked, board)
    measurement = Measurement(
        backend=BackendFacts(name=boots[0].backend, version=boots[0].version),
        check=judge(case, graph, samples, got, _expected(graph, samples)),
        instructions=boots[0].instructions,
        stack=max(boot.stack_high_water for boot in boots),
        cycles=_whole(boots[0], _modelled(boots[0], firmware.clean, board)),
        step_instructions=checked.step_instructions,
        step_cycles=_by_step(checked, modelled, steps),
        step_splits=() if checked.cycles is None else checked.cycles.splits,
        blocks=modelled[0].blocks if modelled else (),
        measured=measured,
    )
    return measurement, got


def boot_image(
    backend: Backend,
    image: Image,
    board: Board,
    model: str,
    sample: bytes,
    budget: int,
    *,
    profile: bool = True,
) -> BootResult:
    """Boot a model's image with a sample; BrokenRunError when it fails its own checks."""
    boot = backend.run(
        image,
        board,
        sample=sample,
        profile=profile and backend.capabilities.profile,
        budget=budget,
    )
    if not boot.transcript.ok:
        failed = ", ".join(
            f"{check.name} ({check.failures} failures, detail {check.detail})"
            for check in boot.transcript.failed_checks()
        )
        kind = "checked" if image.checked else "clean"
        raise BrokenRunError(
            f"The firmware of {model!r} on {board.name} failed its own checks in the {kind} "
            f"build: {failed}."
        )
    return boot


def _expected(graph: Graph, samples: Sequence[Sample]) -> list[dict[str, NDArray[np.int8]]]:
    from tinyrig.suite.reference.executor import run_reference

    return [run_reference(graph, quantized_inputs(graph, sample)) for sample in samples]


def _modelled(boot: BootResult, image: Image, board: Board) -> tuple[ModelledCycles, ...]:
    """Return a boot's modelled cycles: of the core, then with the memory of a known board.

    None at all when its backend gives no profile.
    """
    if boot.profile is None:
        return ()
    core, point = cached_cycles(boot.profile, image, board.core), board.operating_point
    if point is None:
        return (core,)
    return core, with_board_memory(core, boot.profile, board.full_name, point)


def _cycles_measured(boots: Sequence[BootResult]) -> tuple[float, ...]:
    counted = (boot.cycles for boot in boots)
    return tuple(float(c.total) for c in counted if c is not None and c.source == "measured")


def _whole(boot: BootResult, modelled: Sequence[ModelledCycles]) -> tuple[Cycles, ...]:
    found = [record_cycles(one, one.total) for one in modelled]
    if boot.cycles is not None:
        found.append(record_counted(boot.cycles, boot.cycles.total))
    return tuple(found)


def _by_step(
    boot: BootResult, modelled: Sequence[ModelledCycles], steps: int
) -> tuple[tuple[Cycles, ...], ...]:
    found: list[list[Cycles]] = [[] for _ in range(steps)]
    for one in modelled:
        by_step = one.by_step()
        for index, cycles in enumerate(found):
            cycles.append(record_cycles(one, by_step.get(index, 0)))
    if boot.cycles is not None:
        for cycles, value in zip(found, boot.cycles.by_step, strict=True):
            cycles.append(record_counted(boot.cycles, value))
    return tuple(map(tuple, found))
