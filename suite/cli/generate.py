"""`tinyrig generate`."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from generator.emit.cmake import with_cmake
from generator.emit.project import Project
from generator.errors import InputError
from generator.options import parse_options
from generator.planning.board import load_board
from suite.cli.interrupts import held
from suite.cli.options import (
    DEFAULT_BOARD,
    BoardName,
    Calibration,
    Embedding,
    Heads,
    Model,
    NoOpt,
    Opt,
    Projection,
    RefOnly,
    Sequence_,
    progress,
    resolve_case,
)
from suite.firmware import plan_project
from suite.verdict import sample_bytes

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
    opt: Opt = None,
    no_opt: NoOpt = None,
    ref_only: RefOnly = False,
) -> None:
    """Write a self-contained C project that builds with `cmake --preset zig` or `gcc`."""
    target = load_board(board)
    _check_folder(output)
    with progress() as report:
        given = resolve_case(model, {"S": s, "E": e, "P": p, "H": h}, calibration)
        options = parse_options(opt or (), no_opt or ())
        case = given.rewritten(options)
        report("generating")
        sample = sample_bytes(case.graph, case.samples(1)[0])
        _, project = plan_project(
            case.graph,
            target,
            sample,
            options=options,
            ref_only=ref_only,
        )
        with held():
            write_project(with_cmake(project, target), output)
    Console(soft_wrap=True, highlight=False).print(
        f"{output}: {len(project.files)} files of {case.name} for {board}. "
        f"Build: cd {output} && cmake --preset zig && cmake --build --preset zig"
    )


def _check_folder(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is not a folder.")
    if output.is_dir() and any(output.iterdir()) and not (output / _MANIFEST).is_file():
        raise InputError(
            f"{output} holds files that tinyrig did not write; name an empty or a new folder."
        )
    if not output.absolute().parent.is_dir():
        raise InputError(f"Cannot write {output}: {output.absolute().parent} does not exist.")


def write_project(project: Project, output: Path) -> None:
    """Write a project whole: into a folder beside `output`, which then takes its place.

    Raises InputError when it cannot be written; `output` is then as it was.
    """
    parent = output.absolute().parent
    manifest = {"model": project.name, "board": project.board, "sha256": project.sha256()}
    fresh: Path | None = None
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=parent))
        for path, text in project.files.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        _swap(fresh, output.absolute())
    except OSError as error:
        raise InputError(f"Cannot write {output}: {error.strerror}.") from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, output: Path) -> None:
    """Put a folder in the place of another, which is removed only once the new one is there."""
    if not output.exists():
        fresh.replace(output)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{output.name}.old.", dir=output.parent))
    try:
        output.replace(old)
        try:
            fresh.replace(output)
        except OSError:
            old.replace(output)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
