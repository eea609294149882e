"""Cases, firmware and records that several keywords need, made once a process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from robot.api import logger

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

Dims = tuple[tuple[str, int], ...]
"""Dimensions of a free block by name."""


@cache
def case_of(model: str, dims: Dims = ()) -> Case:
    """Return a model's case."""
    return resolve(model, dict(dims))


@cache
def record_of(
    model: str, dims: Dims, board: str, backend: str, samples: int, toolchain: str
) -> Record:
    """Return the record of a whole run."""
    case, target = case_of(model, dims), load_board(board)
    return run_case(
        case,
        target,
        load_backend(backend),
        load_toolchain(toolchain, target.compiler),
        case.samples(samples),
        RunOptions(),
        logger.debug,
    ).record


@cache
def firmware_of(model: str, board: str, stack: int | None = None) -> Firmware:
    """Return a model's firmware; `stack` changes the bytes of its stack."""
    case, target = case_of(model), load_board(board)
    if stack is not None:
        target = replace(target, layout=replace(target.layout, stack_size=stack))
    sample = sample_bytes(case.graph, case.samples(1)[0])
    return make_firmware(case.graph, target, load_toolchain("zig", target.compiler), sample)
