"""Cycles by source line: every cycle has one place, and the place is the code's."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles import explainer, model_cycles
from tinyrig.suite.cycles.by_line import cycles_by_line
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.source_lines import SourceLine, line_map
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARD = load_board("stm32f427")
ZIG = load_toolchain("zig")


@functools.cache
def firmware() -> Firmware:
    case = resolve("mhsa", {"S": 5, "E": 8, "P": 4, "H": 2})
    return make_firmware(case.graph, BOARD, ZIG, sample_bytes(case.graph, case.samples(1)[0]))


@functools.cache
def boot() -> BootResult:
    return backend("embedded").run(firmware().checked, BOARD, profile=True)


def test_lines_share_out_every_cycle() -> None:
    image, profile = firmware().checked, boot().profile
    assert profile is not None
    cycles = model_cycles(profile, image, BOARD.core)
    lines = line_map(firmware().project, BOARD, ZIG, image)
    found = cycles_by_line(cycles, explainer(profile, image, BOARD.core), lines)
    assert sum(found.values()) == pytest.approx(sum(block.cycles for block in cycles.blocks))
    assert list(found.values()) == sorted(found.values(), reverse=True)
    files = firmware().project.files
    for line in found:
        if line is not None:
            assert line.line <= len(files[line.path].splitlines()), line


def test_a_function_lies_on_its_lines() -> None:
    image = firmware().checked
    lines = line_map(firmware().project, BOARD, ZIG, image)
    for name, path in (("tr_crc32", "tr_crc32.c"), ("tr_infer", "model_checked.c")):
        where = lines.at(image.address(name))
        assert where is not None
        assert where.path.endswith(path)
        text = firmware().project.files[where.path].splitlines()
        begins = next(index for index, line in enumerate(text, 1) if f" {name}(" in line)
        assert begins <= where.line <= begins + 20
    assert lines.at(0) is None


def test_lines_of_other_code_are_refused() -> None:
    image = firmware().checked
    segment = image.segments[0]
    changed = replace(segment, data=bytes([segment.data[0] ^ 1]) + segment.data[1:])
    other = replace(image, segments=(changed, *image.segments[1:]))
    with pytest.raises(BrokenRunError, match="line tables"):
        line_map(firmware().project, BOARD, ZIG, other)


def test_lines_are_ordered_by_place() -> None:
    assert SourceLine("a.c", 2) < SourceLine("a.c", 10) < SourceLine("b.c", 1)
