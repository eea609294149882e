"""What boots a board's firmware when no backend is named."""

import os
from pathlib import Path

import pytest

from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.backends.registry import default_backend
from tinyrig.suite.cli.app import execute


def test_every_board_but_the_clusters_boots_in_this_process() -> None:
    found = {name: default_backend(load_board(name)) for name in board_names()}
    clusters = {name for name in found if load_board(name).cluster}
    assert clusters == {"gap9", "siracusa"}
    assert {found.pop(name) for name in clusters} == {"gvsoc"}
    assert set(found.values()) == {"embedded"}


def test_a_cluster_without_its_simulator_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("GVSOC_INSTALL_DIR", raising=False)
    assert execute(["run", "tinyvit-digits", "--board", "gap9"]) == 5
    assert "GVSoC is neither in GVSOC_INSTALL_DIR nor on PATH" in capsys.readouterr().err
