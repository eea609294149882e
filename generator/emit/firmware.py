"""The whole project: model, kernels in use, platform and build files."""

from __future__ import annotations

from pathlib import Path

from generator.assets import asset_root
from generator.emit.model_source import model_files
from generator.emit.platform import platform_files
from generator.emit.project import Project
from generator.planning.kernels import Kernel
from generator.planning.plan import Plan
from generator.verify.plan import verify_plan


def emit_project(plan: Plan, sample: bytes) -> Project:
    """Verify a plan and return its C project.

    `sample` holds every input, quantized, back to back, in the order of the graph's inputs.
    InternalError when the plan is not sound.
    """
    verify_plan(plan)
    return print_project(plan, sample)


def print_project(plan: Plan, sample: bytes) -> Project:
    """Return the C project of a plan whatever it does; see `emit_project`."""
    kernels = {step.kernel.name: step.kernel for step in plan.steps}
    files = model_files(plan, sample)
    kernel_units = []
    for kernel in kernels.values():
        path = f"kernels/{kernel.source}"
        files[path] = _kernel_text(kernel)
        kernel_units.append(path)
    files.update(_headers())
    copies = plan.copies.region if plan.copies else None
    platform = platform_files(plan.board, plan.arena_region, plan.weights_region, copies)
    files.update(platform.files)
    return Project(
        name=plan.graph.name,
        board=plan.board.name,
        files=files,
        units=(
            *platform.units,
            *sorted(kernel_units),
            "model/model_tables.c",
            "model/model_sample.c",
        ),
        clean_units=("model/model_clean.c",),
        checked_units=("model/model_checked.c",),
        include_dirs=("model", "kernels/include", *platform.include_dirs),
        linker_script=platform.linker_script,
    )


def _kernel_text(kernel: Kernel) -> str:
    return (asset_root("kernels") / kernel.source).read_text(encoding="utf-8")


def _headers() -> dict[str, str]:
    root: Path = asset_root("kernels")
    paths = sorted((root / "include").rglob("*.h"))
    return {f"kernels/{p.relative_to(root).as_posix()}": p.read_text("utf-8") for p in paths}
