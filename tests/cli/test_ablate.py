"""`tinyrig ablate`: one command, every switch, no wrong byte."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig

from tinyrig.generator.options import parse_options
from tinyrig.suite.cli import ablate as command
from tinyrig.suite.studies.ablation.variants import variants


def test_every_variant_is_run_and_right(tmp_path: Path, model: Path) -> None:
    table, chart = tmp_path / "a.csv", tmp_path / "a.svg"
    said = tinyrig("ablate", model, "--board", "stm32f427", "--csv", table, "--svg", chart)
    assert said.code == 0, said.err
    rows = list(csv.DictReader(table.read_text().splitlines()))
    # The model comes quantized, so what rewrites a float model is not among the rows.
    runs = [v for v in variants() if v.label not in ("fused-weights=always", "low-rank=0.5")]
    assert [(r["group"], r["switch"]) for r in rows] == [(v.group, v.label) for v in runs]
    for found, variant in zip(rows, runs, strict=True):
        words = found["options"].split()
        on = [word for word in words if not word.startswith("no-")]
        off = [word.removeprefix("no-") for word in words if word.startswith("no-")]
        assert parse_options(on, off) == variant.options
        assert found["mismatches"] == "0"
        assert int(found["lower_bound"]) <= int(found["arena"]) < int(found["peak_ram"])
        assert int(found["instructions"]) > 0
    title = ET.parse(chart).getroot().find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "model on stm32f427: what each optimisation is worth"
    assert "Published" not in said.out


def test_papers_figures_stand_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [variant for variant in variants() if variant.group in ("none", "all")]
    monkeypatch.setattr(command, "variants", lambda: ends)
    said = tinyrig("ablate", "ecgformer-mhsa")
    assert said.code == 0, said.err
    assert "Published beside ours" in said.out
    for figure in ("39 KB", "6.3 KB", "38.5 KB"):
        assert figure in said.out
    assert said.out.count("0 of 1,056") == 2


def test_refusals(tmp_path: Path) -> None:
    missing = tmp_path / "no" / "a.csv"
    check_refusal(tinyrig("ablate", "ecgformer-mhsa", "--csv", missing), 2, "Cannot write")
    check_refusal(tinyrig("ablate", "ecgformer-mhsa", "--board", "z80"), 2, "Unknown board")
