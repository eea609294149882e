"""The heat map of a sweep: well formed, a cell a block in its place, coloured by the share."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cli.app import execute
from tinyrig.suite.report.heat_map import Block, HeatMap, heat_maps, sweep_maps
from tinyrig.suite.studies.kernels.bench import measure
from tinyrig.suite.studies.kernels.rows import sweep
from tinyrig.suite.toolchain.toolchain import load_toolchain

SVG = "{http://www.w3.org/2000/svg}"
BLOCKS = (
    Block(16, 16, 1_000, 10_000),
    Block(16, 64, 1_000, 2_000),
    Block(128, 16, 1_000, 1_250),
    Block(128, 64, 1_000, 1_000),
)


def cells(picture: str) -> dict[str, tuple[str, float, float]]:
    """Class, x and y of each block by its sizes."""
    found = {}
    for rect in ET.fromstring(picture).iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None and title.text is not None:
            place = float(rect.attrib["x"]), float(rect.attrib["y"])
            found[title.text.partition(": ")[0]] = (rect.attrib["class"], *place)
    return found


def test_cells_lie_by_size_and_are_coloured_by_their_share_of_the_limit() -> None:
    found = cells(heat_maps([HeatMap("a board", 1.0, BLOCKS)], "a caption"))
    small, wide = found["S = 16, E = P = 16"], found["S = 16, E = P = 64"]
    long, large = found["S = 128, E = P = 16"], found["S = 128, E = P = 64"]
    assert small[1] == long[1] < wide[1] == large[1]
    assert small[2] == wide[2] < long[2] == large[2]
    kinds = [one[0] for one in (small, wide, long, large)]
    assert kinds == ["cell h0", "cell h3", "cell h5", "cell h5"]


def test_figures_stand_in_the_cell_and_scale_with_the_limit() -> None:
    picture = heat_maps([HeatMap("M7", 0.5, BLOCKS[1:2])], "a caption")
    words = [text.text for text in ET.fromstring(picture).iter(f"{SVG}text")]
    assert {"a caption", "M7", "2 K", "0.50 MAC/cycle", "25%"} <= set(words)
    assert picture == heat_maps([HeatMap("M7", 0.5, BLOCKS[1:2])], "a caption")


def test_it_stands_alone_in_light_and_dark_and_escapes_titles() -> None:
    picture = heat_maps([HeatMap("<b>&", 1.0, BLOCKS)], "<i>")
    assert "prefers-color-scheme: dark" in picture
    assert "<b>" not in picture and "<i>" not in picture
    root = ET.fromstring(picture)
    assert not [node for node in root.iter() if any("href" in key for key in node.attrib)]


def test_maps_of_a_sweep_hold_its_modelled_cycles() -> None:
    rows = [row for row in sweep(1) if row.name == "mhsa-S16-E16-P16-H1"]
    found = list(measure(rows, load_board("stm32f427"), backend("embedded"), load_toolchain("zig")))
    (one,) = sweep_maps(found)
    assert one.title.startswith("stm32f427, H = 1: cortex-m4") and "+-5 %" in one.title
    assert one.blocks == (Block(16, 16, rows[0].work, found[0].cycles.total),)


def test_the_command_saves_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "heat.svg"
    words = ["bench", "kernels", "--board", "stm32f427", "--only", "S16-E16", "--svg", str(target)]
    assert execute([*words, "--sweep", "1", "--sweep", "2"]) == 0
    assert "mhsa-S16-E16-P16-H2" in capsys.readouterr().out
    titles = [text.text or "" for text in ET.parse(target).getroot().iter(f"{SVG}text")]
    assert sum("H = 1" in title or "H = 2" in title for title in titles) == 2
    assert execute(words) == 2
