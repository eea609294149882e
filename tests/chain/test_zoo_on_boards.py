"""Every zoo model on every board it fits, and what quantization costs the networks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from heavy import NIGHT, ZOO

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.reference.compare import argmax_agreement
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.oracle import oracle_outputs
from tinyrig.suite.rig.run import RunOptions, RunOutcome, run_case
from tinyrig.suite.rig.verdict import own_outputs, quantized_inputs, sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARDS = ("stm32f427", "stm32f746", "stm32h743") if NIGHT else ("stm32f427", "stm32h743")
"""A core each; stm32f746 differs in memory alone, and a night goes through it."""
NETWORKS = ("eegformer", "ecgformer", "trformer", "tinyvit-digits")
SAMPLES = 16 if NIGHT else 4
FEW_SAMPLES = 2 if NIGHT else 1
CONVOLUTIONAL = (
    *("mlperf-ic", "mlperf-kws", "mlperf-vww"),
    *("tinyformer-block", "tinyformer-fashion", "mcuformer-fashion"),
)
"""What takes seconds a sample: one or two are enough beside the kernels' own tests."""
ON_BOTH = ("tinyvit-digits", "trformer-mhsa", "mcuformer-fashion")
"""What CI runs on either core."""
IN_ROBOT = ("eegformer", "ecgformer", "trformer")
"""What CI runs on every board by robot_tests/boards.robot."""
RUNS = [
    (name, board)
    for name in ZOO
    for board in BOARDS
    if NIGHT or name in ON_BOTH or (board == "stm32f427" and name not in IN_ROBOT)
]


def _quiet(message: str) -> None:
    """Progress nobody watches."""


@cache
def _case(name: str) -> Case:
    return resolve(name, {})


def _run(case: Case, board: str, samples: list[Sample]) -> RunOutcome:
    return run_case(
        case,
        load_board(board),
        backend("embedded"),
        load_toolchain("zig"),
        samples,
        RunOptions(),
        _quiet,
    )


@pytest.mark.parametrize(("name", "board"), RUNS)
def test_firmware_answers_as_the_reference(name: str, board: str) -> None:
    """Two inferences a boot, a boot a sample; the backend compares the two."""
    case = _case(name)
    count = FEW_SAMPLES if name in CONVOLUTIONAL else SAMPLES
    record = _run(case, board, case.samples(count)).record
    assert record.check.verdict == "match"
    assert record.check.mismatches == 0
    outputs = sum(case.graph.tensors[name].elements for name in case.graph.outputs)
    assert (record.check.samples, record.check.elements) == (count, count * outputs)
    assert record.memory.peak_ram <= record.memory.ram_limit
    assert record.memory.flash <= record.memory.flash_limit
    done = sum(layer.macs for layer in record.layers)
    assert done >= record.model.macs, "streaming may compute twice, never too little"


@pytest.mark.parametrize("name", IN_ROBOT)
def test_what_is_left_to_robot_is_run_there(name: str) -> None:
    suites = Path(__file__).parents[2] / "robot_tests/boards.robot"
    calls = [line.split() for line in suites.read_text().splitlines()]
    assert [words[1] for words in calls if words[:1] == [name]] == [
        "stm32f427",
        "stm32f746",
        "stm32h743",
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_argmax_agrees_with_the_float_model(name: str) -> None:
    """By the reference, which the firmware equals: as the firmware computes, passes included."""
    case = _case(name)
    samples = case.samples(256 if NIGHT else 96, seed=11)
    graph = _passed(case)
    expected = [outputs[0] for outputs in oracle_outputs(case.oracle_model, samples)]
    got = [_answer(graph, sample) for sample in samples]
    assert argmax_agreement(np.stack(expected), np.stack(got)).fraction >= 0.98


def _passed(case: Case) -> Graph:
    return run_passes(case.graph)


def _answer(graph: Graph, sample: Sample) -> np.ndarray:
    codes = run_reference(graph, quantized_inputs(graph, sample))
    return own_outputs(graph, codes)[graph.outputs[0]]


@pytest.mark.night
def test_digits_keep_their_accuracy_in_the_emulator() -> None:
    case = _case("tinyvit-digits")
    assert case.zoo is not None
    images, labels = case.zoo.heldout()
    samples: list[Sample] = [{case.graph.inputs[0]: image} for image in images]
    assert len(samples) == 200
    float_answers = [outputs[0] for outputs in oracle_outputs(case.oracle_model, samples)]
    outcome = _run(case, "stm32f746", samples)
    answers = [one[case.graph.outputs[0]] for one in outcome.outputs]
    assert outcome.record.check.mismatches == 0
    right = [
        np.count_nonzero(np.concatenate(found).argmax(axis=-1) == labels)
        for found in (float_answers, answers)
    ]
    assert right[0] >= 190, "the float model itself has learned"
    assert right[0] - right[1] <= 2, "more than one point of 200 images"


@pytest.mark.parametrize(
    ("dims", "board", "words"),
    [
        ({"S": 512, "E": 512, "P": 64, "H": 8}, "stm32f427", ("stm32f427", "RAM", "too many")),
        (
            {"S": 8, "E": 512, "P": 512, "H": 8},
            "netduinoplus2",
            ("netduinoplus2", "flash", "too many"),
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    dims: dict[str, int], board: str, words: tuple[str, ...]
) -> None:
    case = resolve("mhsa", dims)
    sample = sample_bytes(case.graph, case.samples(1)[0])
    with pytest.raises(FitError) as caught:
        plan_project(case.graph, load_board(board), sample)
    for word in words:
        assert word in str(caught.value)
