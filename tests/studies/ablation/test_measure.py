"""What does not fit is told and not run; the waterfall is to scale."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from records.sample_record import CHECK, RECORD
from rich.console import Console
from studies.memory.plans import case

from tinyrig.generator.options import NONE
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.report.ablation_table import WATERFALL, ablation_table
from tinyrig.suite.report.waterfall import waterfall
from tinyrig.suite.rig.sizing import Needs
from tinyrig.suite.studies.ablation.measure import Bench, Row, measure
from tinyrig.suite.studies.ablation.variants import Variant
from tinyrig.suite.toolchain.toolchain import load_toolchain

SVG = "{http://www.w3.org/2000/svg}"


def row(group: str, label: str, arena: int) -> Row:
    needs = Needs(arena=arena, lower_bound=arena, planner="greedy", weights=0, tables=0)
    return Row(Variant(group, label, NONE), needs, None)  # type: ignore[arg-type]


def test_a_variant_that_does_not_fit_is_not_run() -> None:
    network = case("trformer")
    bench = Bench(
        network,
        load_board("netduinoplus2"),
        backend("embedded"),
        load_toolchain("zig"),
        network.samples(1),
    )
    (found,) = measure(bench, [Variant("none", "none", NONE)], lambda _: None)
    assert found.record is None
    assert found.arena > 128 * 1024
    assert (found.peak_ram, found.flash, found.instructions, found.cycles) == (None,) * 4
    console = Console(width=120)
    with console.capture() as capture:
        console.print(ablation_table([found], "t"))
    assert "does not fit" in capture.get()
    assert f"{found.arena:,}" in capture.get()


def test_a_screen_shows_the_way_from_nothing_to_all() -> None:
    groups = ("none", "alone", "added", "left out", "all")
    rows = [row(group, f"switch-{group}", 100) for group in groups]
    record = RECORD.model_copy(update={"check": CHECK.model_copy(update={"mismatches": 1})})
    wrong = replace(row("alone", "switch-wrong", 100), record=record)
    console = Console(width=160)
    with console.capture() as capture:
        console.print(ablation_table([*rows, wrong], "t", WATERFALL))
    text = capture.get()
    shown = [group for group in groups if f"switch-{group}" in text]
    assert shown == ["none", "added", "all"]
    assert "switch-wrong" in text, "a wrong answer is never left out"
    assert "2 more settings" in text


def test_waterfall_is_to_scale() -> None:
    rows = [
        row("none", "none", 1000),
        row("alone", "arena=greedy", 1),
        row("added", "arena=optimal", 600),
        row("added", "in-place", 700),
        row("left out", "no-in-place", 1),
        row("all", "all <&>", 700),
    ]
    picture = waterfall(rows, "title <&>")
    assert picture == waterfall([replace(r) for r in rows], "title <&>")
    root = ET.fromstring(picture)
    bars = [
        (r.attrib["class"], float(r.attrib["x"]), float(r.attrib["width"]))
        for r in root.iter(f"{SVG}rect")
    ]
    kinds, starts, widths = zip(*bars, strict=True)
    assert kinds == ("total", "less", "more", "total")
    unit = widths[0] / 1000
    assert widths == pytest.approx((1000 * unit, 400 * unit, 100 * unit, 700 * unit), abs=0.2)
    assert starts[1] - starts[0] == pytest.approx(600 * unit, abs=0.2)
    assert starts[2] == pytest.approx(starts[1], abs=0.2)
    assert starts[3] == starts[0]
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text == "arena, bytes: none 1000, arena=optimal 600, in-place 700, all <&> 700"
