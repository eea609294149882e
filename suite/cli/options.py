"""Options several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from generator.planning.board import Board
from suite.cli.inputs import read_calibration
from suite.measuring import Progress
from suite.models.case import Case, resolve

Model = Annotated[str, typer.Argument(help="A zoo name (see `tinyrig models`) or an ONNX file.")]
BoardName = Annotated[str, typer.Option("--board", help="See `tinyrig boards`.")]
Sequence_ = Annotated[int | None, typer.Option("--S", help="Sequence length of a free block.")]
Embedding = Annotated[int | None, typer.Option("--E", help="Embedding dimension.")]
Projection = Annotated[int | None, typer.Option("--P", help="Projection dimension of a head.")]
Heads = Annotated[int | None, typer.Option("--H", help="Heads.")]
Calibration = Annotated[
    Path | None,
    typer.Option("--calibration", help="Arrays by input name, .npz, to quantize a float ONNX."),
]
Opt = Annotated[
    list[str] | None,
    typer.Option("--opt", help="Use an optimisation: all, none, NAME or NAME=VALUE; repeatable."),
]
NoOpt = Annotated[
    list[str] | None, typer.Option("--no-opt", help="Leave an optimisation out; repeatable.")
]
RefOnly = Annotated[bool, typer.Option("--ref-only", help="Use the portable kernels only.")]
BackendName = Annotated[str, typer.Option("--backend", help="What boots the firmware.")]
BoardBackendName = Annotated[
    str | None,
    typer.Option("--backend", help="What boots the firmware; default: embedded, gvsoc for gap9."),
]
ToolchainName = Annotated[str, typer.Option("--toolchain", help="What compiles it: zig or gcc.")]

DEFAULT_BOARD = "stm32f746"
DEFAULT_BACKEND = "embedded"
DEFAULT_TOOLCHAIN = "zig"


def default_backend(board: Board) -> str:
    """Return what boots a board's firmware when nothing is said: its simulator, if it has one."""
    return "gvsoc" if board.gvsoc is not None else DEFAULT_BACKEND


def resolve_case(
    model: str,
    dims: dict[str, int | None],
    calibration: Path | None,
) -> Case:
    """Return the case the model argument and its options name."""
    given = {name: value for name, value in dims.items() if value is not None}
    samples = None if calibration is None else read_calibration(calibration)
    return resolve(model, given, samples)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show what is being done, on a terminal only."""
    console = Console(stderr=True)
    with console.status("reading the model") as status:
        yield status.update
