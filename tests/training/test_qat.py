"""Quantization-aware training: where quantizers stand, and that what is exported runs as it is."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import math
from collections import Counter

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import tinyrig
from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference

if importlib.util.find_spec("torchao") is None:
    pytest.skip("pip install 'tinyrig[qat]'", allow_module_level=True)

EXAMPLES = 3


@pytest.fixture(autouse=True)
def torchao() -> None:
    """Loaded by whoever runs these tests: it takes seconds, and others collect them too."""
    importlib.import_module("tinyrig.qat")


class Cnn(nn.Module):
    """Residual, depthwise, pooled: every convolution but one has a BatchNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm1 = nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.deep, self.norm2 = nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.BatchNorm2d(4)
        self.point, self.norm3 = nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4)
        self.side = nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm1(self.stem(x)))
        x = torch.relu(x + self.norm3(self.point(functional.relu6(self.norm2(self.deep(x))))))
        x = functional.max_pool2d(x, 2)
        both = torch.cat([x, functional.hardswish(self.side(x))], dim=1)
        found: Tensor = self.head(functional.adaptive_avg_pool2d(both, 1).flatten(1))
        return found


class Block(nn.Module):
    """Patches, one encoder block of two heads, a head over the tokens' mean."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self.whole = whole
        self.patches, self.position = nn.Conv2d(1, 8, 2, stride=2), nn.Parameter(torch.randn(16, 8))
        self.norm1, self.norm2 = nn.LayerNorm(8), nn.LayerNorm(8)
        self.q, self.k, self.v, self.out = (nn.Linear(8, 8) for _ in range(4))
        self.up, self.down, self.head = nn.Linear(8, 16), nn.Linear(16, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.position
        x = x + self._attend(self.norm1(x))
        x = x + self.down(functional.gelu(self.up(self.norm2(x))))
        found: Tensor = self.head(x.mean(dim=1))
        return found

    def _attend(self, x: Tensor) -> Tensor:
        q, k, v = (
            f(x).reshape(x.shape[0], 16, 2, 4).permute(0, 2, 1, 3) for f in (self.q, self.k, self.v)
        )
        if self.whole:
            heads = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            heads = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(4), dim=-1) @ v
        found: Tensor = self.out(heads.permute(0, 2, 1, 3).reshape(x.shape[0], 16, 8))
        return found


def trained(net: nn.Module, x: Tensor) -> tuple[Tensor, torch.fx.GraphModule]:
    """Return what a network with fake quantization answers after steps, and what it becomes."""
    prepared = tinyrig.qat.prepare(net, x[:1])
    optimizer = torch.optim.SGD(prepared.parameters(), 0.05)
    prepared.train()
    for _ in range(3):
        optimizer.zero_grad()
        torch.autograd.backward(prepared(x).square().mean())
        optimizer.step()
    prepared.eval()
    return prepared(x).detach(), tinyrig.qat.convert(prepared)


def bias_steps(model: onnx.ModelProto) -> np.ndarray:
    """Return the bias of the last Gemm in steps of its accumulator."""
    held = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    writer = {node.output[0]: node for node in model.graph.node}
    gemm = [node for node in model.graph.node if node.op_type == "Gemm"][-1]
    data = writer[gemm.input[0]]
    while data.op_type != "DequantizeLinear":
        data = writer[data.input[0]]
    step = held[data.input[1]].astype(np.float64) * held[writer[gemm.input[1]].input[1]]
    return held[gemm.input[2]] / step


def steps_off(model: onnx.ModelProto, x: Tensor, right: Tensor) -> tuple[float, float, Graph]:
    """Return the largest distance of the integer answer from ONNX Runtime's and from `right`."""
    graph = graph_from_model(model, "case")
    session = float_session(model)
    (source,), (result,) = graph.inputs, graph.outputs
    affine = graph.tensors[result].affine
    worst = [0.0, 0.0]
    for row, answer in zip(x.split(1), right.split(1), strict=True):
        codes = quantize_input(row.numpy(), graph.tensors[source].affine)
        got = dequantize_output(run_reference(graph, {source: codes})[result], affine)
        (other,) = session.run(None, {model.graph.input[0].name: row.numpy()})
        for place, one in enumerate((other, answer.detach().numpy())):
            worst[place] = max(worst[place], float(np.abs(got - one).max()) / affine.scale)
    return worst[0], worst[1], graph


@pytest.mark.parametrize(
    ("net", "quantizers"),
    [
        # Input, stem, deep, point, sum, side and its hardswish, mean, head; the pool and the
        # concatenation have none of their own.
        pytest.param(Cnn, 9, marks=pytest.mark.night),
        # Input, patches, sum, norm, q, k, v, scores, probabilities, heads, out, sum, norm, up,
        # GELU, down, sum, mean, head.
        (Block, 19),
    ],
)
def test_a_network_runs_as_it_was_trained(net: type[nn.Module], quantizers: int) -> None:
    torch.manual_seed(2)
    x = torch.randn(8, 1, 8, 8)
    faked, converted = trained(net(), x)
    model = tinyrig.qat.export(converted, x[:1])
    found = Counter(node.op_type for node in model.graph.node)
    assert found["QuantizeLinear"] == quantizers
    assert not found["BatchNormalization"]
    onnxruntimes, torchs, graph = steps_off(model, x[:EXAMPLES], converted(x[:EXAMPLES]))
    assert not graph.notes, "nothing is filled in"
    assert max(onnxruntimes, torchs) <= 1.01
    assert (faked - converted(x)).norm() <= 0.05 * faked.norm()
    counts = bias_steps(model)
    assert np.abs(counts - np.rint(counts)).max() < 0.02


class Joined(nn.Module):
    """A concatenation of small and large numbers; what is before it is written in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.token = nn.Parameter(0.1 * torch.randn(1, 6))

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x).relu_()
        y += self.second(y)
        return torch.cat([self.token.expand(x.shape[0], -1), 8.0 * y], dim=1)


def test_what_is_joined_is_clipped_nowhere_and_written_nowhere() -> None:
    torch.manual_seed(6)
    net, x = Joined(), torch.randn(16, 6)
    prepared = tinyrig.qat.prepare(net, x[:1])
    torch.autograd.backward(prepared(x).sum())
    prepared.eval()
    right = net(x)
    assert (prepared(x) - right).norm() <= 0.03 * right.norm()


@pytest.mark.night
def test_attention_of_torch_is_taken_apart_and_masked() -> None:
    """After training, with observers: what PTQ is here."""
    torch.manual_seed(4)
    x = torch.randn(6, 1, 8, 8)
    prepared = tinyrig.qat.prepare(Block(whole=True).eval(), x[:1], training=False)
    prepared(x)
    converted = tinyrig.qat.convert(prepared)
    model = tinyrig.qat.export(converted, x[:1])
    onnxruntimes, torchs, graph = steps_off(model, x[:EXAMPLES], converted(x[:EXAMPLES]))
    assert any(node.op == "softmax" for node in graph.nodes)
    assert not graph.notes
    assert max(onnxruntimes, torchs) <= 1.01


@pytest.mark.night
def test_doctest() -> None:
    """An MLP, the whole way to a graph."""
    found = doctest.testmod(tinyrig.qat)
    assert found.attempted > 4
    assert found.failed == 0


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2, eps=1e-3)), r"eps = 0\.001"),
        (nn.Sequential(nn.ReLU(), nn.BatchNorm2d(1)), "follows no convolution alone"),
    ],
)
def test_a_batch_norm_that_cannot_be_folded_is_refused(net: nn.Module, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        tinyrig.qat.prepare(net, torch.zeros(1, 1, 4, 4))


def test_a_fixed_batch_is_said() -> None:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.reshape(1, 8) * 2.0

    with pytest.raises(InputError, match="batches=False"):
        tinyrig.qat.prepare(Fixed(), torch.zeros(1, 8))
    assert tinyrig.qat.prepare(Fixed(), torch.zeros(1, 8), batches=False) is not None


def test_a_module_keeps_its_modes_and_what_is_not_prepared_is_refused() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    net[1].eval()
    tinyrig.qat.prepare(net, torch.zeros(1, 2), training=False)
    assert [one.training for one in net.modules()] == [True, True, False]
    with pytest.raises(InputError, match="A Sequential has no fake quantization"):
        tinyrig.qat.convert(net)  # type: ignore[arg-type]


def test_only_tensors_are_examples() -> None:
    with pytest.raises(InputError, match="batch axis"):
        tinyrig.qat.prepare(nn.Linear(2, 2), [1.0])  # type: ignore[arg-type]
