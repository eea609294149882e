"""`tinyrig bench mlperf`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.cli.options import DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import show


def mlperf(
    board: Annotated[
        list[str] | None,
        typer.Option(help="Boards, repeatable: those with published figures if none."),
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="Only this network, such as mlperf-ic; repeatable.")
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Print MLPerf Tiny's networks, modelled, beside what others measured on silicon."""
    from tinyrig.suite.report.mlperf_table import NOTE, mlperf_table
    from tinyrig.suite.studies.mlperf import published
    from tinyrig.suite.studies.mlperf.measure import measure

    known = published.networks()
    if strange := [name for name in network or () if name not in known]:
        raise InputError(f"{strange[0]!r} is no network of MLPerf Tiny: {', '.join(known)}.")
    targets = [load_board(name) for name in board or published.boards()]
    tables: list[RenderableType] = []
    wrong = False
    with progress() as report:
        for target in targets:
            rows = []
            for row in measure(target, network or known, toolchain):
                report(f"{target.full_name}: {row.network}")
                rows.append(row)
            wrong |= any(row.record.check.verdict != "match" for row in rows)
            tables.append(mlperf_table(rows))
    show(*tables, Text(NOTE))
    if wrong:
        raise typer.Exit(1)
