"""Kept figures of CMSIS-NN: when they hold, what is said when not, and that they are right."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cli.app import execute
from tinyrig.suite.cycles.tables import load_timing
from tinyrig.suite.studies.kernels.bench import measure
from tinyrig.suite.studies.kernels.cmsis_nn.checkout import open_checkout
from tinyrig.suite.studies.kernels.cmsis_nn.kept import (
    Conditions,
    KeptPeers,
    kept_for,
    kept_of,
    load_kept,
    save_kept,
)
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Peer, PeerBench
from tinyrig.suite.studies.kernels.rows import rows
from tinyrig.suite.toolchain.toolchain import load_toolchain

WHERE = os.environ.get("CMSIS_NN_PATH")
BOARDS = ("stm32f427", "stm32h743")
HERE = Conditions("stm32f427", "cortex-m4 v1", "zig 1.0")
ROWS = {"add": Peer("arm_add", 1200, 1), 'a "row"': Peer("arm_row", 5, 0)}
KEPT = KeptPeers(HERE, "9.9 abc", ROWS)


def now(board: str) -> Conditions:
    timing = load_timing(load_board(board).core)
    tools = load_toolchain("zig")
    return Conditions(board, f"{timing.name} v{timing.version}", f"{tools.name} {tools.version}")


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "figures.toml"
    assert load_kept(path) == []
    other = replace(KEPT, conditions=replace(HERE, board="stm32h743"))
    save_kept([KEPT, other], path)
    assert load_kept(path) == [KEPT, other]


def test_new_figures_replace_those_of_their_board_and_compiler(tmp_path: Path) -> None:
    path = tmp_path / "figures.toml"
    gcc = replace(KEPT, conditions=replace(HERE, toolchain="gcc 12.2"))
    newer = KeptPeers(Conditions("stm32f427", "cortex-m4 v2", "zig 1.1"), "10 def", {})
    save_kept([KEPT, gcc], path)
    save_kept([newer], path)
    assert load_kept(path) == [gcc, newer]


@pytest.mark.parametrize(
    "changed",
    [{"toolchain": "zig 1.1"}, {"toolchain": "gcc 1.0"}, {"model": "cortex-m4 v2"}],
    ids=str,
)
def test_figures_of_other_conditions_are_not_used_and_it_is_said(changed: dict[str, str]) -> None:
    wanted = replace(HERE, **changed)
    found, note = kept_for(wanted, ["add"], [KEPT])
    assert found is None
    assert "cortex-m4 v1 and zig 1.0" in note
    assert f"{wanted.model} and {wanted.toolchain}" in note
    assert "--save" in note


def test_rows_and_boards_without_figures_are_named() -> None:
    assert kept_for(HERE, ["add"], [KEPT]) == (KEPT, "")
    found, note = kept_for(HERE, ["add", "conv", "mul"], [KEPT])
    assert found == KEPT and "none is kept for conv, mul" in note
    found, note = kept_for(replace(HERE, board="other"), ["add"], [KEPT])
    assert found is None and "none are kept" in note
    assert kept_for(replace(HERE, board="other"), [], [KEPT]) == (None, "")


def test_a_broken_file_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "figures.toml"
    path.write_text('[[figures]]\nboard = "b"\n')
    with pytest.raises(InputError, match="no file of CMSIS-NN's figures"):
        load_kept(path)


@pytest.mark.parametrize("board", BOARDS)
def test_every_row_to_beat_has_a_figure_that_holds_today(board: str) -> None:
    names = [row.name for row in rows() if row.fewer is not None]
    found, note = kept_for(now(board), names, load_kept())
    assert note == ""
    assert found is not None and len(found.rows) > len(names)


def test_without_a_checkout_rows_have_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["bench", "kernels", "--board", "stm32f427", "--only", "mean"]) == 0
    printed = capsys.readouterr().out
    (kept,) = (peers for peers in load_kept() if peers.conditions == now("stm32f427"))
    assert f"beside CMSIS-NN {kept.version}" in " ".join(printed.split())
    assert f"{kept.rows['mean 64x32'].cycles:,}" in printed
    assert "x to ours" in printed and "met" in printed and "0 of 1 targets missed" in printed


def test_a_board_without_figures_has_no_verdict_and_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["bench", "kernels", "--board", "stm32f746", "--only", "mean"]) == 0
    printed = capsys.readouterr().out
    assert "0 of 0 targets missed" in printed
    assert "stm32f746: figures of CMSIS-NN are missing" in printed


def test_only_whole_comparisons_are_saved(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["bench", "kernels", "--save"]) != 0
    assert "--against cmsis-nn" in capsys.readouterr().err


@pytest.mark.skipif(
    WHERE is None,
    reason="CMSIS_NN_PATH names no checkout: git clone https://github.com/ARM-software/CMSIS-NN",
)
@pytest.mark.parametrize("board", BOARDS)
def test_kept_figures_are_what_the_library_takes(board: str) -> None:
    (kept,) = (peers for peers in load_kept() if peers.conditions == now(board))
    checkout = open_checkout(Path(str(WHERE)))
    if checkout.version != kept.version:
        pytest.skip(f"the figures are of {kept.version}, CMSIS_NN_PATH has {checkout.version}")
    target, tools = load_board(board), load_toolchain("zig")
    bench = PeerBench(checkout, target, backend("embedded"), tools)
    measurable = [row for row in rows() if not row.whole and not row.functions]
    assert kept_of(measure(measurable, target, bench.backend, tools, bench)) == [kept]
