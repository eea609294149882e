"""Print the tables of docs/gap9.md, measured on GVSoC.

usage: python .ci/cluster_tables.py [--l1] [MODEL...]

With --l1 the table of models in a small L1, by default of those that L1 holds whole or nearly.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import BrokenRunError, FitError
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.benchmarks.track_matrix import MODELS as LIGHT
from tinyrig.suite.models.case import resolve
from tinyrig.suite.process.failures import guarded
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARD = "gap9"
BACKEND = "gvsoc"


@dataclass(frozen=True)
class Published:
    """Cycles of Jung et al.: Tables 2 and 4. `target` is what this project wants to stay below."""

    target: int
    gap9: int | None
    pulp_nn: int | None = None


MODELS: Mapping[str, Published] = {
    "eegformer-mhsa": Published(560_000, 1_010_000, 5_850_000),
    "ecgformer-mhsa": Published(150_000, 553_000, 3_210_000),
    "trformer-mhsa": Published(22_000, 34_000, 95_000),
    "eegformer": Published(3_330_000, 3_330_000),
    "ecgformer": Published(1_150_000, 1_150_000),
    "trformer": Published(1_920_000, 1_920_000),
}
TILED = tuple(dict.fromkeys((*MODELS, *LIGHT)))
L1_KB = (64, 32, 16)
SCALING = ("mhsa", {"S": 64, "E": 64, "P": 64, "H": 8})
CORES = (1, 2, 4, 8)


def measure(machine: Backend, board: Board, model: str, dims: Mapping[str, int]) -> Record:
    """Run a model and return its Record; see `run_case` for what is raised."""
    case = resolve(model, dict(dims))
    tools = load_toolchain("zig", board.compiler)
    samples = case.samples(1)
    return run_case(case, board, machine, tools, samples, RunOptions(), lambda _: None).record


def model_lines(machine: Backend, board: Board, names: Sequence[str]) -> Iterator[str]:
    """Yield the table of models, a line a model."""
    yield "| model | verdict | instructions | cycles | target | paper, GAP9 | paper, PULP-NN |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for name in names:
        record, paper = measure(machine, board, name, {}), MODELS[name]
        cells = (record.instructions, _cycles(record), paper.target, paper.gap9, paper.pulp_nn)
        yield f"| {name} | {record.check.verdict} | {' | '.join(map(_number, cells))} |"


def scaling_lines(machine: Backend, board: Board) -> Iterator[str]:
    """Yield the table of core counts, a line a count."""
    yield "| cores | cycles | speed-up |"
    yield "|---:|---:|---:|"
    model, dims = SCALING
    one = 0
    for cores in CORES:
        cycles = _cycles(measure(machine, board.with_cores(cores), model, dims))
        one = one or cycles
        yield f"| {cores} | {_number(cycles)} | {one / cycles:.2f} |"


def l1_lines(machine: Backend, board: Board, names: Sequence[str]) -> Iterator[str]:
    """Yield the table of models in all of L1 and in less of it, a line a model."""
    yield f"| model | all of L1 | {' | '.join(f'{size} KB' for size in L1_KB)} |"
    yield f"|---|---:|{'---:|' * len(L1_KB)}"
    for name in names:
        boards = [board, *(board.with_l1(1024 * size) for size in L1_KB)]
        yield l1_line(name, [_cycles_or_none(machine, one, name) for one in boards])


def l1_line(name: str, cycles: Sequence[int | None]) -> str:
    """Return a model's line: cycles in all of L1, then in less, None where none fits."""
    whole, *others = cycles
    cells = [_number(whole)]
    for one in others:
        more = f" ({one / whole - 1:+.0%})" if one is not None and whole else ""
        cells.append(_number(one) + more)
    return f"| {name} | {' | '.join(cells)} |"


def _cycles_or_none(machine: Backend, board: Board, model: str) -> int | None:
    """Return the cycles of a model that answers as it must; None where it does not fit."""
    try:
        record = measure(machine, board, model, {})
    except FitError:
        return None
    if record.check.verdict != "match":
        raise BrokenRunError(f"{model} with L1 of {board.cluster} answers otherwise.")
    return _cycles(record)


def _cycles(record: Record) -> int:
    return record.cycles[0].value


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def main() -> None:
    """Print both tables, or the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--l1", action="store_true", help="models in a small L1")
    parser.add_argument("models", nargs="*", help="default: all, and cores")
    options = parser.parse_args()
    chosen = options.models
    known = TILED if options.l1 else tuple(MODELS)
    if strange := sorted(set(chosen) - set(known)):
        parser.error(f"no row of {', '.join(strange)}; there are {', '.join(known)}")
    console = Console(highlight=False, soft_wrap=True)
    machine, board = backend(BACKEND), load_board(BOARD)
    console.print(f"GVSoC {machine.version}")
    if options.l1:
        for line in l1_lines(machine, board, chosen or TILED):
            console.print(line)
        return
    for line in model_lines(machine, board, chosen or list(MODELS)):
        console.print(line)
    if not chosen:
        console.print()
        for line in scaling_lines(machine, board):
            console.print(line)


if __name__ == "__main__":
    guarded("cluster_tables.py", lambda _: main())
