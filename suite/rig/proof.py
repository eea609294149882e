"""A project's firmware against the reference, before anybody gets the project."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import MissingToolError, WrongOutputError
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backend, emulators_of
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.rig.measuring import Progress, boot_image
from tinyrig.suite.rig.on_host import host_answers
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.rig.verdict import quantized_inputs, sample_bytes
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True)
class Proof:
    """How many output bytes equalled the reference's, and where they were computed."""

    elements: int
    where: str


def prove(
    plan: Plan, project: Project, toolchain: Toolchain, sample: Sample, progress: Progress
) -> Proof:
    """Boot the clean and the checked build of a project and compare them with the reference.

    A project around a library has the clean one alone.
    It boots in the emulator of its board; where none is installed, the project is built, and the
    same graph runs on this machine with portable kernels. WrongOutputError when a byte differs,
    MissingToolError when nothing can run it, and the errors of a build or boot.
    """
    from tinyrig.suite.reference.executor import run_reference

    graph, board = plan.graph, plan.board
    tools = f"{toolchain.name} {toolchain.version}"
    progress("compiling")
    kinds = (False, True) if project.checked_units else (False,)
    images = [build(project, board, toolchain, checked=checked) for checked in kinds]
    progress("computing the reference")
    expected = {
        name: codes.tobytes()
        for name, codes in run_reference(graph, quantized_inputs(graph, sample)).items()
    }
    raw = sample_bytes(graph, sample)
    elements = sum(map(len, expected.values()))
    machine = _emulator(plan)
    if machine is None:
        progress("running on this machine")
        (answers,) = host_answers(graph, board, (raw,))
        _check(project.name, "in portable C on this machine", answers, expected)
        return Proof(
            elements,
            f"this machine, in portable C; no emulator of {board.name} is installed, so its own "
            f"kernels were built by {tools} but not run",
        )
    budget = RunOptions().budget_for(graph.macs(), machine)
    for image in images:
        kind = "checked" if image.checked else "clean"
        progress(f"booting the {kind} build")
        boot = boot_image(machine, image, board, project.name, raw, budget, profile=False)
        _check(
            project.name,
            f"on {board.name} in its {kind} build",
            boot.transcript.outputs,
            expected,
        )
    return Proof(elements, f"{machine.name} {machine.version}, built by {tools}")


def _emulator(plan: Plan) -> Backend | None:
    """Return what boots a plan's board here, None when nothing does."""
    for name in emulators_of(plan.board):
        with contextlib.suppress(MissingToolError):
            return backend(name)
    return None


def _check(
    model: str, place: str, answers: Mapping[str, bytes], expected: Mapping[str, bytes]
) -> None:
    for name, wanted in expected.items():
        got, right = (np.frombuffer(data, np.int8) for data in (answers[name], wanted))
        wrong = np.flatnonzero(got != right)
        if wrong.size:
            at = int(wrong[0])
            raise WrongOutputError(
                f"The firmware of {model!r} answers wrongly {place}: {wrong.size} of {right.size} "
                f"bytes of output {name!r} differ from the reference, first element {at}: "
                f"{got[at]} for {right[at]}. No project was written."
            )
