"""Tiny models, planned, compiled as the rig's own firmware, and answered by the reference."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from emit.golden_models import MODELS

from tinyrig.generator.emit.forms.library import Library, LibraryForm, emit_library
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import Toolchain

BOARD = "stm32f746"
NEEDS_GCC = shutil.which("arm-none-eabi-gcc") is None


@dataclass(frozen=True, eq=False)
class Made:
    """A tiny model's plan, what goes in, what must come out, and the rig's own firmware of it."""

    plan: Plan
    sample: bytes
    expected: Mapping[str, bytes]
    own: Image

    def library(self, form: LibraryForm, name: str) -> Library:
        return emit_library(self.plan, form, name)


def made(name: str, tools: Toolchain, *, ref_only: bool = False, wide: bool = True) -> Made:
    return made_of(MODELS[name](), tools, ref_only=ref_only, wide=wide)


def made_of(
    graph: Graph,
    tools: Toolchain,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    wide: bool = True,
) -> Made:
    board = load_board(BOARD)
    inputs, sample, at = {}, b"", 0
    for entry in graph.inputs:
        size = graph.tensors[entry].elements
        codes = np.arange(at, at + size, dtype=np.int8)
        inputs[entry] = codes.reshape(graph.tensors[entry].shape)
        sample, at = sample + codes.tobytes(), at + size
    plan, project = plan_project(
        graph, board, sample, options=options, ref_only=ref_only, wide=wide
    )
    answers = {key: codes.tobytes() for key, codes in run_reference(plan.graph, inputs).items()}
    return Made(plan, sample, answers, build(project, board, tools, checked=False))


def boot(image: Image) -> BootResult:
    return backend("embedded").run(image, load_board(BOARD))
