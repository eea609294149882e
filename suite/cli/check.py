"""`tinyrig check`."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.generator.frontends.survey import Survey
from tinyrig.suite.cli.options import (
    Calibration,
    CalibrationMethod,
    Constant,
    Dim,
    Shape,
    progress,
)
from tinyrig.suite.cli.show import show, show_line
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.models.arrays import read_calibration
from tinyrig.suite.models.extents import parse_extents
from tinyrig.suite.models.recipe import choice_of
from tinyrig.suite.models.survey import survey_file
from tinyrig.suite.report.survey_words import rewritten_words

_STOPPED = 2


def check(
    model: Annotated[Path | None, typer.Argument(help="An ONNX or TFLite file.")] = None,
    calibration: Calibration = None,
    calibration_method: CalibrationMethod = "minmax",
    dim: Dim = None,
    shape: Shape = None,
    constant: Constant = None,
    json: Annotated[Path | None, typer.Option(help="Save what was found.")] = None,
    operators: Annotated[
        Path | None, typer.Option(help="Write which operators run to a file instead.")
    ] = None,
) -> None:
    """Tell all that stands in the way of a model at once, and what is folded, without building."""
    if operators is not None:
        from tinyrig.suite.report.operators_page import operators_page

        write_atomic(operators, operators_page().encode())
        return
    if model is None:
        raise typer.BadParameter("check takes an ONNX or TFLite file, or --operators FILE")
    with progress():
        samples = None if calibration is None else read_calibration(calibration)
        extents = parse_extents(dim or (), shape or (), constant or ())
        found = survey_file(model, samples, extents, choice_of(calibration_method))
    if json is not None:
        write_atomic(json, (json_text.dumps(_document(found), indent=2) + "\n").encode())
    _show(found)
    if not found.runs:
        raise typer.Exit(_STOPPED)


def _show(found: Survey) -> None:
    for number, obstacle in enumerate(found.obstacles, 1):
        show_line(Text(f"{number}. {obstacle.reason}"))
        show_line(Text(f"   Way out: {obstacle.way_out}", style="green"))
    show(_rewritten(found))
    count = len(found.obstacles)
    verdict = "runs" if found.runs else f"{count} obstacle{'s' if count > 1 else ''}"
    style = "bold green" if found.runs else "bold red"
    show_line(Text.assemble(f"{found.name}: ", (verdict, style)))


def _rewritten(found: Survey) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for what, words in rewritten_words(found):
        table.add_row(what, Text(words))
    return table


def _document(found: Survey) -> dict[str, Any]:
    return {
        "model": found.name,
        "runs": found.runs,
        "obstacles": [
            {"op": o.op, "node": o.node, "reason": o.reason, "way_out": o.way_out}
            for o in found.obstacles
        ],
        "folded": [{"op": op, "node": node} for op, node in found.folded],
        "fused": [
            {
                "op": fusion.op,
                "node": fusion.node,
                "parts": [{"op": op, "node": node} for op, node in fusion.parts],
            }
            for fusion in found.fused
        ],
        "notes": list(found.notes),
    }
