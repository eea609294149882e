"""`tinyrig bench`."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.errors import InputError
from tinyrig.suite.cli.bar import bar
from tinyrig.suite.cli.bench_costs import costs
from tinyrig.suite.cli.bench_kernels import kernels
from tinyrig.suite.cli.bench_mlperf import mlperf
from tinyrig.suite.cli.bench_sparse import sparse
from tinyrig.suite.cli.bench_waits import waits
from tinyrig.suite.cli.show import show
from tinyrig.suite.cli.table_options import with_tables
from tinyrig.suite.files.atomic import check_folder, check_writable

bench = typer.Typer(
    help="Measure a matrix, the kernels, their costs, sparse weights, MLPerf Tiny, or waits."
)

_RESULTS = Path("results") / "latest"


@bench.callback(invoke_without_command=True)
def _matrix(
    context: typer.Context,
    matrix: Annotated[
        str | None,
        typer.Option(help="What to run: smoke or full; default: the project's models, or smoke."),
    ] = None,
    matrix_file: Annotated[
        Path | None, typer.Option(help="A file of other matrices, with models from files.")
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option(help="Only this model of the matrix, repeatable.")
    ] = None,
    boards: Annotated[
        list[str] | None, typer.Option(help="Only this board of the matrix, repeatable.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if not given.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Send the jobs to a Dask cluster: tcp://HOST:PORT.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The results folder.")] = _RESULTS,
    csv: Annotated[Path | None, typer.Option(help="Save the figures of every job run.")] = None,
    json: Annotated[Path | None, typer.Option(help="Save them as JSON, a row a job.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Show every job of a long matrix.")] = False,
) -> None:
    """Run a matrix of models and boards; what an identical ELF answered before is not run again."""
    if context.invoked_subcommand is not None:
        _refuse_given(context)
        return
    from tinyrig.suite.bench.cluster import run_on_cluster
    from tinyrig.suite.bench.local import run_local
    from tinyrig.suite.bench.log import save_log, start_log
    from tinyrig.suite.bench.matrix import MATRIX_FILE, load_matrix, project_jobs
    from tinyrig.suite.bench.outcome import exit_code
    from tinyrig.suite.files.project import current_project
    from tinyrig.suite.report.bench_table import MOST_ROWS, bench_table

    project = current_project()
    if project.model and matrix is None and matrix_file is None:
        todo = project_jobs(project, models=models or (), boards=boards or ())
    else:
        source = matrix_file or MATRIX_FILE
        todo = load_matrix(matrix or "smoke", models=models or (), boards=boards or (), path=source)
    check_folder(output)
    check_writable(csv, json)
    start_log(output)
    ended = []
    if scheduler is None:
        running = run_local(todo, output, jobs or os.cpu_count() or 1)
    else:
        running = run_on_cluster(todo, output, scheduler)
    with closing(running), bar(len(todo)) as advance:
        for end in running:
            ended.append(end)
            advance(end.job.name)
    save_log(output, ended)
    if csv is not None or json is not None:
        from tinyrig.suite.bench.frames import load_results, save_csv, save_json

        done = sorted(end.job.name for end in ended if not end.skipped and end.code in (0, 1))
        results = load_results(*(output / name for name in done))
        if csv is not None:
            save_csv(results, csv)
        if json is not None:
            save_json(results, json)
    show(bench_table(output, ended, None if whole else MOST_ROWS))
    if context.obj:
        for end in ended:
            typer.echo(end.traceback, err=True, nl=False)
    raise typer.Exit(exit_code(ended))


def _refuse_given(context: typer.Context) -> None:
    """Refuse a matrix's options before a command that measures none."""
    usual = {option.name: option.default for option in context.command.params}
    said = {name: value for name, value in context.params.items() if value not in (None, [], ())}
    given = [name for name, value in said.items() if value != usual[name]]
    if given:
        option = "all" if given[0] == "whole" else given[0].replace("_", "-")
        raise InputError(
            f"--{option} is of `tinyrig bench` alone: `bench {context.invoked_subcommand}` runs no "
            "matrix, and its own options stand behind its name."
        )


for _command in (kernels, costs, mlperf, sparse, waits):
    bench.command()(with_tables(_command))
