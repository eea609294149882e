"""The figures of an ablation as a file, kept beside a job's results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tinyrig.generator.options import ALL
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.records.document import Value, load_document
from tinyrig.suite.studies.ablation.measure import Row

SCHEMA = 1

Count = Annotated[int, Field(ge=0)]


class AblatedSetting(Value):
    """A setting's group and label, as in `ablation.variants`, and the words of `--opt`."""

    group: Literal["none", "alone", "added", "left out", "all", "taken"]
    label: str
    words: tuple[str, ...]


class AblatedRow(Value):
    """One setting's figures: bytes, instructions, modelled cycles; None where it does not fit.

    `sqnr_db` is the distance from the float model, which only a rewritten graph changes.
    """

    variant: AblatedSetting
    arena: Count
    peak_ram: Count | None
    flash: Count | None
    instructions: Count | None
    cycles: Count | None
    mismatches: Count | None
    sqnr_db: float | None = None


class Ablation(Value):
    """Every setting of a model on a board. `elf_sha256` is of the clean ELF that is taken."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    model: str
    board: str
    toolchain: str
    elf_sha256: str | None
    rows: tuple[AblatedRow, ...]

    def save(self, path: Path) -> None:
        """Write the JSON atomically; InputError when the place cannot be written."""
        write_atomic(path, (self.model_dump_json(by_alias=True) + "\n").encode())


def ablation_of(rows: Sequence[Row], model: str, board: str, toolchain: str) -> Ablation:
    """Return measured rows as a document."""
    whole = [row.record for row in rows if row.variant.options == ALL and row.record is not None]
    return Ablation(
        model=model,
        board=board,
        toolchain=toolchain,
        elf_sha256=whole[0].elf_sha256 if whole else None,
        rows=tuple(map(_row, rows)),
    )


def load_ablation(path: Path) -> Ablation:
    """Read an ablation; InputError when it is missing, truncated, edited or of a newer schema."""
    return load_document(path, "ablation", SCHEMA, Ablation)


def _row(row: Row) -> AblatedRow:
    return AblatedRow(
        variant=AblatedSetting(
            group=row.variant.group,
            label=row.variant.label,
            words=tuple(row.variant.options.words()),
        ),
        arena=row.arena,
        peak_ram=row.peak_ram,
        flash=row.flash,
        instructions=row.instructions,
        cycles=row.cycles,
        mismatches=row.mismatches,
        sqnr_db=row.sqnr_db,
    )
