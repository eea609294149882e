"""`tinyrig generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import ModelOptions, SwitchOptions, TargetOptions, progress
from tinyrig.suite.process.interrupts import held
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.product import FORMS, product
from tinyrig.suite.rig.project_folder import check_project_folder, write_product
from tinyrig.suite.rig.proof import Proof, prove
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain


@grouped
def generate(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    output: Annotated[Path, typer.Option("-o", "--output", help="The project's folder.")],
    proven: Annotated[
        bool, typer.Option("--prove/--no-prove", help="Boot it against the reference first.")
    ] = True,
    form: Annotated[
        str,
        typer.Option(
            "--form",
            help="project: a whole firmware; library: the model for an application of yours; "
            "single: that as one .c and one .h.",
        ),
    ] = FORMS[0],
    name: Annotated[
        str | None,
        typer.Option("--name", help="What a library's symbols begin with; default: the model's."),
    ] = None,
) -> None:
    """Write a model as C: a project that builds with CMake, or a library for an application.

    Its firmware, or one around the library, is built and booted first; where a byte differs from
    the reference, nothing is written.
    """
    board = load_board(target.board)
    tools = load_toolchain(target.toolchain, board.compiler) if proven else None
    options = switches.run_options()
    check_project_folder(output)
    with progress() as report:
        given = model.case()
        case = given.rewritten(options.optimisations)
        report("generating")
        (sample,) = case.samples(1)
        raw = sample_bytes(case.graph, sample)
        plan, project = plan_project(
            case.graph, board, raw, options=options.optimisations, ref_only=options.ref_only
        )
        made = product(plan, project, raw, form, name)
        proof = None if tools is None else prove(plan, made.firmware, tools, sample, report)
        with held():
            write_product(made, output)
    _say(proof)
    Console(soft_wrap=True, highlight=False).print(
        f"{output}: {len(made.files)} files of {case.name} for {board.name}. "
        f"Next: cd {output} && {made.next_step}"
        if form == "project"
        else f"{output}: {len(made.files)} files of {case.name} for {board.name}. {made.next_step}."
    )


def _say(proof: Proof | None) -> None:
    if proof is None:
        Console(soft_wrap=True, highlight=False, stderr=True).print(
            "not proven: --no-prove leaves out the boot against the reference"
        )
        return
    Console(soft_wrap=True, highlight=False).print(
        f"proven: {proof.elements} bytes equal on {proof.where}"
    )
