"""`tinyrig sparsity --run`: a pruned network beside itself, dense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from heavy import HEAVY
from torch import nn
from typer.testing import CliRunner

import tinyrig.sparsity
from tinyrig.generator.graph.ops import Conv, Linear
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cli.app import application
from tinyrig.suite.models.case import resolve
from tinyrig.suite.models.from_torch import model_from_module
from tinyrig.suite.rig.run import RunOptions
from tinyrig.suite.studies.sparsity.both import run_both
from tinyrig.suite.toolchain.toolchain import load_toolchain


@pytest.fixture
def pruned(tmp_path: Path) -> Path:
    """An ONNX file of a small pruned network, with what to quantize it by beside it."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
    tinyrig.sparsity.prune(net, tinyrig.sparsity.Target(0.75, kind="balanced"))
    tinyrig.sparsity.finish(net)
    model = model_from_module(net, [torch.zeros(8, 64)])
    name = model.graph.input[0].name
    path = tmp_path / "pruned.onnx"
    path.write_bytes(model.SerializeToString())
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "samples.npz", **{name: rng.normal(size=(4, 8, 64)).astype(np.float32)})
    return path


def test_a_network_runs_sparse_and_dense(pruned: Path) -> None:
    model = [str(pruned), "--calibration", str(pruned.parent / "samples.npz")]
    model += ["--optimize", "flash"]
    done = CliRunner().invoke(application(), ["sparsity", *model, "--run"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    rows = [[cell.strip() for cell in line.split("│")] for line in done.output.splitlines()]
    sparse, dense = (
        next(row for row in rows if row[1:2] == [kind]) for kind in ("sparse", "dense")
    )
    flash, cycles = ([int(row[at].replace(",", "")) for row in (sparse, dense)] for at in (3, 5))
    assert flash[0] < flash[1]
    assert cycles[0] < cycles[1]
    assert sparse[-2] == dense[-2] == "match"
    # 64 rows of 4 blocks: values and distances, the place of the gaps, and one word at the end
    assert f"{64 * 4 * 5 + 8:,} bytes of sparse streams" in done.output
    assert "The same answers" in done.output
    run = CliRunner().invoke(application(), ["run", *model], env={"COLUMNS": "200"})
    assert f"{64 * 4 * 5 + 8:,} sparse4, 75% zero, balanced" in run.output


@pytest.mark.skipif(not HEAVY, reason="TINYRIG_HEAVY=1 boots tinyformer-1m sparse and dense")
def test_a_network_that_only_fits_its_flash_pruned() -> None:
    case, board = resolve("tinyformer-1m", {}), load_board("stm32f746")
    weights = [node.weight for node in case.graph.nodes if isinstance(node, Linear | Conv)]
    assert sum(weight.size for weight in weights) > board.flash.size
    assert np.mean(np.concatenate([weight.ravel() == 0 for weight in weights])) >= 0.6
    machine, tools = backend("embedded"), load_toolchain("zig")
    both = run_both(case, board, machine, tools, case.samples(1), RunOptions(), lambda _: None)
    assert both.proven
    assert both.sparse.memory.external_flash == 0
    assert both.dense.memory.external_flash > board.flash.size
    on_board = both.faster("modelled, board", "modelled, board")
    without_waits = both.faster("modelled", "modelled")
    against_no_wait = both.faster("modelled, board", "modelled")
    assert on_board is not None
    assert on_board >= 2.2
    assert without_waits is not None
    assert without_waits >= 1.0
    assert against_no_wait is not None
    assert against_no_wait >= 1.0
