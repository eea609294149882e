"""What `tinyrig profile` prints and saves."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import Block, backend
from tinyrig.suite.cli.app import execute
from tinyrig.suite.cycles import BlockCycles, IssuedInstruction, ModelledCycles
from tinyrig.suite.models.case import resolve
from tinyrig.suite.report.profile_stacks import collapsed, flamegraph
from tinyrig.suite.report.profile_table import profile_table
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.profiling import GLUE, HotBlock, Profiled, profile_case
from tinyrig.suite.toolchain import load_toolchain

HOT = BlockCycles(0, Block(0x0800_0100, 8), "kernel", 100, 800.0)
COLD = BlockCycles(None, Block(0x0800_0200, 4), "tr_infer", 2, 200.0)
PROFILED = Profiled(
    model="<m>",
    board="stm32f427",
    layers=("first; [layer]",),
    cycles=ModelledCycles("cortex-m4", 1, 3.0, "0ws", (HOT, COLD)),
    hottest=(
        HotBlock("first; [layer]", HOT, (IssuedInstruction(0x0800_0100, "ldr r0, [r1]", 0, 2),)),
    ),
)


def test_tables_name_the_model_and_its_band() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(profile_table(PROFILED))
    text = out.getvalue()
    assert "1,000 cycles (modelled by cortex-m4 v1, +-3 %" in text
    assert text.count("modelled by cortex-m4 v1, +-3 %") == 3
    assert "first; [layer]" in text and "80.0%" in text
    assert GLUE in text and "ldr r0, [r1]" in text
    assert " ms" not in text


def test_milliseconds_are_of_a_clock() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(profile_table(replace(PROFILED, clock_mhz=2.0)))
    text = out.getvalue()
    assert "1,000 cycles, 0.500 ms at 2 MHz" in text
    assert "0.400" in text, "the first layer's 800 cycles"


def test_collapsed_stacks_keep_one_frame_a_name_and_every_cycle() -> None:
    lines = collapsed(PROFILED).splitlines()
    assert "<m>;first, [layer];kernel;0x08000100 800" in lines
    assert sum(int(line.rpartition(" ")[2]) for line in lines) == 1000


def test_flamegraph_is_well_formed_and_as_wide_as_its_parts() -> None:
    picture = ET.fromstring(flamegraph(PROFILED))
    space = {"s": "http://www.w3.org/2000/svg"}
    widths = {
        str(group.findtext("s:title", namespaces=space)).split(":")[0]: float(box.get("width", 0))
        for group in picture.findall("s:g", space)
        if (box := group.find("s:rect", space)) is not None
    }
    assert widths["kernel"] == pytest.approx(0.8 * widths["<m>"])
    assert widths[GLUE] == pytest.approx(0.2 * widths["<m>"])


def test_a_model_is_profiled_by_layer() -> None:
    case = resolve("trformer-mhsa", {}, None)
    board = load_board("stm32f427")
    profiled = profile_case(
        case, board, backend("embedded"), load_toolchain("zig"), RunOptions(), 1, 4, lambda _: None
    )
    by_step = profiled.cycles.by_step()
    assert all(by_step[step] > 0 for step in range(len(profiled.layers)))
    (hot,) = profiled.hottest
    assert hot.block.cycles == max(block.cycles for block in profiled.cycles.blocks)
    assert len(profiled.lines) == 4
    assert profiled.lines[0].cycles >= profiled.lines[-1].cycles > 0
    assert all(line.text for line in profiled.lines)
    # The block's own instructions cost what its passes cost, but for the refill of a branch.
    once = hot.block.cycles / hot.block.count
    assert 0 <= once - sum(issued.cycles for issued in hot.code) <= 3


def test_the_command_saves_both_files(tmp_path: Path) -> None:
    svg, folded = tmp_path / "a.svg", tmp_path / "a.folded"
    arguments = ["profile", "trformer-mhsa", "--board", "stm32f746", "--blocks", "1"]
    assert execute([*arguments, "--svg", str(svg), "--folded", str(folded)]) == 0
    ET.fromstring(svg.read_text(encoding="utf-8"))
    assert folded.read_text(encoding="utf-8").startswith("trformer-mhsa;")


def test_a_screen_and_the_rest_by_all() -> None:
    """Two rows of cycles: one is shown, the other is counted with its share."""
    out = io.StringIO()
    Console(file=out, width=120).print(profile_table(PROFILED, 1))
    assert "1 more with 20.0% of the cycles: --all shows them." in out.getvalue()
    assert GLUE not in out.getvalue()
    whole = io.StringIO()
    Console(file=whole, width=120).print(profile_table(PROFILED, None))
    assert GLUE in whole.getvalue() and "more with" not in whole.getvalue()


@pytest.mark.parametrize(("most", "shown"), [(2, 2), (3, 3), (None, 3)])
def test_a_hot_block_shows_its_first_instructions(most: int | None, shown: int) -> None:
    code = tuple(IssuedInstruction(0x0800_0100 + 2 * at, f"nop{at}", at, 1) for at in range(3))
    profiled = replace(PROFILED, hottest=(HotBlock("first; [layer]", HOT, code),))
    out = io.StringIO()
    Console(file=out, width=120).print(profile_table(profiled, most))
    assert [f"nop{at}" in out.getvalue() for at in range(3)] == [at < shown for at in range(3)]
    assert ("1 more instructions: --all shows them." in out.getvalue()) == (shown < 3)
