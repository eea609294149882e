"""`tinyrig capsule`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.suite.cli.options import Calibration, CalibrationMethod, progress
from tinyrig.suite.files.folders import check_replaceable, write_folder
from tinyrig.suite.models.arrays import read_calibration
from tinyrig.suite.models.recipe import choice_of
from tinyrig.suite.process.interrupts import held
from tinyrig.suite.studies.capsule.capsule import MARK
from tinyrig.suite.studies.capsule.make import Wanted, take_capsule
from tinyrig.suite.studies.capsule.origin import find_origin


def capsule(
    record: Annotated[
        Path, typer.Argument(help="A record.json, or the folder of a result of `tinyrig bench`.")
    ],
    layer: Annotated[str, typer.Option(help="The layer's index in the record, or its name.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The capsule's folder.")],
    model: Annotated[
        str | None, typer.Option(help="The model of a record that is not of the zoo.")
    ] = None,
    calibration: Calibration = None,
    calibration_method: CalibrationMethod = "minmax",
    sample: Annotated[int, typer.Option(min=0, help="Which seeded input feeds it.")] = 0,
    stream: Annotated[
        bool, typer.Option("--stream", help="Take the whole stream the layer is executed in.")
    ] = False,
    toolchain: Annotated[
        str | None, typer.Option(help="What compiles it, if not what the record names.")
    ] = None,
) -> None:
    """Cut one layer out of a run, with all it needs to be replayed alone."""
    check_replaceable(output, MARK)
    samples = None if calibration is None else read_calibration(calibration)
    with progress() as report:
        origin = find_origin(record, model, samples, choice_of(calibration_method))
        taken = take_capsule(origin, Wanted(layer, sample, stream, toolchain), report)
        with held():
            write_folder(output, taken.files)
    found = taken.document.layer
    Console(soft_wrap=True, highlight=False, markup=False).print(
        f"{output}: layer {found.index}, {found.name} ({found.kernel}), of "
        f"{taken.document.model} on {taken.document.board}. Replay: tinyrig replay {output}"
    )
