"""`tinyrig replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.report.replay_words import replay_words
from tinyrig.suite.studies.capsule.capsule import load_capsule
from tinyrig.suite.studies.capsule.replay import replay as replay_capsule


def replay(
    capsule: Annotated[Path, typer.Argument(help="A folder that `tinyrig capsule` wrote.")],
    board: Annotated[str | None, typer.Option(help="Another board than the capsule's.")] = None,
    backend: Annotated[
        str | None,
        typer.Option(help="What boots it; the run's own lane, or embedded on another board."),
    ] = None,
    toolchain: Annotated[
        str | None, typer.Option(help="Another compiler than the capsule's: zig or gcc.")
    ] = None,
    as_built: Annotated[
        bool, typer.Option("--as-built", help="Boot the ELF in the capsule; build nothing.")
    ] = False,
) -> None:
    """Boot one layer alone, and name the first element that differs from the reference."""
    with progress() as report:
        taken = load_capsule(capsule)
        own_board = board in (None, taken.document.board)
        machine = load_backend(backend or (taken.document.backend if own_board else "embedded"))
        found = replay_capsule(
            taken, machine, board=board, toolchain=toolchain, as_built=as_built, progress=report
        )
    show(replay_words(taken.document, found))
    if not found.equal:
        raise typer.Exit(1)
