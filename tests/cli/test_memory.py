"""`tinyrig memory`: tables, files and the exit code."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from cli.command import check_refusal, tinyrig


def test_words_picture_and_page_agree(tmp_path: Path) -> None:
    svg, html = tmp_path / "m.svg", tmp_path / "m.html"
    said = tinyrig("memory", "ecgformer-mhsa", "--svg", svg, "--html", html)
    assert said.code == 0, said.err
    size = re.search(r"arena ([\d,]+) bytes", said.out)
    assert size is not None
    assert f"{size[1]} bytes" in svg.read_text()
    assert f"{size[1]} bytes" in html.read_text()
    assert said.out.count("AGREE") == 2
    assert "DISAGREE" not in said.out
    ET.parse(svg)
    assert set(tmp_path.iterdir()) == {svg, html}


def test_files_come_out_the_same(tmp_path: Path, model: Path) -> None:
    for name in ("a", "b"):
        said = tinyrig("memory", model, "--svg", tmp_path / f"{name}.svg")
        assert said.code == 0, said.err
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_optimisations_can_be_switched(model: Path) -> None:
    for words, planner in (((), "optimal"), (("--opt", "none"), "none")):
        said = tinyrig("memory", model, *words)
        assert said.code == 0, said.out + said.err
        assert f"by planner {planner}" in said.out


def test_refusals(tmp_path: Path) -> None:
    missing = tmp_path / "no" / "m.svg"
    check_refusal(tinyrig("memory", "ecgformer-mhsa", "--svg", missing), 2, "Cannot write")
    check_refusal(tinyrig("memory", "ecgformer-mhsa", "--board", "z80"), 2, "Unknown board")
    check_refusal(tinyrig("memory", "ecgformer-mhsa", "--opt", "magic"), 2, "magic")
