"""`tinyrig.sparsity`: masks of blocks that optimizers and export keep."""

from __future__ import annotations

import numpy as np
import onnx.numpy_helper
import pytest
import torch
from torch import nn

import tinyrig
from tinyrig import sparsity
from tinyrig.suite.models.from_torch import model_from_module


class _Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 12, 3, padding=1)
        self.depthwise = nn.Conv2d(12, 12, 3, padding=1, groups=12)
        self.head = nn.Linear(12, 20)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.depthwise(self.conv(x).relu())
        found: torch.Tensor = self.head(hidden.mean(dim=(2, 3)))
        return found


def _net() -> _Net:
    torch.manual_seed(1)
    return _Net()


def _rows(weight: torch.Tensor) -> np.ndarray:
    last = weight.detach().permute(0, 2, 3, 1) if weight.ndim == 4 else weight.detach()
    return last.reshape(len(weight), -1).numpy()


def test_blocks_of_linear_and_convolution() -> None:
    net = _net()
    sparsity.prune(net, 0.5)
    assert sparsity.sparsities(net) == pytest.approx({"conv": 0.5, "head": 0.5}, abs=0.02)
    for layer in (net.conv, net.head):
        blocks = (_rows(layer.weight) != 0).reshape(len(layer.weight), -1, 4)
        assert (blocks.all(axis=2) | ~blocks.any(axis=2)).all()
    assert (net.depthwise.weight != 0).all()


def test_targets_by_name_and_shared_blocks() -> None:
    net = _net()
    sparsity.prune(net, {"conv": sparsity.Target(0.75, "2x4", "balanced")})
    blocks = (_rows(net.conv.weight) != 0).reshape(6, 2, -1, 4).any(axis=(1, 3))
    assert (blocks.sum(axis=1) == round(0.25 * blocks.shape[1])).all()
    assert sparsity.sparsities(net)["head"] == 0.0


def test_blocks_along_a_kernel() -> None:
    """The paper's of 3, which `--opt sparse=3` stores; the answer is the dense layer's."""
    net = _net()
    sparsity.prune(net, {"conv": sparsity.Target(0.75, "3", "balanced")})
    blocks = net.conv.weight.detach().numpy() != 0
    assert (blocks.all(axis=3) == blocks.any(axis=3)).all()
    assert (blocks.any(axis=3).sum(axis=(1, 2)) == 6).all()
    sparsity.finish(net)
    example = torch.randn(1, 8, 5, 5)
    done = tinyrig.run(net, example=example, board="stm32f427", opt=["sparse=3"])
    (layer,) = (one for one in done.record.layers if "sparse3" in one.kernel)
    assert layer.weights is not None
    assert layer.weights.bytes == 4 + 12 * 6 * 4 + 4
    assert done.record.check.verdict == "match"


def test_masks_survive_the_optimizer_and_export() -> None:
    net = _net()
    sparsity.prune(net, 0.5)
    kept = {name: mask.clone() for name, mask in sparsity.masks(net).items()}
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        net(torch.randn(2, 8, 4, 4)).square().mean().backward()
        optimizer.step()
    model = model_from_module(net, [torch.randn(1, 8, 4, 4)])
    sparsity.finish(net)
    for name, mask in kept.items():
        weight = net.get_parameter(name)
        assert ((weight != 0) == mask.bool()).all()
    stored = [onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    for layer in (net.conv, net.head):
        ours = layer.weight.detach().numpy()
        assert any(
            one.shape in (ours.shape, ours.T.shape)
            and (np.array_equal(one, ours) or np.array_equal(one, ours.T))
            for one in stored
        )


def test_gradual_pruning_reaches_its_target() -> None:
    net = _net()
    gradual = sparsity.Gradual(net, {"head": 0.8}, steps=10, begin=2, every=3)
    seen = []
    for _ in range(13):
        gradual.step()
        seen.append(sparsity.sparsities(net)["head"])
    assert seen[:3] == [0.0, 0.0, 0.0]
    assert seen == sorted(seen)
    assert 0.5 < seen[5] < 0.8
    assert seen[-1] == pytest.approx(0.8)


def test_masks_on_a_state() -> None:
    net, other = _net(), _net()
    sparsity.prune(net, 0.5)
    state = sparsity.apply_masks(other.state_dict(), sparsity.masks(net))
    other.load_state_dict(state)
    assert sparsity.sparsities(other) == sparsity.sparsities(net)
    with pytest.raises(tinyrig.InputError, match=r"has no 'conv\.weight'"):
        sparsity.apply_masks({}, sparsity.masks(net))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (1.5, "between 0 and 1"),
        (None, "between 0 and 1"),
        ({"depthwise": 0.5}, "'depthwise'"),
        ({"none": 0.5}, "'none'"),
    ],
)
def test_what_cannot_be_pruned(target: float, words: str) -> None:
    with pytest.raises(tinyrig.InputError, match=words):
        sparsity.prune(_net(), target)
    with pytest.raises(tinyrig.InputError, match="not 'smallest'"):
        sparsity.Target(0.5, kind="smallest")  # type: ignore[arg-type]
    with pytest.raises(tinyrig.InputError, match="not of '5'"):
        sparsity.Target(0.5, "5")
    with pytest.raises(tinyrig.InputError, match="kernels of so many columns"):
        sparsity.prune(_net(), {"head": sparsity.Target(0.5, "3")})


def test_statistics_are_made_anew() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))
    sparsity.prune(net, 0.5)
    batches = [torch.randn(16, 4) + 3 for _ in range(4)]
    net[1].eval()
    sparsity.reestimate(net, batches)
    with torch.no_grad():
        seen = torch.stack([net[0](batch).mean(dim=0) for batch in batches]).mean(dim=0)
    torch.testing.assert_close(net[1].running_mean, seen)
    assert [one.training for one in net] == [True, False, True]
    assert net[1].momentum == 0.1
