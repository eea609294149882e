"""`tinyrig accuracy`."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.cli.data_options import Data, DataRoot
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import ModelOptions, SwitchOptions, TargetOptions, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.rig.run import firmware_of
from tinyrig.suite.studies.accuracy.feeding import feeding
from tinyrig.suite.studies.accuracy.measure import Answers, measure
from tinyrig.suite.training.data.sources import load_source


@grouped
def accuracy(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    data: Data,
    data_root: DataRoot = None,
    samples: Annotated[
        int, typer.Option(min=0, help="Images to boot the firmware with; 0 for none.")
    ] = 10,
    images: Annotated[
        int | None, typer.Option(min=1, help="Images to judge by; default: all there are.")
    ] = None,
    mean: Annotated[float, typer.Option(help="Taken from every pixel of 0 to 1.")] = 0.0,
    std: Annotated[float, typer.Option(help="What it is divided by then.")] = 1.0,
    json: Annotated[Path | None, typer.Option(help="Save the figures.")] = None,
) -> None:
    """Tell how often a model is right: in float, in integers and on the board."""
    check_writable(json)
    board, tools = target.resolve()
    machine = load_backend(default_backend(board))
    options = switches.run_options()
    with progress() as report:
        source = load_source(data, data_root)
        case = model.case()
        fed = feeding(case, source, mean, std)
        report("generating and compiling")
        firmware = firmware_of(case, board, tools, options)
        budget = options.budget_for(firmware.plan.graph.macs(), machine)
        found = measure(
            case,
            source,
            fed,
            firmware,
            machine,
            images=images,
            boots=samples,
            budget=budget,
            progress=report,
        )
    if json is not None:
        write_atomic(json, (json_text.dumps(_document(found), indent=2) + "\n").encode())
    _show(found)


def _show(found: Answers) -> None:
    from tinyrig.suite.report.accuracy_table import accuracy_table

    show(accuracy_table(found))
    if not found.firmware_equal:
        raise typer.Exit(1)


def _document(found: Answers) -> dict[str, Any]:
    ways = {"float": found.floating, "reference": found.reference, "firmware": found.firmware}
    document: dict[str, Any] = {
        "model": found.model,
        "data": found.source.name,
        "classes": list(found.source.classes),
        "firmware_equal": found.firmware_equal,
    }
    for name, classes in ways.items():
        if len(classes):
            share = found.share(classes)
            document[name] = {
                "images": share.count,
                "right": share.right,
                "interval": list(share.interval),
                "confusion": found.confusion(classes).tolist(),
            }
    document["layers"] = [
        {"layer": d.layer, "op": d.op, "before_db": d.before_db, "behind_db": d.behind_db}
        for d in found.costs
    ]
    return document
