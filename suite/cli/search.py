"""`tinyrig search`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.cli.data_options import Data, DataRoot
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import TargetOptions, progress
from tinyrig.suite.cli.show import plain_text, show
from tinyrig.suite.files.atomic import check_folder, write_atomic
from tinyrig.suite.search.setting import Algorithm, Effort, Setting
from tinyrig.suite.training.data.sources import load_source

_DEFAULT = Effort()
_LIMIT = "The network's most"


@grouped
def search(
    space: Annotated[
        str, typer.Argument(help="tinyformer, mcuformer, or a Python file with a space of yours.")
    ],
    target: TargetOptions,
    data: Data,
    data_root: DataRoot = None,
    algorithm: Annotated[
        Algorithm, typer.Option(help="The paper's own, NSGA-II, or candidates at random.")
    ] = "paper",
    max_ram: Annotated[int | None, typer.Option(min=1, help=f"{_LIMIT} bytes of RAM.")] = None,
    max_flash: Annotated[int | None, typer.Option(min=1, help=f"{_LIMIT} bytes of flash.")] = None,
    max_cycles: Annotated[
        int | None, typer.Option(min=1, help=f"{_LIMIT} cycles, at zero wait states.")
    ] = None,
    paper_memory: Annotated[
        bool, typer.Option("--paper-memory", help="Count RAM as MCUFormer does, with weights.")
    ] = False,
    trials: Annotated[
        int, typer.Option(min=1, help="Candidates of the last stage.")
    ] = _DEFAULT.trials,
    supernets: Annotated[int, typer.Option(min=1, help="Supernets to train.")] = _DEFAULT.supernets,
    steps: Annotated[
        int, typer.Option(min=1, help="Steps a supernet is trained.")
    ] = _DEFAULT.supernet_steps,
    path_steps: Annotated[
        int, typer.Option(min=0, help="Steps a candidate of the last stage is tuned.")
    ] = _DEFAULT.path_steps,
    final_steps: Annotated[
        int, typer.Option(min=1, help="Steps the chosen network is trained.")
    ] = _DEFAULT.final_steps,
    budget: Annotated[
        float | None, typer.Option(min=0.1, help="Minutes, which then say how many steps.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all draws.")] = 0,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler whose workers measure the candidates."),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A new folder, or that of a search to go on.")
    ] = Path("search"),
    resume: Annotated[
        Path | None, typer.Option(help="The folder of a search to go on with, as -o.")
    ] = None,
) -> None:
    """Search a network under a board's limits, train it, and prove it on the board."""
    from tinyrig.suite.report.search_page import search_page
    from tinyrig.suite.report.search_table import search_table
    from tinyrig.suite.search.judge import Limits
    from tinyrig.suite.search.run import load_space
    from tinyrig.suite.search.run import search as run_search

    folder = resume or output
    check_folder(folder)
    board, tools = target.resolve()
    effort = Effort(supernets, steps, trials=trials, path_steps=path_steps, final_steps=final_steps)
    with progress() as report:
        source = load_source(data, data_root)
        outcome = run_search(
            load_space(space, source),
            source,
            board,
            load_backend(default_backend(board)),
            tools,
            Limits(max_ram, max_flash, max_cycles),
            Setting(algorithm, seed, effort, paper_memory),
            None if budget is None else 60.0 * budget,
            folder,
            report,
            scheduler,
        )
    table = search_table(outcome)
    write_atomic(folder / "report.txt", plain_text(table).encode())
    write_atomic(folder / "report.html", search_page(outcome).encode())
    show(table)
    if outcome.found.record.check.verdict != "match":
        raise typer.Exit(1)
