"""`tinyrig profile`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from markupsafe import Markup
from rich.console import RenderableType

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    Clock,
    ClusterOptions,
    ModelOptions,
    SwitchOptions,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import keep_picture, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.report.call_table import call_picture, call_table
from tinyrig.suite.report.profile_stacks import collapsed, flamegraph, stacks
from tinyrig.suite.report.profile_table import MOST_ROWS, profile_table
from tinyrig.suite.report.site.flame_chart import flame_chart
from tinyrig.suite.report.split_table import case_splits, split_stacks, split_table
from tinyrig.suite.report.stack_picture import folded as fold
from tinyrig.suite.report.stack_picture import stack_picture
from tinyrig.suite.studies.calls import Calls, case_calls
from tinyrig.suite.studies.profiling import Profiled, profile_case
from tinyrig.suite.studies.splitting import SplitCycles, split_case


@grouped
def profile(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    cluster: ClusterOptions,
    backend: Annotated[
        str | None,
        typer.Option(
            help="embedded: modelled cycles; renode: instructions by call stack; gvsoc: cycles of "
            "a cluster by cause. Default: what has the board."
        ),
    ] = None,
    blocks: Annotated[int, typer.Option(min=0, help="Hottest blocks to disassemble.")] = 3,
    lines: Annotated[int, typer.Option(min=0, help="Hottest source lines to tell.")] = 12,
    svg: Annotated[Path | None, typer.Option(help="Save a flamegraph.")] = None,
    folded: Annotated[
        Path | None, typer.Option(help="Save collapsed stacks, for speedscope.")
    ] = None,
    clock: Clock = None,
    whole: Annotated[bool, typer.Option("--all", help="Show every layer and kernel.")] = False,
) -> None:
    """Tell where the modelled cycles go: layers, kernels, hottest blocks with issue slots.

    With `--backend renode`, where the instructions go: functions and the calls they lie under. On a
    cluster, what the cores did in each layer's cycles: compute, stall, miss, wait.
    """
    check_writable(svg, folded)
    options = switches.run_options(clock_mhz=clock)
    board, tools = target.resolve()
    board = cluster.of(board)
    machine = load_backend(backend or default_backend(board))
    can = machine.capabilities
    with progress() as report:
        case = model.case()
        if can.splits:
            told = _split(split_case(case, board, machine, tools, options, report))
        elif can.profile:
            found = profile_case(case, board, machine, tools, options, blocks, lines, report)
            told = _profiled(found, None if whole else MOST_ROWS)
        else:
            told = _calls(case_calls(case, board, machine, tools, options, report))
    for path, text in ((svg, told.picture), (folded, told.folded)):
        if path is not None:
            write_atomic(path, text().encode())
    keep_picture(told.chart)
    show(told.table)


@dataclass(frozen=True)
class _Told:
    """What is shown of a profile, and what is drawn and saved where that is asked for."""

    table: RenderableType
    picture: Callable[[], str]
    folded: Callable[[], str]
    chart: Callable[[], Markup]


def _profiled(found: Profiled, most: int | None) -> _Told:
    return _Told(
        profile_table(found, most),
        lambda: flamegraph(found),
        lambda: collapsed(found),
        lambda: flame_chart(stacks(found), "modelled cycles", found.model),
    )


def _calls(found: Calls) -> _Told:
    return _Told(
        call_table(found),
        lambda: call_picture(found),
        lambda: fold(found.stacks),
        lambda: flame_chart(found.stacks, "instructions", found.model),
    )


def _split(found: SplitCycles) -> _Told:
    counts = split_stacks(found.case, case_splits(found))
    caption = f"{found.case} on {found.board}: cycles by cause"
    return _Told(
        split_table(found),
        lambda: stack_picture(counts, caption, "cycles"),
        lambda: fold(counts),
        lambda: flame_chart(counts, "cycles", caption),
    )
