"""The whole project: model, kernels in use, platform and build files."""

from __future__ import annotations

from tinyrig.generator.emit.kernel_sources import INCLUDE_DIRS, kernel_sources
from tinyrig.generator.emit.model_source import model_files
from tinyrig.generator.emit.platform import platform_files
from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.hot_code import data_behind
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.verify.plan import verify_plan


def emit_project(plan: Plan, sample: bytes) -> Project:
    """Verify a plan and return its C project.

    `sample` holds every input, quantized, back to back, in the order of the graph's inputs.
    InternalError when the plan is not sound.
    """
    verify_plan(plan)
    return print_project(plan, sample)


def print_project(plan: Plan, sample: bytes) -> Project:
    """Return the C project of a plan whatever it does; see `emit_project`."""
    files = model_files(plan, sample)
    kernel_files, kernel_units = kernel_sources(plan.kernels)
    files.update(kernel_files)
    copies = _copies_memory(plan)
    platform = platform_files(
        plan.board,
        plan.arena_region,
        plan.weights_region,
        copies,
        streamed=bool(plan.streamed),
        code=plan.code,
    )
    files.update(platform.files)
    return Project(
        name=plan.graph.name,
        board=plan.board.name,
        files=files,
        units=(
            *platform.units,
            *kernel_units,
            "model/model_tables.c",
            "model/model_sample.c",
        ),
        clean_units=("model/model_clean.c",),
        checked_units=("model/model_checked.c",),
        include_dirs=("model", *INCLUDE_DIRS, *platform.include_dirs),
        linker_script=platform.linker_script,
    )


def _copies_memory(plan: Plan) -> str | None:
    """Return the linker's memory for copied tables; None where none are copied."""
    if plan.copies is None:
        return None
    behind = data_behind(plan.board, plan.code) if plan.copies.behind and plan.code else None
    return plan.copies.region if behind is None else behind.name
