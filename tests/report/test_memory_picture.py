"""The lifetime picture: well formed, to scale, escaped, the same every time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from studies.memory.plans import arena_of, plan_of

from tinyrig.generator.options import ALL, NONE, Options
from tinyrig.suite.report.memory_page import memory_page
from tinyrig.suite.report.memory_picture import memory_picture
from tinyrig.suite.rig.arena_map import KINDS, ArenaMap, Block, Loop

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("&")</script>'

SMALL = ArenaMap(
    model=HOSTILE,
    board="stm32f746",
    planner="greedy",
    size=96,
    lower_bound=96,
    steps=("first", HOSTILE, "third"),
    blocks=(
        Block("x", "input", 0, 30, 32, 0, 1),
        Block(HOSTILE, "activation", 32, 64, 64, 1, 2),
        Block("scratch.0", "scratch", 32, 16, 16, 0, 0),
    ),
    loops=(Loop(0, 2, 4, 0), Loop(1, 1, 7, 1)),
)


def rectangles(picture: str) -> dict[str, tuple[str, float, float, float, float]]:
    """Kind, x, y, width and height of each buffer, by what its tooltip begins with."""
    found = {}
    for rect in ET.fromstring(picture).iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None and title.text is not None:
            numbers = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
            kind = rect.attrib["class"].removeprefix("block ")
            found[title.text.partition(": ")[0]] = (kind, *numbers)
    return found  # type: ignore[return-value]


def test_rectangles_are_to_scale() -> None:
    found = rectangles(memory_picture(SMALL))
    x, tail, scratch = found["x"], found[HOSTILE], found["scratch.0"]
    assert (x[0], tail[0], scratch[0]) == ("input", "activation", "scratch")
    step = scratch[3]
    assert x[3] == tail[3] == pytest.approx(2 * step, abs=0.02)
    assert tail[1] == pytest.approx(x[1] + step, abs=0.02)
    byte = tail[4] / 64
    assert x[4] == pytest.approx(32 * byte, abs=0.02)
    assert x[2] == pytest.approx(tail[2] + tail[4], abs=0.02), "addresses go up"
    assert scratch[2] + scratch[4] == pytest.approx(x[2], abs=0.02)


def test_peak_is_the_fullest_step() -> None:
    assert [SMALL.used(step) for step in range(3)] == [48, 96, 64]
    assert SMALL.peak_step == 1
    root = ET.fromstring(memory_picture(SMALL))
    (peak,) = [r for r in root.iter(f"{SVG}rect") if r.attrib["class"] == "peak"]
    found = rectangles(memory_picture(SMALL))
    assert float(peak.attrib["x"]) == found[HOSTILE][1]
    assert "peak 96" in [text.text for text in root.iter(f"{SVG}text")]


def test_what_is_written_over_counts_once() -> None:
    over = replace(SMALL, blocks=(*SMALL.blocks, Block("y", "output", 16, 32, 32, 1, 2)))
    assert over.used(1) == 96


def test_loops_have_brackets() -> None:
    root = ET.fromstring(memory_picture(SMALL))
    assert len([p for p in root.iter(f"{SVG}path") if p.attrib["class"] == "loop"]) == 2
    assert {"x 4", "x 7"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_reads_aloud_and_in_the_dark() -> None:
    picture = memory_picture(SMALL)
    root = ET.fromstring(picture)
    assert root.attrib["role"] == "img"
    titles = {root.find(f"{SVG}{tag}").attrib["id"] for tag in ("title", "desc")}  # type: ignore[union-attr]
    assert set(root.attrib["aria-labelledby"].split()) == titles
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text is not None
    assert "96 bytes" in described.text
    assert "prefers-color-scheme: dark" in picture
    assert all(picture.count(f".{kind} {{ fill:") == 2 for kind in KINDS)


def test_names_are_escaped() -> None:
    for text in (memory_picture(SMALL), memory_page(SMALL, ())):
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("options", [ALL, NONE])
def test_pictures_of_a_model(options: Options) -> None:
    arena = arena_of(options=options)
    picture = memory_picture(arena)
    assert picture == memory_picture(arena_of(options=options))
    assert len(rectangles(picture)) == len(arena.blocks) == len(plan_of(options=options).buffers)
    assert max(arena.used(step) for step in range(len(arena.steps))) <= arena.size
    for box in rectangles(picture).values():
        assert min(box[1:]) >= 0
