"""The frontier of a model: booted, proven, as table, CSV and picture."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli.command import tinyrig

from tinyrig.suite.report.pareto_picture import Other, Spot, pareto_picture
from tinyrig.suite.report.time_words import three_digits

_SVG = "{http://www.w3.org/2000/svg}"
SPOTS = [
    Spot(1_000_000, 40_000, 90_000, True, "whole"),
    Spot(2_000_000, 10_000, 45_000, False, "heads=3 <&>"),
]
OTHERS = [Other("theirs", cycles=3_000_000), Other("their RAM", ram=80_000)]


def test_every_point_is_proven_and_none_beats_another(tmp_path: Path) -> None:
    table, picture = tmp_path / "found.csv", tmp_path / "found.svg"
    found = tinyrig(
        "pareto", "ecgformer-mhsa", "--board", "stm32f427", "--points", "3",
        "--csv", str(table), "--svg", str(picture),
    )  # fmt: skip
    assert found.code == 0, found.err
    with table.open() as stream:
        rows = list(csv.DictReader(stream))
    assert 2 <= len(rows) <= 3  # one that its code makes larger than a faster plan is left out
    assert all(row["matches"] == "True" for row in rows)
    figures = [tuple(int(row[name]) for name in ("cycles", "arena", "flash")) for row in rows]
    assert figures == sorted(figures)
    for one in figures:
        assert re.search(rf"{one[0]:,} +│ +{three_digits(one[0] / 180e3)} ", found.out)
        assert not any(
            other != one and all(a <= b for a, b in zip(other, one, strict=True))
            for other in figures
        )
    text = picture.read_text()
    assert len(ElementTree.fromstring(text).findall(f".//{_SVG}circle")) == len(rows)
    assert "FWSA" in text or "MHSA" in text


def test_a_picture_puts_fewer_cycles_left_and_less_ram_below() -> None:
    root = ElementTree.fromstring(pareto_picture(SPOTS, OTHERS, "title"))
    first, second = root.findall(f".//{_SVG}circle")
    assert float(first.attrib["cx"]) < float(second.attrib["cx"])
    assert float(first.attrib["cy"]) < float(second.attrib["cy"])
    assert float(first.attrib["r"]) > float(second.attrib["r"])
    assert "bad" in second.attrib["class"]
    lines = [one for one in root.findall(f".//{_SVG}line") if one.attrib["class"] == "other"]
    upright, across = lines
    assert upright.attrib["x1"] == upright.attrib["x2"]
    assert float(upright.attrib["x1"]) > float(second.attrib["cx"])
    assert across.attrib["y1"] == across.attrib["y2"]
    assert float(across.attrib["y1"]) < float(first.attrib["cy"])


def test_a_picture_is_the_same_every_time_and_escapes() -> None:
    text = pareto_picture(SPOTS, OTHERS, "<title>")
    assert text == pareto_picture(SPOTS, OTHERS, "<title>")
    assert "<&>" not in text


@pytest.mark.parametrize("spots", [SPOTS[:1], [SPOTS[0], SPOTS[0]]])
def test_a_picture_of_one_point_is_one(spots: list[Spot]) -> None:
    root = ElementTree.fromstring(pareto_picture(spots, [], "title"))
    assert len(root.findall(f".//{_SVG}circle")) == len(spots)


@pytest.mark.parametrize("ends", [(5_481_638, 6_565_918), (19_544, 43_192), (1, 10**9), (7, 8)])
def test_an_axis_has_numbers_however_short(ends: tuple[int, int]) -> None:
    few, many = ends
    spots = [Spot(few, many, 10, True, "a"), Spot(many, few, 20, True, "b")]
    root = ElementTree.fromstring(pareto_picture(spots, [], "title"))
    grid = [one for one in root.findall(f".//{_SVG}line") if one.attrib["class"] == "grid"]
    upright = [one for one in grid if one.attrib["x1"] == one.attrib["x2"]]
    assert 2 <= len(upright) <= 30 and 2 <= len(grid) - len(upright) <= 30
    assert "flash, 10 to 20 bytes" in pareto_picture(spots, [], "title")


def test_a_limit_that_cannot_be_kept_is_named() -> None:
    found = tinyrig(
        "run", "ecgformer-mhsa", "--board", "stm32f427", "--optimize", "ram", "--max-ram", "100"
    )
    assert found.code == 3
    assert "keeps --max-ram 100" in found.err


def test_an_unknown_goal_is_told_with_the_known_ones() -> None:
    found = tinyrig("run", "ecgformer-mhsa", "--optimize", "speed")
    assert found.code == 2
    assert "balanced" in found.err
