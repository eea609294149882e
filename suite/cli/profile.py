"""`tinyrig profile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    DEFAULT_BACKEND,
    Clock,
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
from tinyrig.suite.report.stack_picture import folded as fold
from tinyrig.suite.studies.calls import case_calls
from tinyrig.suite.studies.profiling import profile_case


@grouped
def profile(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    backend: Annotated[
        str, typer.Option(help="embedded: modelled cycles; renode: instructions by call stack.")
    ] = DEFAULT_BACKEND,
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

    With `--backend renode`, where the instructions go: functions and the calls they lie under.
    """
    check_writable(svg, folded)
    options = switches.run_options(clock_mhz=clock)
    machine = load_backend(backend)
    board, tools = target.resolve()
    with progress() as report:
        case = model.case()
        if not capabilities(backend).profile:
            calls = case_calls(case, board, machine, tools, options, report)
        else:
            profiled = profile_case(case, board, machine, tools, options, blocks, lines, report)
    if not capabilities(backend).profile:
        _save(svg, folded, call_picture(calls), fold(calls.stacks))
        keep_picture(lambda: flame_chart(calls.stacks, "instructions", calls.model))
        show(call_table(calls))
        return
    _save(svg, folded, flamegraph(profiled), collapsed(profiled))
    keep_picture(lambda: flame_chart(stacks(profiled), "modelled cycles", profiled.model))
    show(profile_table(profiled, None if whole else MOST_ROWS))


def _save(svg: Path | None, folded: Path | None, picture: str, stacks: str) -> None:
    for path, text in ((svg, picture), (folded, stacks)):
        if path is not None:
            write_atomic(path, text.encode())
