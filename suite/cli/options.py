"""Options several commands share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.registry import backend_names, emulators_of
from tinyrig.suite.cli.extents import parse_extents
from tinyrig.suite.cli.inputs import read_calibration
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.process.failures import doing
from tinyrig.suite.rig.measuring import Progress

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
Dim = Annotated[
    list[str] | None,
    typer.Option("--dim", help="NAME=EXTENT of an open axis of the ONNX inputs; repeatable."),
]
Shape = Annotated[
    list[str] | None,
    typer.Option("--shape", help="INPUT=1,3,32,32: an ONNX input's whole shape; repeatable."),
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
DEFAULT_BACKEND = backend_names()[0]
DEFAULT_TOOLCHAIN = "zig"


def default_backend(board: Board) -> str:
    """Return what boots a board's firmware when nothing is said: the best emulator of it."""
    return next(iter(emulators_of(board)), DEFAULT_BACKEND)


def resolve_case(
    model: str,
    dims: dict[str, int | None],
    calibration: Path | None,
    dim: Sequence[str] | None = None,
    shape: Sequence[str] | None = None,
) -> Case:
    """Return the case the model argument and its options name, and tell what it took as given."""
    given = {name: value for name, value in dims.items() if value is not None}
    samples = None if calibration is None else read_calibration(calibration)
    case = resolve(model, given, samples, parse_extents(dim or (), shape or ()))
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for note in case.notes:
        stderr.print(f"tinyrig: {note}")
    return case


@contextmanager
def progress() -> Iterator[Progress]:
    """Show what is being done, on a terminal only."""
    console = Console(stderr=True)
    told = ["reading the model"]
    with doing(lambda: f"while {told[-1]}"), console.status(told[0]) as status:

        def tell(message: str) -> None:
            told.append(message)
            status.update(message)

        yield tell
