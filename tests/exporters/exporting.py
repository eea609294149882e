"""PyTorch's two exporters, and seeded inputs of what they write."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import torch
from exporters.family import Feed, Made
from torch import Tensor, nn

SAMPLES = 8


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back what exporters say of themselves."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stderr(io.StringIO()):
                yield
    finally:
        logging.disable(logging.NOTSET)


@cache
def with_torchvision() -> torch.library.Library | None:
    """Import torchvision, as timm and transformers do, who need its transforms alone.

    Where its operators were built for another torch (one of a GPU beside one of a processor) it
    stops at the first two that it describes: their names are enough.
    """
    if importlib.util.find_spec("torchvision") is None:
        return None
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        named = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            named.define(f"{operator}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        return named
    return None


def exported(net: nn.Module, example: Sequence[Tensor], *, dynamo: bool, opset: int) -> Made:
    """Return a float network as ONNX by one of PyTorch's exporters, with inputs."""
    torch.backends.mha.set_fastpath_enabled(False)  # an operator that is in no opset
    with quiet(), torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            net.eval(), tuple(example), path, dynamo=dynamo, opset_version=opset,
            external_data=False,
        )  # fmt: skip
        model = onnx.load_model(path)
    return Made(model, feeds_of(model))


def feeds_of(model: onnx.ModelProto, seed: int = 5) -> tuple[Feed, ...]:
    """Return normal inputs of a model whose input axes are fixed or batches."""
    rng = np.random.default_rng(seed)
    constants = {tensor.name for tensor in model.graph.initializer}
    infos = [info for info in model.graph.input if info.name not in constants]
    shapes = {
        info.name: [d.dim_value or 1 for d in info.type.tensor_type.shape.dim] for info in infos
    }
    return tuple(
        {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
        for _ in range(SAMPLES)
    )
