"""What is kept of several boots of one firmware."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cli.onnx_files import quantized
from pytest import MonkeyPatch

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig import measuring
from tinyrig.suite.rig.measuring import measure_firmware
from tinyrig.suite.rig.run import RunOptions, firmware_of
from tinyrig.suite.toolchain.toolchain import load_toolchain

BUDGET = 10_000_000


def small_case() -> Case:
    model = quantized()
    graph = graph_from_model(model, "small")
    return Case("small", graph, 8, "onnxruntime", model.SerializeToString(), ("x",), ("y",))


def test_the_stack_is_the_worst_of_all_samples(monkeypatch: MonkeyPatch) -> None:
    case, board = small_case(), load_board("stm32f427")
    firmware = firmware_of(case, board, load_toolchain("zig"), RunOptions())
    stacks = iter((100, 300, 200, 900))  # the last is the checked build's

    def boot(*arguments: Any, given: Iterator[int] = stacks) -> BootResult:
        return replace(measuring_boot(*arguments), stack_high_water=next(given))

    measuring_boot = measuring.boot_image
    monkeypatch.setattr(measuring, "boot_image", boot)
    measured, answers = measure_firmware(
        case, firmware, backend("embedded"), case.samples(3), BUDGET, lambda _: None
    )
    assert measured.stack == 300
    assert len(answers) == 3
    assert measured.check.verdict == "match"
