"""`tinyrig bench costs`, and `--fit` of `tinyrig bench kernels`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from tinyrig.generator.assets import asset_root
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.costs import FOLDER, Fitted
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.cli.options import DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.report.costs_table import choices_table, fitted_table, networks_table

BOARDS = ("stm32f427", "stm32h743")
_MODELS = (
    "mlperf-ic", "mlperf-kws", "mlperf-vww", "mlperf-ad", "tinyformer-block", "tinyvit-digits",
    "ecgformer", "eegformer", "trformer", "eegformer-mhsa", "ecgformer-mhsa", "trformer-mhsa",
    "vit-240",
)  # fmt: skip
_NEAR = 2.0


def fit_kernels(boards: Sequence[str], toolchain: str) -> None:
    """Measure every kernel on the cores of boards, fit costs, write the tables and show them."""
    with progress() as report:
        report(f"measuring calls of every kernel on {', '.join(boards)}")
        with ProcessPoolExecutor(max_workers=len(boards)) as pool:
            found = list(pool.map(_fitted, boards, [toolchain] * len(boards)))
    tables: list[RenderableType] = []
    for board, costs in zip(boards, found, strict=True):
        from tinyrig.suite.studies.costs.fit import costs_text

        core = load_board(board).core
        path = asset_root("kernels").parent / FOLDER / f"{core}.toml"
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, costs_text(costs, f"Costs of kernels on {core}.").encode())
        tables.append(fitted_table(core, costs))
    show(*tables)


def _fitted(board: str, toolchain: str) -> dict[str, Fitted]:
    from tinyrig.suite.studies.costs.fit import fit_costs

    with tempfile.TemporaryDirectory(prefix="tinyrig-costs-") as folder:
        return fit_costs(load_board(board), toolchain, Path(folder), lambda _: None)


def costs(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Zoo models, repeatable: all networks if none.")
    ] = None,
    calls: Annotated[int, typer.Option(min=0, help="Random calls to choose kernels for.")] = 200,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Hold the planner's predicted cycles against modelled ones: networks, layers, choices."""
    from tinyrig.suite.models.case import resolve
    from tinyrig.suite.studies.costs.check import choices, network_cost
    from tinyrig.suite.studies.costs.machine import KernelMachine
    from tinyrig.suite.studies.kernels.checking.image import build_image

    tables: list[RenderableType] = []
    networks = []
    with progress() as report, tempfile.TemporaryDirectory(prefix="tinyrig-costs-") as name:
        for target in [load_board(given) for given in board or BOARDS]:
            kernels = [kernel for kernel in all_kernels() if kernel.isa in target.isa]
            folder = Path(name) / target.name
            folder.mkdir()
            report(f"compiling the kernels of {target.core}")
            image = build_image(folder, target, toolchain, kernels)
            with closing(KernelMachine(image, target.core)) as machine:
                for zoo in model or _MODELS:
                    report(f"{target.name}: {zoo}")
                    graph = resolve(zoo, {}).rewritten(ALL).graph
                    networks.append(network_cost(zoo, graph, target, ALL, machine))
                report(f"{target.name}: {calls} random calls")
                found = list(choices(target, kernels, calls, machine))
            if found:
                tables.append(choices_table(target.name, found, _NEAR))
    show(networks_table(networks), *tables)
