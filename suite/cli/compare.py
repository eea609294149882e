"""`tinyrig compare`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.bench.folder import load_records
from tinyrig.suite.cli.gate import Boards, Matrix, Models
from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import plain_text, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.gate.comparison import Comparison, comparison_frame
from tinyrig.suite.gate.comparison import compare as lay_side_by_side
from tinyrig.suite.gate.comparison_tables import (
    comparison_markdown,
    comparison_page,
    comparison_text,
)
from tinyrig.suite.gate.revision import Wanted, results_of
from tinyrig.suite.records.record import Record
from tinyrig.suite.rig.measuring import Progress


class _Format(StrEnum):
    table = "table"
    markdown = "markdown"
    json = "json"
    html = "html"


_What = "A results folder, a record file or a git ref."


def compare(
    a: Annotated[str, typer.Argument(help=_What)],
    b: Annotated[str, typer.Argument(help=_What)],
    matrix: Matrix = "smoke",
    models: Models = None,
    boards: Boards = None,
    form: Annotated[_Format, typer.Option("--format", help="How to answer.")] = _Format.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the answer to a file.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Save every figure, of layers too, equal ones too.")
    ] = None,
) -> None:
    """Show two sets of results side by side: what differs, by how much; of single jobs, where."""
    for target in (output, csv):
        if target is not None:
            check_writable(target)
    wanted = Wanted(matrix or "smoke", tuple(models or ()), tuple(boards or ()))
    with progress() as told:
        sides = [_load(spec, wanted, told) for spec in (a, b)]
    comparison = lay_side_by_side(*sides[0], *sides[1])
    if csv is not None:
        from tinyrig.suite.bench.frames import save_csv

        save_csv(comparison_frame(comparison), csv)
    if form is _Format.table and output is None:
        show(comparison_text(comparison))
    elif output is None:
        typer.echo(_answer(comparison, form), nl=False)
    else:
        write_atomic(output, _answer(comparison, form).encode())


def _load(spec: str, wanted: Wanted, told: Progress) -> tuple[str, dict[str, Record]]:
    if Path(spec).is_file():
        return spec, load_records(Path(spec))
    revision = results_of(spec, wanted, told)
    return revision.label, load_records(revision.folder)


def _answer(comparison: Comparison, form: _Format) -> str:
    if form is _Format.json:
        return comparison.model_dump_json(by_alias=True, indent=2) + "\n"
    if form is _Format.html:
        return comparison_page(comparison)
    if form is _Format.markdown:
        return comparison_markdown(comparison)
    return plain_text(comparison_text(comparison))
