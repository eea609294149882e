"""One network through everything: frontend, planner, firmware, reference, ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

import numpy as np
import onnx
from frontends.qdq_models import Array, Case, run_onnx
from fuzz.lowered import Lowered, lowered, values
from fuzz.nodewise import NODE_STEPS, compare_nodes

from tinyrig.generator.errors import FitError, InputError
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.reference.boundary import quantize_input
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.toolchain.toolchain import load_toolchain

FAR_STEPS = 2


@dataclass(frozen=True)
class Outcome:
    """How a trial ended. `refused` and `wrong` are '' or one paragraph.

    `far` counts the output elements more than FAR_STEPS from ONNX Runtime end to end, which
    propagation explains where nothing is wrong; `different` counts, node by node, those one or
    more steps apart among `elements`.
    """

    refused: str = ""
    wrong: str = ""
    outputs: int = 0
    far: int = 0
    elements: int = 0
    different: int = 0
    uncovered: int = 0
    values: int = 0


def drawn_options(seed: int) -> Options:
    """Return all optimisations for most seeds, drawn ones for every fourth."""
    if seed % 4:
        return ALL
    rng = np.random.default_rng((seed, 4))
    hints = get_type_hints(Options)
    chosen: dict[str, Any] = {}
    for entry in fields(Options):
        choices = get_args(hints[entry.name]) or (True, False)
        approximates = entry.name in ("exponential", "gelu")  # another function than the graph's
        if hints[entry.name] not in (float, int) and not approximates:
            chosen[entry.name] = choices[int(rng.integers(len(choices)))]
    return Options(**chosen)


def run_trial(
    case: Case,
    boards: tuple[str, ...],
    options: Options,
    seen: Mapping[str, Interval] | None = None,
    steps: int = NODE_STEPS,
    given: onnx.ModelProto | None = None,
) -> Outcome:
    """Prove a network on boards, and compare it with ONNX Runtime node by node.

    `seen` are ranges of what the model leaves in float, by name, and `steps` what a node may be
    apart. `given` is the model that is lowered where it is not the case's. A refusal is InputError,
    UnsupportedError or FitError; any other error is raised.
    """
    try:
        low = lowered(given or case.model, "fuzz", seen)
        codes = _codes(low.graph, case)
        planned = run_passes(low.graph, options)
        expected = run_reference(planned, codes)
        for board in boards:
            wrong = _wrong_bytes(low.graph, board, options, codes, expected)
            if wrong:
                return Outcome(wrong=wrong)
    except (InputError, FitError) as error:
        return Outcome(refused=f"{type(error).__name__}: {error}")
    return _against_onnx(case, low, planned, codes, expected, steps)


def _wrong_bytes(
    graph: Graph,
    board_name: str,
    options: Options,
    codes: dict[str, Array],
    expected: dict[str, Array],
) -> str:
    """Boot both builds on a board; return what is wrong, '' for nothing."""
    board = load_board(board_name)
    sample = b"".join(codes[name].tobytes() for name in graph.inputs)
    firmware = make_firmware(graph, board, load_toolchain("zig"), sample, options=options)
    for image in (firmware.clean, firmware.checked):
        boot = backend("embedded").run(image, board)
        build = "checked" if image.checked else "clean"
        if not boot.transcript.ok:
            return f"{board_name}, {build} build: {boot.transcript.failed_checks()}"
        for name in graph.outputs:
            got = np.frombuffer(boot.transcript.outputs[name], dtype=np.int8)
            differ = int(np.count_nonzero(got != expected[name].reshape(-1)))
            if differ:
                return (
                    f"{board_name}, {build} build: {differ} of {got.size} bytes of {name!r} differ"
                )
    return ""


def _against_onnx(
    case: Case,
    low: Lowered,
    planned: Graph,
    codes: dict[str, Array],
    expected: dict[str, Array],
    node_steps: int,
) -> Outcome:
    """Compare a run with ONNX Runtime, end to end and node by node."""
    far = outputs = 0
    for name, real in zip(planned.outputs, run_onnx(case), strict=True):
        affine = planned.tensors[name].affine
        steps = np.rint(real / np.float32(affine.scale)) + affine.zero_point
        far += int(np.count_nonzero(np.abs(steps - expected[name]) > FAR_STEPS))
        outputs += real.size
    held = values(low, planned, codes)
    found = compare_nodes(case.model, case.feeds, low, planned, held, node_steps)
    return Outcome(
        wrong="; ".join(map(str, found.apart)),
        outputs=outputs,
        far=far,
        elements=found.elements,
        different=found.different,
        uncovered=len(found.uncovered),
        values=found.nodes,
    )


def _codes(graph: Graph, case: Case) -> dict[str, Array]:
    found = {}
    for name in graph.inputs:
        given = case.feeds[graph.source_names[name]]
        if given.dtype == np.float32:
            found[name] = quantize_input(given, graph.tensors[name].affine)
        else:
            offset = 128 if given.dtype == np.uint8 else 0
            found[name] = (given.astype(np.int16) - offset).astype(np.int8)
    return found
