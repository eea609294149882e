"""Channels that pruning killed: the same function without them, and an int8 form as good."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from torch import nn
from torch.nn import functional

from tinyrig.generator.frontends.source import Source
from tinyrig.generator.frontends.writer import model_of
from tinyrig.suite.models import digits
from tinyrig.suite.models.floating import float_source
from tinyrig.suite.models.from_torch import model_from_module
from tinyrig.suite.models.killed_channels import without_killed_channels
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.sessions import float_session

_CONSTANT = 400.0
"""Far beyond what the living channels reach."""


class _Net(nn.Module):
    """Convolutions with a pointwise, an unpadded depthwise and a padded depthwise among them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 12, 3, padding=1)
        self.narrow = nn.Conv2d(12, 16, 1)
        self.depthwise = nn.Conv2d(16, 16, 3, groups=16)
        self.wide = nn.Conv2d(16, 24, 1)
        self.padded = nn.Conv2d(24, 24, 3, padding=1, groups=24)
        self.last = nn.Conv2d(24, 16, 1)
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.narrow(functional.relu(self.first(x))))
        x = functional.relu(self.wide(self.depthwise(x)))
        x = functional.relu(self.last(self.padded(x)))
        found: torch.Tensor = self.head(x.mean(dim=(2, 3)))
        return found


@torch.no_grad()
def _kill(net: _Net) -> None:
    """Make channels constant, some of them far from the others' values."""
    for layer, channels, constants in (
        (net.first, [1, 7], [_CONSTANT, -3.0]),
        (net.narrow, [0, 5, 9], [_CONSTANT, -3.0, 0.5]),
        (net.wide, [4, 11], [-1.0, 0.25]),
        (net.last, [2, 3], [_CONSTANT, -3.0]),
    ):
        layer.weight[channels] = 0.0
        assert layer.bias is not None
        layer.bias[channels] = torch.tensor(constants)
    net.narrow.weight[:, [1, 7]] = 1e-3
    net.depthwise.weight[[0, 5, 9]] = 1e-3
    net.head.weight[:, [2, 3]] = 1e-3


@pytest.fixture(scope="module")
def killed() -> onnx.ModelProto:
    """A network that learned the digits with dead channels in it."""
    torch.manual_seed(3)
    images, labels = (torch.from_numpy(part) for part in digits.training())
    images = images[:, 0]
    net = _Net()
    _kill(net)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        order = torch.randperm(len(labels))
        for batch in order.split(100):
            optimizer.zero_grad()
            functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
            _kill(net)
    return model_from_module(net, [torch.zeros(1, 1, 8, 8)])


class _Residual(nn.Module):
    """Two inverted residuals: a channel dead in all that is added, and others in some."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3)
        self.up = nn.ModuleList(nn.Conv2d(8, 12, 1) for _ in range(2))
        self.spatial = nn.ModuleList(nn.Conv2d(12, 12, 3, padding=1, groups=12) for _ in range(2))
        self.down = nn.ModuleList(nn.Conv2d(12, 8, 1) for _ in range(2))
        self.head = nn.Linear(8, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for up, spatial, down in zip(self.up, self.spatial, self.down, strict=True):
            x = x + functional.relu(down(functional.relu(spatial(functional.relu(up(x))))))
        found: torch.Tensor = self.head(x.mean(dim=(2, 3)))
        return found


@torch.no_grad()
def _with_dead(net: _Residual, layer: nn.Module, channel: int, constant: float) -> None:
    assert isinstance(layer, nn.Conv2d)
    assert layer.bias is not None
    layer.weight[channel] = 0.0
    layer.bias[channel] = constant


def _channels_of(source: Source) -> list[int]:
    return [source.values[node.outputs[0]].shape[1] for node in source.nodes if node.op == "Conv"]


def _same_function(source: Source, folded: Source) -> None:
    x = np.random.default_rng(1).random((1, 1, 8, 8)).astype(np.float32)
    before, after = (
        float_session(model_of(one)).run(None, {one.inputs[0]: x}) for one in (source, folded)
    )
    for old, new in zip(before, after, strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-3, atol=1e-3)


def test_a_channel_that_is_constant_in_all_that_a_residual_adds_goes() -> None:
    torch.manual_seed(4)
    net = _Residual()
    for layer, constant in ((net.stem, 3.0), (net.down[0], _CONSTANT), (net.down[1], -2.0)):
        _with_dead(net, layer, 5, constant)
    _with_dead(net, net.stem, 2, 1.0)  # but the branches add to it
    source = float_source(model_from_module(net, [torch.zeros(1, 1, 8, 8)]))
    folded = without_killed_channels(source)
    assert _channels_of(folded) == [7, 12, 12, 7, 12, 12, 7]
    _same_function(source, folded)


def test_a_constant_moves_behind_the_residual_that_adds_it() -> None:
    torch.manual_seed(5)
    net = _Residual()
    _with_dead(net, net.down[0], 5, _CONSTANT)
    _with_dead(net, net.down[1], 1, -7.0)
    source = float_source(model_from_module(net, [torch.zeros(1, 1, 8, 8)]))
    folded = without_killed_channels(source)
    assert _channels_of(folded) == [8, 12, 12, 8, 12, 12, 8]
    layers = [node for node in folded.nodes if node.op == "Conv"]
    bias = folded.values[layers[3].inputs[2]].data
    assert bias is not None
    assert bias[5] == 0.0
    _same_function(source, folded)


@pytest.mark.parametrize(("constant", "kept"), [(3.0, 6), (-3.0, 5)])
def test_a_constant_stays_before_a_padded_layer_unless_it_is_zero(
    constant: float, kept: int
) -> None:
    """A padded convolution sees zeros around the image, which only an activation of 0 is."""
    torch.manual_seed(6)
    first = nn.Conv2d(1, 6, 1)
    net = nn.Sequential(first, nn.ReLU(), nn.Conv2d(6, 4, 3, padding=1), nn.Flatten())
    with torch.no_grad():
        first.weight[2] = 0.0
        first.bias[2] = constant
    source = float_source(model_from_module(net, [torch.zeros(1, 1, 8, 8)]))
    folded = without_killed_channels(source)
    assert _channels_of(folded) == [kept, 4]
    _same_function(source, folded)


class _Shown(_Residual):
    """What the first branch gives is an output too."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # type: ignore[override]
        x = self.stem(x)
        branch = self.down[0](functional.relu(self.up[0](x)))
        found: torch.Tensor = self.head((x + branch).mean(dim=(2, 3)))
        return found, branch


def test_a_constant_that_is_shown_stays() -> None:
    torch.manual_seed(7)
    net = _Shown()
    _with_dead(net, net.down[0], 5, _CONSTANT)
    source = float_source(model_from_module(net, [torch.zeros(1, 1, 8, 8)]))
    _same_function(source, without_killed_channels(source))


@pytest.mark.parametrize("kernel", [1, 3])
def test_a_constant_stays_where_a_padded_layer_reads_the_sum(kernel: int) -> None:
    torch.manual_seed(6)
    net = _Residual()
    net.up[1] = nn.Conv2d(8, 12, kernel, padding=kernel // 2)
    _with_dead(net, net.down[0], 5, _CONSTANT)
    source = float_source(model_from_module(net, [torch.zeros(1, 1, 8, 8)]))
    folded = without_killed_channels(source)
    layers = [node for node in folded.nodes if node.op == "Conv"]
    bias = folded.values[layers[3].inputs[2]].data
    assert bias is not None
    assert (bias[5] == 0.0) == (kernel == 1)
    _same_function(source, folded)


def _right(model: onnx.ModelProto) -> float:
    images, labels = map(np.concatenate, zip(digits.heldout(), digits.training(), strict=True))
    session = float_session(model)
    (name,) = [one.name for one in session.get_inputs()]
    found = [session.run(None, {name: image})[0].argmax() for image in images]
    return float(np.mean(np.array(found) == labels))


def test_the_function_stays_and_the_channels_go(killed: onnx.ModelProto) -> None:
    source = float_source(killed)
    folded = without_killed_channels(source)
    left = {node.name: folded.values[node.outputs[0]].shape[1] for node in folded.nodes}
    widths = [left[node.name] for node in folded.nodes if node.op == "Conv"]
    # of the padded depthwise's channels, that of a negative constant went, the other stayed
    assert widths == [10, 13, 13, 23, 23, 14]
    _same_function(source, folded)


def test_eight_bits_lose_no_more_than_a_point(killed: onnx.ModelProto) -> None:
    name = killed.graph.input[0].name
    images, _ = digits.training()
    quantized = quantize_static(killed, [{name: image} for image in images[:64]])
    sharp = _right(killed)
    assert sharp > 0.85
    assert _right(quantized) >= sharp - 0.01
