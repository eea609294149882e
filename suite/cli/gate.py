"""`tinyrig gate`."""

from __future__ import annotations

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.matrix import project_jobs
from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import plain_text, show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.files.project import current_project
from tinyrig.suite.gate.budgets import BUDGETS, update_budgets
from tinyrig.suite.gate.explain import make_report
from tinyrig.suite.gate.judge import judge
from tinyrig.suite.gate.junit import gate_junit
from tinyrig.suite.gate.markdown import gate_markdown
from tinyrig.suite.gate.policy import project_policy
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.gate.revision import (
    Wanted,
    base_results,
    check_choice,
    policy_of,
    project_results,
    results_of,
)
from tinyrig.suite.gate.sarif import gate_sarif
from tinyrig.suite.gate.text import gate_text

Matrix = Annotated[
    str | None,
    typer.Option(help="What is measured of a ref: smoke (default) or full; not the project's."),
]
Models = Annotated[
    list[str] | None, typer.Option(help="Measure only this model of the matrix, repeatable.")
]
Boards = Annotated[
    list[str] | None, typer.Option(help="Measure only this board of the matrix, repeatable.")
]


class _Format(StrEnum):
    text = "text"
    markdown = "markdown"
    json = "json"
    junit = "junit"
    sarif = "sarif"


def gate(
    base: Annotated[
        str | None, typer.Option(help="What to compare with: a git ref or results folder.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="What to judge; the working tree if not given.")
    ] = None,
    matrix: Matrix = None,
    models: Models = None,
    boards: Boards = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Folder of budgets, tolerances, accepted.toml; the base's results/."),
    ] = None,
    form: Annotated[_Format, typer.Option("--format", help="How to answer.")] = _Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the answer to a file.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write it as a page too, with flamegraphs of what moved.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update-budgets", help="Measure the budgets anew and write them instead."),
    ] = False,
) -> None:
    """Fail when anything got worse than the base, and explain where and why."""
    if update:
        if any((base, head, matrix, models, boards, policy, output, page)):
            raise InputError("--update-budgets measures all budgets of the clone, and goes alone.")
        typer.echo(f"Wrote {update_budgets()} budgets to {BUDGETS}.")
        return
    if base is None:
        raise InputError("Name what to compare with: --base REF, or --base FOLDER of results.")
    for path in (output, page):
        if path is not None:
            check_writable(path)
    check_choice((base, head), any((matrix, models, boards)))
    project = current_project()
    own = bool(project.model) and matrix is None
    rules = project_policy(project) if own and policy is None else policy_of(base, policy)
    wanted = Wanted(matrix or "smoke", tuple(models or ()), tuple(boards or ()))
    with ExitStack() as stack:
        told = stack.enter_context(progress())
        nothing = Path(stack.enter_context(TemporaryDirectory(prefix="tinyrig-base-")))
        old = base_results(base, wanted, told, nothing)
        if own and head is None:
            jobs = project_jobs(project, models=wanted.models, boards=wanted.boards)
            new = stack.enter_context(project_results(jobs, told))
        else:
            new = results_of(head, wanted, told)
        told("comparing")
        booted = [side.booted for side in (old, new) if side.booted is not None]
        judged = judge(old.folder, new.folder, rules)
        notes = (*old.notes(), *new.notes())
        report = make_report(old.label, new.label, judged, sum(booted) if booted else None, notes)
        if page is not None:
            from tinyrig.suite.report.gate_page import gate_page

            write_atomic(page, gate_page(report, old.folder, new.folder).encode())
    if output is None and form is _Format.text:
        show(gate_text(report))
    elif output is None:
        typer.echo(_answer(report, form), nl=False)
    else:
        write_atomic(output, _answer(report, form).encode())
    raise typer.Exit(0 if report.passed else 1)


def _answer(report: GateReport, form: _Format) -> str:
    if form is _Format.json:
        return report.model_dump_json(by_alias=True, indent=2) + "\n"
    if form is _Format.text:
        return plain_text(gate_text(report))
    written = {"markdown": gate_markdown, "junit": gate_junit, "sarif": gate_sarif}
    return written[form](report)
