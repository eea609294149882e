"""`tinyrig bench`."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from generator.planning.board import load_board
from suite.backends.registry import backend as load_backend
from suite.build.toolchain import load_toolchain
from suite.cli.bar import bar
from suite.cli.options import progress
from suite.cli.show import show
from suite.records.atomic import check_folder

bench = typer.Typer(help="Measure a whole matrix, or the kernels.")

_BOARDS = ("stm32f427", "stm32h743")
_RESULTS = Path("results") / "latest"


@bench.callback(invoke_without_command=True)
def _matrix(
    context: typer.Context,
    matrix: Annotated[str, typer.Option(help="What to run: smoke or full.")] = "smoke",
    models: Annotated[
        list[str] | None, typer.Option(help="Only this model of the matrix, repeatable.")
    ] = None,
    boards: Annotated[
        list[str] | None, typer.Option(help="Only this board of the matrix, repeatable.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if not given.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The results folder.")] = _RESULTS,
) -> None:
    """Run a matrix of models and boards; what an identical ELF answered before is not run again."""
    if context.invoked_subcommand is not None:
        return
    from suite.bench.local import run_local
    from suite.bench.log import save_log, start_log
    from suite.bench.matrix import load_matrix
    from suite.bench.outcome import exit_code
    from suite.report.bench_table import bench_table

    todo = load_matrix(matrix, models=models or (), boards=boards or ())
    check_folder(output)
    start_log(output)
    ended = []
    with (
        closing(run_local(todo, output, jobs or os.cpu_count() or 1)) as running,
        bar(len(todo)) as advance,
    ):
        for end in running:
            ended.append(end)
            advance(end.job.name)
    save_log(output, ended)
    show(bench_table(output, ended))
    raise typer.Exit(exit_code(ended))


@bench.command()
def kernels(
    board: Annotated[
        list[str] | None, typer.Option(help="Boards, repeatable: one M4 and one M7 if none.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only shapes whose name contains this.")] = "",
    sweep: Annotated[
        int | None, typer.Option(help="Instead, attention blocks of this many heads.")
    ] = None,
    toolchain: Annotated[str, typer.Option(help="What compiles it: zig or gcc.")] = "zig",
) -> None:
    """Print modelled cycles of the kernels by shape against their targets."""
    from suite.benchmarks import kernel_rows
    from suite.benchmarks.kernel_bench import measure
    from suite.report.kernel_table import kernel_table

    tools, machine = load_toolchain(toolchain), load_backend("embedded")
    boards = [load_board(name) for name in board or _BOARDS]
    with progress() as report:
        rows = kernel_rows.rows() if sweep is None else kernel_rows.sweep(sweep)
        wanted = [row for row in rows if only in row.name]
        needed = {row.padded for row in wanted} | {row.name for row in wanted}
        chosen = [row for row in rows if row.name in needed]
        tables = []
        for target in boards:
            found = []
            for measured in measure(chosen, target, machine, tools):
                found.append(measured)
                report(f"{target.name}: {measured.row.name}")
            if found:
                tables.append(kernel_table(found))
    show(*tables)
