"""`tinyrig bench costs`, and `--fit` and `--code` of `tinyrig bench kernels`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from tinyrig.generator.assets import asset_root
from tinyrig.generator.errors import InputError
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.code_costs import FOLDER as CODE_FOLDER
from tinyrig.generator.planning.costs import FOLDER, Fitted
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.cli.options import DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.report.costs_table import (
    choices_table,
    fitted_table,
    networks_table,
    outside_text,
)

BOARDS = ("stm32f427", "stm32h743")
CODE_BOARDS = ("stm32f746", "stm32l4r5")
"""Of those of a core with RAM for code, one whose cache is too small for some kernels' loops."""

_LIGHT = (
    "mlperf-ic", "mlperf-kws", "mlperf-vww", "mlperf-ad", "tinyformer-block", "tinyvit-digits",
    "ecgformer", "eegformer", "trformer",
)  # fmt: skip
"""Networks without a `--model`: each kernel of the zoo is in one of them."""

_SEED = 977
"""Not that of the sweep: the calls are others than those the costs were fitted to."""


def fit_kernels(boards: Sequence[str], toolchain: str, only: Sequence[str] = ()) -> None:
    """Measure every kernel on the cores of boards, fit costs, write the tables and show them.

    With `only` some, the others keep theirs. InputError for a kernel that no board runs.
    """
    known = {name: {one.name for one in _kernels_of(load_board(name))} for name in boards}
    if missing := sorted(set(only).difference(*known.values())):
        where = " or ".join(boards)
        raise InputError(
            f"No kernel of {where} is named {missing[0]!r}; `tinyrig kernels` lists them."
        )
    boards = [name for name in boards if not only or known[name].intersection(only)]
    with progress() as report:
        what = ", ".join(only) or "every kernel"
        report(f"measuring calls of {what} on {', '.join(boards)}")
        with ProcessPoolExecutor(max_workers=len(boards)) as pool:
            count = len(boards)
            found = list(pool.map(_fitted, boards, [toolchain] * count, [tuple(only)] * count))
    tables: list[RenderableType] = []
    for board, costs in zip(boards, found, strict=True):
        from tinyrig.suite.studies.costs.tables import write_costs

        core = load_board(board).core
        write_costs(asset_root("kernels").parent / FOLDER / core, costs, whole=not only)
        tables.append(fitted_table(core, costs))
    show(*tables)


def code_of_kernels(boards: Sequence[str], toolchain: str) -> None:
    """Measure the code of every kernel, and renew the tables the planner reads."""
    from tinyrig.suite.studies.costs.code import code_costs, table_text

    with progress() as report:
        for board in map(load_board, boards):
            text = table_text(code_costs(board, toolchain, report))
            path = asset_root("kernels").parent / CODE_FOLDER / f"{board.core}.toml"
            write_atomic(path, text.encode())


def _kernels_of(board: Board) -> list[Kernel]:
    return [kernel for kernel in all_kernels() if kernel.isa in board.isa]


def _fitted(board: str, toolchain: str, only: Sequence[str]) -> dict[str, Fitted]:
    from tinyrig.suite.studies.costs.fit import fit_costs

    with tempfile.TemporaryDirectory(prefix="tinyrig-costs-") as folder:
        return fit_costs(load_board(board), toolchain, Path(folder), lambda _: None, only)


def costs(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Zoo models, repeatable: the light ones if none.")
    ] = None,
    calls: Annotated[int, typer.Option(min=0, help="Random calls to choose kernels for.")] = 200,
    seed: Annotated[
        int, typer.Option(min=2, help="Which random calls: 1 are those the costs were fitted to.")
    ] = _SEED,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Hold the planner's predicted cycles against modelled ones: networks, layers, choices.

    The exit code is 1 where one is outside its band.
    """
    from tinyrig.suite.models.case import resolve
    from tinyrig.suite.studies.costs.cached import cached_spent
    from tinyrig.suite.studies.costs.check import choices, misses, network_cost
    from tinyrig.suite.studies.costs.machine import KernelMachine
    from tinyrig.suite.studies.kernels.checking.image import build_image

    tables: list[RenderableType] = []
    networks = []
    drawn = []
    with progress() as report, tempfile.TemporaryDirectory(prefix="tinyrig-costs-") as name:
        for target in [load_board(given) for given in board or BOARDS]:
            kernels = _kernels_of(target)
            folder = Path(name) / target.name
            folder.mkdir()
            report(f"compiling the kernels of {target.core}")
            image = build_image(folder, target, toolchain, kernels)
            with closing(KernelMachine(image, target.core)) as machine:
                timed = partial(cached_spent, machine, image)
                for zoo in model or _LIGHT:
                    report(f"{target.name}: {zoo}")
                    graph = resolve(zoo, {}).rewritten(ALL).graph
                    networks.append(network_cost(zoo, graph, target, ALL, timed))
                report(f"{target.name}: {calls} random calls")
                found = list(choices(target, kernels, calls, timed, seed))
            drawn += found
            if found:
                tables.append(choices_table(target.name, found))
    outside = list(misses(networks, drawn))
    show(networks_table(networks), *tables, outside_text(outside))
    if outside:
        raise typer.Exit(1)
