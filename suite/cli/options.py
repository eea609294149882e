"""Options several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import off_word, parse_options
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.cli.log_lines import LogLines
from tinyrig.suite.files.project import current_project
from tinyrig.suite.models.arrays import read_calibration
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.models.dialect import Unsaid, division_of
from tinyrig.suite.models.extents import parse_extents
from tinyrig.suite.models.recipe import choice_of
from tinyrig.suite.process.failures import doing
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain

Calibration = Annotated[
    Path | None,
    typer.Option("--calibration", help="Arrays by input name, .npz, to quantize what is float."),
]
CalibrationMethod = Annotated[
    str,
    typer.Option(
        "--calibration-method",
        help="Ranges of what is quantized: minmax, percentile, entropy, mse, each with +equalize, "
        "+bias or both; or best by SQNR.",
    ),
]
Dim = Annotated[
    list[str] | None,
    typer.Option("--dim", help="NAME=EXTENT of an open axis of the ONNX inputs; repeatable."),
]
Shape = Annotated[
    list[str] | None,
    typer.Option("--shape", help="INPUT=1,3,32,32: an ONNX input's whole shape; repeatable."),
]
Constant = Annotated[
    list[str] | None,
    typer.Option(
        "--constant",
        help="INPUT=NUMBER: an ONNX input whose elements are always this number; repeatable.",
    ),
]
DivisionRule = Annotated[
    str,
    typer.Option(
        "--division",
        help="Quotients of a QuantLib file: floor, or rounded as Deeploy's C.",
    ),
]
RefOnly = Annotated[bool, typer.Option("--ref-only", help="Use the portable kernels only.")]
Clock = Annotated[
    float | None,
    typer.Option(
        "--clock",
        min=0.001,
        max=1_000_000,
        help="MHz that milliseconds and energy are of; default: the board's. Cycles stay.",
    ),
]
BoardName = Annotated[
    str, typer.Option("--board", help="A name of `tinyrig boards`, or a folder with a board.toml.")
]
LaneName = Annotated[
    str | None,
    typer.Option(
        "--backend", help="What boots the firmware; default: embedded, gvsoc for a cluster."
    ),
]
ToolchainName = Annotated[str, typer.Option("--toolchain", help="What compiles it: zig or gcc.")]

DEFAULT_BOARD = "stm32f746"
DEFAULT_BACKEND = "embedded"
DEFAULT_TOOLCHAIN = "zig"


@dataclass(frozen=True)
class Dimensions:
    """The sizes of a free block."""

    s: Annotated[int | None, typer.Option("--S", help="Sequence length of a free block.")] = None
    e: Annotated[int | None, typer.Option("--E", help="Embedding dimension.")] = None
    p: Annotated[int | None, typer.Option("--P", help="Projection dimension of a head.")] = None
    h: Annotated[int | None, typer.Option("--H", help="Heads.")] = None

    def given(self) -> dict[str, int]:
        """Return those that were given, by name."""
        dims = {"S": self.s, "E": self.e, "P": self.p, "H": self.h}
        return {name: value for name, value in dims.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class ModelOptions(Dimensions):
    """Which model, of which dimensions, quantized with what."""

    model: Annotated[
        str, typer.Argument(help="A zoo name (see `tinyrig models`), an ONNX or a TFLite file.")
    ]
    calibration: Calibration = None
    calibration_method: CalibrationMethod = "minmax"
    dim: Dim = None
    shape: Shape = None
    constant: Constant = None
    division: DivisionRule = "floor"

    def case(self, inputs: Path | None = None) -> Case:
        """Return the case these name, and tell what it took as given.

        `inputs` are arrays whose values tell the signs of the inputs of an integer model.

        A model of the project is known by its name, and what is not given is what the project says.
        """
        spec, calibration, dim, shape = self.model, self.calibration, self.dim, self.shape
        entry = current_project().find(spec)
        if entry is not None:
            spec = entry.spec
            calibration = calibration or (Path(entry.calibration) if entry.calibration else None)
            dim, shape = dim or list(entry.dim), shape or list(entry.shape)
        samples = None if calibration is None else read_calibration(calibration)
        extents = parse_extents(dim or (), shape or (), self.constant or ())
        unsaid = Unsaid(division_of(self.division), inputs)
        choice = choice_of(self.calibration_method)
        case = resolve(spec, self.given(), samples, extents, unsaid, choice)
        stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        for note in case.notes:
            stderr.print(f"tinyrig: {note}")
        return case


@dataclass(frozen=True)
class TargetOptions:
    """For which board, by which compiler."""

    board: BoardName = DEFAULT_BOARD
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN

    def resolve(self) -> tuple[Board, Toolchain]:
        """Return the board and its compiler."""
        board = load_board(self.board)
        return board, load_toolchain(self.toolchain, board.compiler)


@dataclass(frozen=True)
class ClusterOptions:
    """How much of a cluster is used."""

    cores: Annotated[
        int | None, typer.Option(min=1, help="Cores of a cluster to use; default: all.")
    ] = None
    l1: Annotated[
        int | None, typer.Option(min=1, help="Bytes of a cluster's L1 a plan may take.")
    ] = None

    def of(self, board: Board) -> Board:
        """Return the board so; InputError when it cannot."""
        return board.limited(self.cores, self.l1)


@dataclass(frozen=True)
class SwitchOptions:
    """Which optimisations, which of the plans they permit, and whether only portable kernels."""

    opt: Annotated[
        list[str] | None,
        typer.Option(
            "--opt", help="Use an optimisation: all, none, NAME or NAME=VALUE; repeatable."
        ),
    ] = None
    no_opt: Annotated[
        list[str] | None, typer.Option("--no-opt", help="Leave an optimisation out; repeatable.")
    ] = None
    optimize: Annotated[
        str | None,
        typer.Option("--optimize", help="The plan to take: balanced, ram, cycles or flash."),
    ] = None
    cycles: Annotated[
        str | None,
        typer.Option(
            "--cycles",
            help="What is weighed: board, cycles with what flash makes the core wait, or 0ws.",
        ),
    ] = None
    max_ram: Annotated[
        int | None, typer.Option("--max-ram", min=1, help="Bytes an arena may have at most.")
    ] = None
    max_flash: Annotated[
        int | None,
        typer.Option("--max-flash", min=1, help="Bytes of weights and tables at most."),
    ] = None
    max_cycles: Annotated[
        int | None,
        typer.Option("--max-cycles", min=1, help="Predicted cycles of an inference at most."),
    ] = None
    ref_only: RefOnly = False

    def words(self) -> list[str]:
        """Return what is to be used and the choice among plans, as words of --opt.

        InputError where --opt and an option of its own say two things of one.
        """
        given = {
            "optimize": self.optimize,
            "cycles": self.cycles,
            "max-ram": self.max_ram,
            "max-flash": self.max_flash,
            "max-cycles": self.max_cycles,
        }
        said = dict(word.split("=", 1) for word in self.opt or () if "=" in word)
        for name, value in given.items():
            if value is not None and said.get(name, str(value)) != str(value):
                raise InputError(
                    f"--opt {name}={said[name]} and --{name} {value}: say one of them."
                )
        choice = [f"{name}={value}" for name, value in given.items() if value is not None]
        return [*(self.opt or ()), *choice]

    def job_words(self) -> tuple[str, ...]:
        """Return all that switches a plan, as words of --opt; InputError for an unknown one."""
        found = (*self.words(), *map(off_word, self.no_opt or ()))
        parse_options(found, ())
        return found

    def run_options(self, budget: int | None = None, clock_mhz: float | None = None) -> RunOptions:
        """Return how to run by these."""
        switched = parse_options(self.words(), self.no_opt or ())
        return RunOptions(switched, self.ref_only, budget, clock_mhz)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show what is being done: on a terminal all of it, in a log now and then."""
    console = Console(stderr=True)
    log = LogLines()
    told = ["reading the model"]
    with doing(lambda: f"while {told[-1]}"), console.status(told[0]) as status:

        def tell(message: str) -> None:
            told.append(message)
            status.update(message)
            if not console.is_terminal:
                log.tell(message)

        yield tell
