"""A network with fake quantization, from an nn.Module to the ONNX graph of what it learned."""

from __future__ import annotations

import onnx
import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torchao.quantization.pt2e import allow_exported_model_train_eval
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e, prepare_qat_pt2e

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.from_torch import model_from_program
from tinyrig.suite.models.traced import kept_as_it_is
from tinyrig.suite.training.biases import round_biases
from tinyrig.suite.training.folding import fold_batch_norms
from tinyrig.suite.training.quantizer import Quantizer, check_example


def prepare(
    module: nn.Module,
    example: Tensor | tuple[Tensor, ...],
    *,
    training: bool = True,
    batches: bool = True,
) -> GraphModule:
    """Return a module with fake quantization to train, or else with observers to calibrate.

    `example` is its inputs, batch axis and all. The batch may then be of any size, unless `batches`
    is False. `train()` and `eval()` of what is returned switch BatchNorm and Dropout. The module's
    parameters are shared with it. InputError for a module that torch cannot export.
    """
    given = check_example(example)
    if batches:
        given = tuple(torch.cat([part[:1], part[:1]]) for part in given)
    axes = tuple({0: torch.export.Dim.DYNAMIC} for _ in given) if batches else None
    try:
        with kept_as_it_is(module):
            program = torch.export.export(module.train(training), given, dynamic_shapes=axes)
    except Exception as error:  # torch.export raises what it likes
        words = " ".join(str(error).split())[:300]
        raise InputError(
            f"The module cannot be exported for training: {words} A module whose batch is always "
            "of one size is prepared with batches=False."
        ) from error
    graph = program.module(check_guards=False)
    place = prepare_qat_pt2e if training else prepare_pt2e
    prepared: GraphModule = allow_exported_model_train_eval(
        place(graph, Quantizer(training=training))
    )
    return prepared


def convert(prepared: GraphModule) -> GraphModule:
    """Return the quantized network of a prepared one: int8 weights, whole biases, norms folded.

    What was prepared is used up. InputError for what `prepare` did not return.
    """
    if not isinstance(prepared, GraphModule):
        raise InputError(f"A {type(prepared).__name__} has no fake quantization: `prepare` it.")
    prepared.eval()
    _observe_weights(prepared)
    fold_batch_norms(prepared)
    converted: GraphModule = convert_pt2e(prepared)
    round_biases(converted)
    return converted


def export(converted: GraphModule, example: Tensor | tuple[Tensor, ...]) -> onnx.ModelProto:
    """Return a converted network as a QDQ model of ONNX for the example's batch, which is 1."""
    given = tuple(part[:1] for part in check_example(example))
    with torch.no_grad():
        return model_from_program(torch.export.export(converted, given))


def _observe_weights(prepared: GraphModule) -> None:
    """Let the fake quantization of weights see them as the last step of training left them."""
    modules = dict(prepared.named_modules())
    activations = [
        one
        for one in modules.values()
        if hasattr(one, "disable_observer") and not getattr(one, "is_per_channel", False)
    ]
    for one in activations:
        one.disable_observer()
    values = [node.meta["val"] for node in prepared.graph.nodes if node.op == "placeholder"]
    shapes = [[n if isinstance(n, int) else 2 for n in value.shape] for value in values]
    with torch.no_grad():
        prepared(*(torch.zeros(*s, dtype=v.dtype) for s, v in zip(shapes, values, strict=True)))
