"""MLPerf Tiny's networks: the published layers and counts, and norms folded as they were taken."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from tinyrig.generator.errors import InputError
from tinyrig.suite.models import load_zoo
from tinyrig.suite.models.entries import ENTRIES
from tinyrig.suite.models.normed import ConvNorm, DenseNorm, same_padding, settled
from tinyrig.suite.models.seeding import Weights

PUBLISHED_MACS = {
    "mlperf-ic": (12_501_632, 12.5e6),
    "mlperf-kws": (2_656_768, 2.66e6),
    "mlperf-vww": (7_489_664, 7.5e6),
    "mlperf-ad": (264_192, 0.264e6),
}
FIRST_PADS = {"mlperf-ic": [1, 1, 1, 1], "mlperf-kws": [4, 1, 5, 1], "mlperf-vww": [0, 0, 1, 1]}


@pytest.mark.parametrize("name", PUBLISHED_MACS)
def test_macs_are_the_published(name: str) -> None:
    pencil, published = PUBLISHED_MACS[name]
    assert load_zoo(name).macs == pencil
    assert pencil == pytest.approx(published, rel=0.002)


@pytest.mark.parametrize("name", FIRST_PADS)
def test_convolutions_pad_as_tensorflow_and_norms_are_in_the_weights(name: str) -> None:
    graph = load_zoo(name).float_model().graph
    operators = {node.op_type for node in graph.node}
    assert operators.isdisjoint({"Pad", "BatchNormalization"})
    first = next(node for node in graph.node if node.op_type == "Conv")
    pads = next(onnx.helper.get_attribute_value(a) for a in first.attribute if a.name == "pads")
    assert list(pads) == FIRST_PADS[name]


@pytest.mark.parametrize(
    ("extent", "kernel", "stride", "zeros"),
    [
        (96, 3, 2, (0, 1)),
        (96, 3, 1, (1, 1)),
        (49, 10, 2, (4, 5)),
        (10, 4, 2, (1, 1)),
        (5, 1, 2, (0, 0)),
    ],
)
def test_same_padding(extent: int, kernel: int, stride: int, zeros: tuple[int, int]) -> None:
    assert same_padding(extent, kernel, stride) == zeros


class _Both(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        weights = Weights(7)
        self.conv = ConvNorm(weights, (3, 5), (3, 3), (32, 32), stride=2)
        self.dense = DenseNorm(weights, 5 * 16 * 16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.dense(self.conv(x.permute(0, 3, 1, 2)).flatten(1))
        return out


def test_folded_weights_normalise_what_the_samples_show() -> None:
    """Before its ReLU a settled channel has the mean and deviation its norm gives it."""
    entry = ENTRIES["mlperf-ic"]({})
    gains = _Both().conv.norm
    assert isinstance(gains, nn.BatchNorm2d)
    network = settled(_Both(), entry)
    assert not any(isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d) for m in network.modules())
    samples, _ = entry.dataset(40, 3)
    inputs = torch.from_numpy(np.concatenate([sample["image"] for sample in samples]))
    network.conv.active = False
    with torch.no_grad():
        maps = network.conv(inputs.permute(0, 3, 1, 2))
    means, stds = maps.mean(dim=(0, 2, 3)), maps.std(dim=(0, 2, 3))
    torch.testing.assert_close(means, gains.bias.detach(), atol=5e-3, rtol=0)
    torch.testing.assert_close(stds, gains.weight.detach(), atol=5e-3, rtol=0)


def test_the_block_of_tinyformer_has_the_macs_of_the_pencil() -> None:
    places, channels, wide, embedding, hidden = 16 * 16, 32, 4 * 32, 44, 88
    local = places * channels * 9 * channels
    convolutions = (
        places * channels * 27
        + 2 * places * channels * wide
        + places * wide * 9
        + 2 * (local + places * channels * embedding)
    )
    attention = 4 * places * embedding**2 + 2 * places**2 * embedding
    model = load_zoo("tinyformer-block")
    assert model.macs == convolutions + attention + 2 * places * embedding * hidden
    with pytest.raises(InputError, match="fixed"):
        load_zoo("tinyformer-block", S=8)
