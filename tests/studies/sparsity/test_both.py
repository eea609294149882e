"""`tinyrig sparsity --run`: a pruned network beside itself, dense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

import tinyrig.sparsity
from tinyrig.suite.cli.app import app
from tinyrig.suite.models.from_torch import model_from_module


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
    words = ["sparsity", str(pruned), "--calibration", str(pruned.parent / "samples.npz"), "--run"]
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
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
