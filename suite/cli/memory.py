"""`tinyrig memory`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import backends_that
from tinyrig.suite.cli.groups import grouped
from tinyrig.suite.cli.options import ModelOptions, SwitchOptions, TargetOptions, progress
from tinyrig.suite.cli.show import show
from tinyrig.suite.files.atomic import check_writable, write_atomic
from tinyrig.suite.report.copies_words import code_words, copies_words
from tinyrig.suite.report.memory_page import memory_page
from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.report.memory_words import comparison_words, memory_words
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe


@grouped
def memory(
    model: ModelOptions,
    target: TargetOptions,
    switches: SwitchOptions,
    svg: Annotated[Path | None, typer.Option(help="Save the lifetime picture.")] = None,
    html: Annotated[Path | None, typer.Option(help="Save picture and words as a page.")] = None,
) -> None:
    """Show the memory plan, and prove it by watching every access to the arena."""
    check_writable(svg, html)
    board, tools = target.resolve()
    machine = load_backend(backends_that(lambda found: found.watch)[0])
    options = switches.run_options()
    with progress() as report:
        given = model.case()
        case = given.rewritten(options.optimisations)
        sample = sample_bytes(case.graph, case.samples(1)[0])
        report("planning")
        plan, _ = plan_project(
            case.graph,
            board,
            sample,
            options=options.optimisations,
            ref_only=options.ref_only,
        )
        report("watching the firmware")
        seen = observe(plan, machine, tools, sample)
    comparisons = [compare(plan, one) for one in seen]
    arena = map_arena(plan, plan.clean)
    if svg is not None:
        write_atomic(svg, memory_picture(arena).encode())
    if html is not None:
        write_atomic(html, memory_page(arena, comparisons).encode())
    shown = [copies_words(plan)] if plan.options.weights_in_ram else []
    shown += [code_words(plan)] if plan.options.code_in_ram else []
    show(memory_words(arena), *shown, comparison_words(comparisons))
    if any(one.findings for one in comparisons):
        raise typer.Exit(1)
