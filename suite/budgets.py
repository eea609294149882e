"""Ceilings of RAM, flash and instructions, a model and board: `results/budgets.toml`.

`python -m suite.budgets update` writes the file from what the embedded backend measures;
`python -m suite.budgets check` measures again and fails when something grew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from generator.errors import InputError, WrongOutputError
from suite.bench.job import Job
from suite.bench.measure import measure_job
from suite.failures import guarded
from suite.files.atomic import write_atomic
from suite.records.record import Count, Record
from suite.records.tables import load_tables

BUDGETS = Path(__file__).resolve().parent.parent / "results" / "budgets.toml"
MODELS = ("eegformer", "ecgformer", "trformer", "tinyvit-digits")
BOARDS = ("stm32f427", "stm32f746", "stm32h743")
_HEADER = (
    "# Ceilings: bytes of RAM and flash, instructions of one inference (embedded backend).\n"
    "# Written by `python -m suite.budgets update`; do not edit.\n"
)


@dataclass(frozen=True)
class Budget:
    """What one inference of a model may take on a board."""

    peak_ram: Count
    flash: Count
    instructions: Count

    def excess(self, other: Budget) -> list[str]:
        """Return a sentence for every figure of `other` that is above this one."""
        return [
            f"{name} is {value:,}, over {getattr(self, name):,}"
            for name, value in asdict(other).items()
            if value > getattr(self, name)
        ]


_FILE = TypeAdapter(dict[str, dict[str, Budget]])

Budgets = Mapping[tuple[str, str], Budget]


def load_budgets(path: Path = BUDGETS) -> Budgets:
    """Return the budgets by model and board; InputError when the file cannot be used."""
    tables = load_tables(path, "file of budgets", _FILE)
    return {
        (model, board): budget
        for model, boards in tables.items()
        for board, budget in boards.items()
    }


def budgets_text(budgets: Budgets) -> str:
    """Return the file's text, sorted by model and board."""
    parts = [_HEADER]
    for (model, board), budget in sorted(budgets.items()):
        lines = "".join(f"{name} = {value}\n" for name, value in asdict(budget).items())
        parts.append(f'["{model}".{board}]\n{lines}')
    return "\n".join(parts)


def budget_of(record: Record) -> Budget:
    """Return a run's own figures; InputError when its backend does not count."""
    if record.instructions is None:
        raise InputError(f"The backend {record.backend.name} counts no instructions.")
    return Budget(record.memory.peak_ram, record.memory.flash, record.instructions)


def measure(model: str, board: str) -> Budget:
    """Run a model on a board and return its figures; WrongOutputError when it is wrong."""
    record = measure_job(Job(model=model, board=board)).record
    if record.check.verdict != "match":
        raise WrongOutputError(f"{model} on {board} does not answer as the reference does.")
    return budget_of(record)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_File = Annotated[Path, typer.Option("--file", help="The budgets.")]


@app.command()
def update(file: _File = BUDGETS) -> None:
    """Measure every model on every board and write the ceilings."""
    found = {(model, board): measure(model, board) for model in MODELS for board in BOARDS}
    write_atomic(file, budgets_text(found).encode())
    typer.echo(f"Wrote {len(found)} budgets to {file}.")


@app.command()
def check(file: _File = BUDGETS) -> None:
    """Measure again; exit 1 when a figure is over its ceiling."""
    failed = False
    for (model, board), budget in load_budgets(file).items():
        for sentence in budget.excess(measure(model, board)):
            typer.echo(f"{model} on {board}: {sentence}.")
            failed = True
    raise typer.Exit(1 if failed else 0)


if __name__ == "__main__":
    guarded("python -m suite.budgets", lambda words: app(words, standalone_mode=True))
