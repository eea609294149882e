"""A folder of kernels against the portable ones: random calls on the core they are made for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinyrig.generator.errors import InputError, MissingToolError, WrongOutputError
from tinyrig.generator.planning.board import Board, board_names, load_board
from tinyrig.generator.planning.core import load_core
from tinyrig.generator.planning.expression import ExpressionError
from tinyrig.generator.planning.kernels import (
    Kernel,
    all_kernels,
    check_registry,
    read_registry,
)
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.studies.kernels.checking.arguments import held, planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.cases import BUILDERS
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.studies.kernels.checking.target import CortexM
from tinyrig.suite.toolchain.toolchain import toolchain_names

_PATIENCE = 40
"""Random calls drawn for one that the kernel is to be tested with."""

_PORTABLE, _PLAIN = "ref", "rows"


@dataclass(frozen=True)
class KernelCheck:
    """What came of a kernel on a board by a toolchain: how many calls, and the first fault.

    `fault` is empty when every call was right; a kernel no drawn call is legal for has a fault.
    """

    kernel: str
    board: str
    toolchain: str
    calls: int
    fault: str = ""


def check_kernels(
    folder: Path, calls: int, board: str | None, progress: Progress
) -> Iterator[KernelCheck]:
    """Yield what comes of every kernel of a folder, by every toolchain that is there.

    The first board whose core is emulated and which takes the kernel's instruction set is it, or
    `board`. InputError for a folder that cannot be used, BuildError for what does not compile.
    """
    home = folder.resolve()
    kernels = read_registry(home)
    portable = {
        kernel.op: kernel
        for kernel in all_kernels()
        if kernel.isa == _PORTABLE and kernel.pack == _PLAIN
    }
    check_registry(kernels, portable)
    by_board: dict[str, list[Kernel]] = {}
    for kernel in kernels:
        by_board.setdefault(board or _board_of(kernel), []).append(kernel)
    for name, chosen in by_board.items():
        for toolchain in toolchain_names():
            progress(f"testing kernels on {name} by {toolchain}")
            yield from _on_board(load_board(name), toolchain, chosen, portable, calls)


def _board_of(kernel: Kernel) -> str:
    for name in board_names():
        found = load_board(name)
        if kernel.isa in found.isa and load_core(found.core).unicorn:
            return name
    raise InputError(
        f"{kernel.name}: no board that is emulated here takes kernels of {kernel.isa!r}; "
        "name one with --board."
    )


def _on_board(
    board: Board,
    toolchain: str,
    kernels: Sequence[Kernel],
    portable: Mapping[str, Kernel],
    calls: int,
) -> Iterator[KernelCheck]:
    needed = [*kernels, *(portable[kernel.op] for kernel in kernels)]
    with tempfile.TemporaryDirectory(prefix="tinyrig-kernels-") as name:
        try:
            image = build_image(Path(name), board, toolchain, needed)
        except MissingToolError:
            return
        target = CortexM(image, board.core)
        for kernel in kernels:
            done, fault = _compare(target, kernel, portable[kernel.op], calls)
            yield KernelCheck(kernel.name, board.name, toolchain, done, fault)


def _compare(target: CortexM, kernel: Kernel, portable: Kernel, calls: int) -> tuple[int, str]:
    """Return how many calls were made, and the first fault."""
    done = 0
    for seed in range(calls * _PATIENCE):
        if done == calls:
            break
        drawn, sizes = _drawn(kernel.op, seed)
        case = held(kernel, drawn)
        try:
            if not (kernel.accepts(planned(case)) and kernel.holds(planned(case))):
                continue
            done += 1
            _check_call(target, kernel, portable, case)
        except ExpressionError as error:
            return done, f"its registry entry: {error}"
        except WrongOutputError as error:
            return done, f"call {seed}, sizes {sizes}: {error}"
    return done, "" if done else f"none of {calls * _PATIENCE} random calls is legal for it"


def _check_call(target: CortexM, kernel: Kernel, portable: Kernel, case: Case) -> None:
    if kernel.cost_of(planned(case)) <= 0:
        raise WrongOutputError("its cost is not above 0.")
    expected, found = target.execute(portable, case), target.execute(kernel, case)
    wrong = np.flatnonzero(expected.ravel() != found.ravel())
    if wrong.size:
        at = int(wrong[0])
        raise WrongOutputError(
            f"element {at} is {found.ravel()[at]}, not {expected.ravel()[at]}; "
            f"{wrong.size} of {expected.size} differ."
        )


def _drawn(op: str, seed: int) -> tuple[Case, tuple[int, ...]]:
    """Return a random call and the sizes it was made of: often a limit, more often neither."""
    rng = np.random.default_rng(seed)
    sizes: list[int] = []

    def pick(low: int, high: int) -> int:
        edge = rng.random()
        size = low if edge < 0.1 else high if edge < 0.2 else int(rng.integers(low, high + 1))
        sizes.append(size)
        return size

    return BUILDERS[op](pick, rng), tuple(sizes)
