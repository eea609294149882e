"""Programs of other people: a marked region is counted and modelled as the rig's firmware is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig
from cli.onnx_files import quantized, write

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import load_toolchain

PROGRAM = """
.syntax unified
.thumb
.section .vectors, "a"
.word 0x20002000
.word start + 1
.text
.type before, %function
before: bx lr
.size before, . - before
.type after, %function
after: bx lr
.size after, . - after
.type work, %function
work:
  movs r0, #100
1: subs r0, r0, #1
  bne 1b
  bx lr
.size work, . - work
.type start, %function
start:
  bl before
  bl work
  bl after
  PAST
.size start, . - start
"""
NEEDS_GCC = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None,
    reason="needs arm-none-eabi-gcc: sudo apt-get install gcc-arm-none-eabi",
)


def linked(folder: Path, past: str) -> Path:
    (folder / "p.S").write_text(PROGRAM.replace("PAST", past))
    script = "SECTIONS { . = 0x08000000; .text : { *(.vectors) *(.text) } }"
    (folder / "p.ld").write_text(script)
    flags = ("-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-Wl,-T,p.ld", "-Wl,-e,start")
    command = ["arm-none-eabi-gcc", *flags, "p.S", "-o", "p.elf"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "p.elf"


MARKS = ("--begin", "before", "--end", "after")


@NEEDS_GCC
@pytest.mark.parametrize("past", ["b .", "udf #0"])
def test_a_program_of_somebody_else(tmp_path: Path, past: str) -> None:
    """bl work, movs, 100 times subs and bne, bx, bl after: 204 instructions, whatever is behind."""
    elf = linked(tmp_path, past)
    words = ("--board", "stm32f427", *MARKS, "--budget", "10000", "--json", "-")
    said = tinyrig("cycles", elf, *words)
    assert said.code == 0, said.err
    counts, functions = json.loads(said.out)["tables"]
    rows = {row["name"]: row for row in counts["rows"]}
    assert rows["instructions"]["figure"] == 204
    # 100 subtractions of 1 cycle, 99 taken branches of 2, and what is around the loop.
    assert 299 <= rows["cycles, 0 wait states"]["figure"] <= 312
    assert rows["cycles, the board's memory"]["figure"] > rows["cycles, 0 wait states"]["figure"]
    assert functions["rows"][0]["function"] == "work"


def test_the_rigs_own_firmware_has_the_figures_of_a_run(tmp_path: Path) -> None:
    model = write(tmp_path / "m.onnx", quantized())
    board, case = load_board("stm32f746"), resolve(str(model), {})
    _, project = plan_project(case.graph, board, sample_bytes(case.graph, case.samples(1)[0]))
    image = build(project, board, load_toolchain("zig"), checked=False)
    (tmp_path / "clean.elf").write_bytes(image.elf)
    said = tinyrig("cycles", tmp_path / "clean.elf", "--board", board.name, "--json", "-")
    assert said.code == 0, said.err
    rows = {row["name"]: row["figure"] for row in json.loads(said.out)["tables"][0]["rows"]}
    assert tinyrig("run", model, "--json", tmp_path / "r.json").code == 0
    record = json.loads((tmp_path / "r.json").read_text())
    cycles = {one["memory"]: one["value"] for one in record["cycles"]}
    assert rows == {
        "instructions": record["instructions"],
        "cycles, 0 wait states": cycles["0ws"],
        "cycles, the board's memory": cycles["board"],
    }


@NEEDS_GCC
def test_refusals(tmp_path: Path) -> None:
    elf = linked(tmp_path, "b .")
    check_refusal(tinyrig("cycles", elf, "--board", "stm32f427"), 2, "tr_region_begin", "--begin")
    check_refusal(tinyrig("cycles", elf, "--board", "gap9", *MARKS), 2, "gap9")
    backwards = ("--begin", "after", "--end", "before", "--budget", "5000")
    check_refusal(tinyrig("cycles", elf, "--board", "stm32f427", *backwards), 2, "without a region")
    text = tmp_path / "text.elf"
    text.write_text("no program")
    check_refusal(tinyrig("cycles", text), 2, "text.elf")
    host = Path(shutil.which("gcc") or "/bin/sh").resolve()
    check_refusal(tinyrig("cycles", host), 2, "no linked program for a Cortex-M")
