"""`tinyrig run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tinyrig.generator.errors import WrongOutputError
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import (
    Clock,
    ClusterOptions,
    LaneName,
    ModelOptions,
    SwitchOptions,
    TargetOptions,
    progress,
)
from tinyrig.suite.cli.show import show, show_line
from tinyrig.suite.files.atomic import check_writable
from tinyrig.suite.files.npz import check_arrays
from tinyrig.suite.files.project import current_project
from tinyrig.suite.models.arrays import differing, samples_from, write_outputs
from tinyrig.suite.report.run_table import doubt_text, run_table
from tinyrig.suite.rig.run import RunOutcome, run_case


@grouped
def run(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    cluster: ClusterOptions,
    backend: LaneName = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Inputs to check: seeded, or of --calibration."),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(help="Arrays by input name, .npz, instead.")
    ] = None,
    expect: Annotated[
        Path | None, typer.Option(help="Answers that must come out, number for number, .npz.")
    ] = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Save the answers, in the model's own types, .npz.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Save the Record.")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Instructions a boot may take.")] = None,
    clock: Clock = None,
) -> None:
    """Quantize, generate, compile, boot, prove against PyTorch, and count."""
    check_writable(outputs, json)
    for given in (inputs, expect, model.calibration):
        if given is not None:
            check_arrays(given)
    board, tools = target.resolve()
    board = cluster.of(board)
    machine = load_backend(backend or default_backend(board))
    options = switches.run_options(budget, clock)
    with progress() as report:
        case = model.case(inputs)
        entry = current_project().find(model.model)
        if inputs is None and samples is None and entry and entry.data:
            inputs = Path(entry.data)
        many = (samples or 1) > 1
        chosen = case.samples(samples or 1)
        if inputs is not None:
            chosen, many = samples_from(inputs, case)
        outcome = run_case(case, board, machine, tools, chosen, options, report)
    if outputs is not None:
        write_outputs(outputs, case, outcome.outputs, many=many)
    if json is not None:
        outcome.record.save(json)
    if expect is not None:
        wrong, total = differing(expect, case, outcome.outputs, many=many)
        if wrong:
            raise WrongOutputError(f"{wrong} of {total} numbers are not those of {expect}.")
        show_line(Text(f"All {total} numbers are those of {expect}."))
    _show(outcome)


def _show(outcome: RunOutcome) -> None:
    check = outcome.record.check
    show(run_table(outcome.record))
    if check.doubt is not None:
        show_line(doubt_text(check.doubt, check))
    if check.verdict != "match":
        raise typer.Exit(1)
