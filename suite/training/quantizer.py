"""A torchao PT2E quantizer that places what the kernels need (placement.py says where).

Activations are int8, asymmetric, per tensor; weights int8 in -127 to 127, symmetric, per output
channel. Biases stay float while a network trains (biases.py rounds them afterwards).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.fx import GraphModule, Node
from torchao.quantization.pt2e import FakeQuantize, FusedMovingAvgObsFakeQuantize
from torchao.quantization.pt2e.observer import (
    MinMaxObserver,
    MovingAverageMinMaxObserver,
    MovingAveragePerChannelMinMaxObserver,
    PerChannelMinMaxObserver,
)
from torchao.quantization.pt2e.quantizer import (
    QuantizationAnnotation,
    QuantizationSpec,
    QuantizationSpecBase,
    SharedQuantizationSpec,
)
from torchao.quantization.pt2e.quantizer import Quantizer as TorchaoQuantizer

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.suite.training.attention import decompose_attention
from tinyrig.suite.training.functional import without_writes
from tinyrig.suite.training.placement import Placement, Weight, is_batch_norm, is_convolution

_ANNOTATION = "quantization_annotation"
_EPSILON = 1e-5
"""The one of BatchNorm that torchao folds with in training, whatever the network's."""

Place = Node | tuple[Node, Node]
"""A tensor where it is made, or where a reader takes it."""


class Quantizer(TorchaoQuantizer):  # type: ignore[misc]
    """Says to `prepare_qat_pt2e` (training) and `prepare_pt2e` where to quantize, and how."""

    def __init__(self, *, training: bool = True) -> None:
        super().__init__()
        self.training = training

    def transform_for_annotation(self, model: GraphModule) -> GraphModule:
        """Write attention in parts, and nothing over its operands."""
        return decompose_attention(without_writes(model))

    def annotate(self, model: GraphModule) -> GraphModule:
        """Annotate every tensor that is made, and constants where they are read."""
        placement = Placement(model)
        weights = {(name, node): how for name, node, how in placement.operands()}
        made = placement.tensors()
        specs: dict[Place, QuantizationSpecBase] = {
            **dict.fromkeys(made, self._activation()),
            **{place: self._constant(how) for place, how in weights.items()},
        }
        for group in _groups(placement, specs):
            specs[group[0]] = self._activation(shared=len(group) > 1)
            specs |= dict.fromkeys(group[1:], SharedQuantizationSpec(group[0]))
        for node in model.graph.nodes:
            inputs = _inputs(placement, node, specs)
            if inputs or node in specs:
                node.meta[_ANNOTATION] = QuantizationAnnotation(
                    input_qspec_map=inputs, output_qspec=specs.get(node), _annotated=True
                )
        return model

    def validate(self, model: GraphModule) -> None:
        """Refuse a BatchNorm that cannot be folded."""
        for node in model.graph.nodes:
            if not is_batch_norm(node):
                continue
            if not is_convolution(node.args[0]) or len(node.args[0].users) > 1:
                raise UnsupportedError(
                    f"The BatchNorm {node.name!r} follows no convolution alone, so it cannot be "
                    "folded; put it right behind a convolution, or fold it before training."
                )
            if self.training and abs(node.args[7] - _EPSILON) > 1e-3 * _EPSILON:
                raise UnsupportedError(
                    f"The BatchNorm {node.name!r} has eps = {node.args[7]:g}; torchao trains "
                    f"folded ones with {_EPSILON:g} only."
                )

    def _activation(self, *, shared: bool = False) -> QuantizationSpec:
        """Several tensors in turn have no average range: what is shared holds all that was seen."""
        moving = FusedMovingAvgObsFakeQuantize.with_args(observer=MovingAverageMinMaxObserver)
        moving = FakeQuantize.with_args(observer=MinMaxObserver) if shared else moving
        return QuantizationSpec(
            dtype=torch.int8,
            observer_or_fake_quant_ctr=moving if self.training else MinMaxObserver.with_args(),
            quant_min=-128,
            quant_max=127,
            qscheme=torch.per_tensor_affine,
        )

    def _constant(self, weight: Weight | None) -> QuantizationSpec:
        if weight is None:
            return self._activation()
        # A weight's range is that of the weight as it is now, so nothing of the average is kept.
        # The fused form takes channels of the first axis alone.
        form = FusedMovingAvgObsFakeQuantize if weight.axis == 0 else FakeQuantize
        moving = form.with_args(
            observer=MovingAveragePerChannelMinMaxObserver,
            averaging_constant=1.0,
            ch_axis=weight.axis,
        )
        return QuantizationSpec(
            dtype=torch.int8,
            observer_or_fake_quant_ctr=(
                moving if self.training else PerChannelMinMaxObserver.with_args()
            ),
            quant_min=-127,
            quant_max=127,
            qscheme=torch.per_channel_symmetric,
            ch_axis=weight.axis,
        )


def _inputs(
    placement: Placement, node: Node, specs: Mapping[Place, QuantizationSpecBase]
) -> dict[Node, QuantizationSpecBase]:
    """Return how a node's operands are quantized where it reads them.

    torchao takes the first of a convolution before a BatchNorm for its input, so that is said too.
    """
    found: dict[Node, QuantizationSpecBase] = {}
    if is_convolution(node) and any(map(is_batch_norm, node.users)):
        (data, *_) = node.all_input_nodes
        source = placement.source_of(data, node)
        if source in specs:
            found[data] = SharedQuantizationSpec(source)
    for one in node.all_input_nodes:
        if (one, node) in specs:
            found[one] = specs[one, node]
    return found


def _groups(placement: Placement, specs: Mapping[Place, QuantizationSpecBase]) -> list[list[Place]]:
    """Return what shares its parameters, in the graph's order: the first holds them."""
    group_of: dict[Place, list[Place]] = {}
    for parts in placement.joined():
        merged: dict[Place, None] = {}
        for part in parts:
            if part in specs:
                merged |= dict.fromkeys(group_of.get(part, [part]))
        group = list(merged)
        group_of |= dict.fromkeys(group, group)
    unique = {id(group): group for group in group_of.values()}
    return [sorted(group, key=placement.place) for group in unique.values()]


def check_example(example: object) -> tuple[torch.Tensor, ...]:
    """Return a module's inputs as tensors. Raises InputError for anything else."""
    parts = example if isinstance(example, tuple | list) else (example,)
    for part in parts:
        if not isinstance(part, torch.Tensor) or part.ndim < 1:
            raise InputError("`example` is a tensor with its batch axis, or a tuple of such.")
    return tuple(part for part in parts if isinstance(part, torch.Tensor))
