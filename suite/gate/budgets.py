"""Ceilings of RAM, flash and instructions, a model and board: `results/budgets.toml`.

`tinyrig gate --update-budgets` writes the file from what the embedded backend measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tinyrig.generator.errors import InputError, WrongOutputError
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.records.record import Count, Record
from tinyrig.suite.records.tables import load_tables

BUDGETS = Path(__file__).resolve().parents[2] / "results" / "budgets.toml"
MODELS = ("eegformer", "ecgformer", "trformer", "tinyvit-digits")
BOARDS = ("stm32f427", "stm32f746", "stm32h743")
_HEADER = (
    "# Ceilings: bytes of RAM and flash, instructions of one inference (embedded backend).\n"
    "# Written by `tinyrig gate --update-budgets`; do not edit.\n"
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


def update_budgets(file: Path = BUDGETS) -> int:
    """Measure every model on every board, write the ceilings, and return how many there are."""
    found = {(model, board): measure(model, board) for model in MODELS for board in BOARDS}
    write_atomic(file, budgets_text(found).encode())
    return len(found)
