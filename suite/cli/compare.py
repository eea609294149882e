"""`tinyrig compare`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import MODEL_SUFFIXES
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend, default_backend
from tinyrig.suite.bench.folder import load_records
from tinyrig.suite.cli.gate import Boards, Matrix, Models
from tinyrig.suite.cli.options import DEFAULT_BOARD, DEFAULT_TOOLCHAIN, ToolchainName, progress
from tinyrig.suite.cli.show import plain_text, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.gate.comparison import Comparison, comparison_frame
from tinyrig.suite.gate.comparison import compare as lay_side_by_side
from tinyrig.suite.gate.comparison_tables import comparison_markdown, comparison_text
from tinyrig.suite.gate.revision import Wanted, check_choice, results_of
from tinyrig.suite.models.case import resolve
from tinyrig.suite.models.zoo import zoo_names
from tinyrig.suite.records.record import Record
from tinyrig.suite.report.models_table import models_table
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain


class _Format(StrEnum):
    table = "table"
    markdown = "markdown"
    json = "json"
    html = "html"


_What = (
    "A results folder, a record file, a git ref, or a model: a zoo name, an ONNX or TFLite file."
)


def compare(
    a: Annotated[str, typer.Argument(help=_What)],
    b: Annotated[str, typer.Argument(help=_What)],
    matrix: Matrix = None,
    models: Models = None,
    boards: Boards = None,
    form: Annotated[_Format, typer.Option("--format", help="How to answer.")] = _Format.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the answer to a file.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Save every figure, of layers too, equal ones too.")
    ] = None,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
) -> None:
    """Show two sets of results, or two models, side by side.

    Of results, what differs, by how much, and of single jobs where; models are run on one board.
    """
    check_writable(output, csv)
    if _is_model(a) and _is_model(b):
        of_results = (form is not _Format.table, output, csv, matrix, models)
        if any(of_results) or len(boards or ()) > 1:
            raise InputError(
                "Two models are run on one board and shown as a table: --format, --output, --csv, "
                "--matrix, --models and more than one --boards go with results. --json FILE and "
                "--html FILE keep the table."
            )
        show(models_table(_runs((a, b), (boards or [DEFAULT_BOARD])[0], toolchain)))
        return
    if toolchain != DEFAULT_TOOLCHAIN:
        raise InputError("--toolchain is what two models are compiled by: results have their own.")
    check_choice((a, b), any((matrix, models, boards)))
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


def _is_model(spec: str) -> bool:
    return spec.endswith(MODEL_SUFFIXES) or (spec in zoo_names() and not Path(spec).exists())


def _runs(models: Sequence[str], board_name: str, toolchain: str) -> list[Record]:
    """Run each model on a board; a wrong answer is in its record."""
    board = load_board(board_name)
    machine, tools = backend(default_backend(board)), load_toolchain(toolchain, board.compiler)
    found = []
    with progress() as told:
        for spec in models:
            case = resolve(spec, {})
            samples = case.samples(1)
            outcome = run_case(case, board, machine, tools, samples, RunOptions(), told)
            found.append(outcome.record)
    return found


def _load(spec: str, wanted: Wanted, told: Progress) -> tuple[str, dict[str, Record]]:
    if Path(spec).is_file():
        return spec, load_records(Path(spec))
    revision = results_of(spec, wanted, told)
    return revision.label, load_records(revision.folder)


def _answer(comparison: Comparison, form: _Format) -> str:
    if form is _Format.json:
        return comparison.model_dump_json(by_alias=True, indent=2) + "\n"
    if form is _Format.html:
        from tinyrig.suite.report.comparison_page import comparison_page

        return comparison_page(comparison)
    if form is _Format.markdown:
        return comparison_markdown(comparison)
    return plain_text(comparison_text(comparison))
