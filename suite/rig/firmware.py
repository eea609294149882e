"""From an integer graph to two linked images: the clean build and the checked build."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.emit.firmware import emit_project
from tinyrig.generator.emit.project import Project
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True, eq=False)
class Firmware:
    """A model's plan on a board, its C project and the two images linked from it."""

    plan: Plan
    project: Project
    clean: Image
    checked: Image


def plan_project(
    graph: Graph,
    board: Board,
    sample: bytes,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    wide: bool = True,
) -> tuple[Plan, Project]:
    """Run the passes, plan and print; `wide` as in `make_plan`.

    FitError comes before anything is built.
    """
    plan = cheapest_plan(graph, board, options=options, ref_only=ref_only, wide=wide)
    return plan, emit_project(plan, sample)


def make_firmware(
    graph: Graph,
    board: Board,
    toolchain: Toolchain,
    sample: bytes,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    wide: bool = True,
) -> Firmware:
    """Plan, print and build both images."""
    plan, project = plan_project(
        graph, board, sample, options=options, ref_only=ref_only, wide=wide
    )
    return _built(plan, project, toolchain)


def firmware_of_plan(plan: Plan, sample: bytes, toolchain: Toolchain) -> Firmware:
    """Print a plan as it is and build both images."""
    return _built(plan, emit_project(plan, sample), toolchain)


def _built(plan: Plan, project: Project, toolchain: Toolchain) -> Firmware:
    images = (build(project, plan.board, toolchain, checked=kind) for kind in (False, True))
    return Firmware(plan, project, *images)
