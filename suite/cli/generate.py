"""`tinyrig generate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tinyrig.generator.emit.cmake import with_cmake
from tinyrig.generator.emit.project import Project
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.cli.options import (
    DEFAULT_BOARD,
    DEFAULT_TOOLCHAIN,
    BoardName,
    Calibration,
    Dim,
    Embedding,
    Heads,
    Model,
    NoOpt,
    Opt,
    Projection,
    RefOnly,
    Sequence_,
    Shape,
    ToolchainName,
    progress,
    resolve_case,
)
from tinyrig.suite.files.folders import check_replaceable, write_folder
from tinyrig.suite.process.interrupts import held
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.proof import Proof, prove
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

_MANIFEST = "tinyrig.json"


def generate(
    model: Model,
    output: Annotated[Path, typer.Option("-o", "--output", help="The project's folder.")],
    board: BoardName = DEFAULT_BOARD,
    s: Sequence_ = None,
    e: Embedding = None,
    p: Projection = None,
    h: Heads = None,
    calibration: Calibration = None,
    dim: Dim = None,
    shape: Shape = None,
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
    toolchain: ToolchainName = DEFAULT_TOOLCHAIN,
    proven: Annotated[
        bool, typer.Option("--prove/--no-prove", help="Boot it against the reference first.")
    ] = True,
) -> None:
    """Write a self-contained C project that builds with `cmake --preset zig` or `gcc`.

    Its firmware is built and booted first; where a byte differs from the reference, nothing is
    written.
    """
    target = load_board(board)
    tools = load_toolchain(toolchain, target.compiler) if proven else None
    check_replaceable(output, _MANIFEST)
    with progress() as report:
        given = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration, dim, shape)
        options = parse_options(opt or (), no_opt or ())
        case = given.rewritten(options)
        report("generating")
        (sample,) = case.samples(1)
        plan, project = plan_project(
            case.graph,
            target,
            sample_bytes(case.graph, sample),
            options=options,
            ref_only=ref_only,
        )
        whole = with_cmake(project, target)
        proof = None if tools is None else prove(plan, whole, tools, sample, report)
        with held():
            write_project(whole, output)
    _say(proof)
    Console(soft_wrap=True, highlight=False).print(
        f"{output}: {len(project.files)} files of {case.name} for {board}. "
        f"Build: cd {output} && cmake --preset zig && cmake --build --preset zig"
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


def write_project(project: Project, output: Path) -> None:
    """Write a project whole: into a folder beside `output`, which then takes its place.

    Raises InputError when it cannot be written; `output` is then as it was.
    """
    manifest = {"model": project.name, "board": project.board, "sha256": project.sha256()}
    files = {path: text.encode() for path, text in project.files.items()}
    files[_MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    write_folder(output, files)
