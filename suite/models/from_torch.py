"""A PyTorch network of the user's as a float ONNX model."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
import torch
from torch import nn

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.models.export import OPSET


def model_from_module(module: nn.Module, example: Sequence[torch.Tensor]) -> onnx.ModelProto:
    """Return a module in eval mode as ONNX; inputs are named as its forward's parameters.

    The module's own mode is restored. Raises InputError when it cannot be exported.
    """
    names = _input_names(module, len(example))
    training = module.training
    try:
        with _quiet("The module"), tempfile.TemporaryDirectory() as folder, torch.no_grad():
            path = Path(folder) / "model.onnx"
            torch.onnx.export(
                module.eval(),
                tuple(example),
                path,
                input_names=names,
                opset_version=OPSET,
                dynamo=False,
            )
            return onnx.load_model(path)
    finally:
        module.train(training)


def model_from_program(program: torch.export.ExportedProgram) -> onnx.ModelProto:
    """Return an exported program as ONNX. Raises MissingToolError without onnxscript."""
    try:
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingToolError(
            "An ExportedProgram needs the package onnxscript: pip install 'tinyrig[export]'."
        ) from error
    with _quiet("The exported program"):
        found = torch.onnx.export(program, dynamo=True, verbose=False, opset_version=OPSET)
    if found is None:
        raise InputError("The exported program gives no ONNX model.")
    model: onnx.ModelProto = found.model_proto
    return model


def _input_names(module: nn.Module, count: int) -> list[str]:
    """Return the names of the first parameters of forward; input0 and so on past a `*args`."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(module.forward).parameters.values()
    own = [parameter.name for parameter in parameters if parameter.kind in kinds]
    return [own[n] if n < len(own) else f"input{n}" for n in range(count)]


@contextlib.contextmanager
def _quiet(what: str) -> Iterator[None]:
    """Hold back what the exporters say, and tell their errors as ours."""
    level = logging.getLogger("torch.onnx").level
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    except (RuntimeError, TypeError, ValueError, torch.onnx.errors.OnnxExporterError) as error:
        words = " ".join(str(error).split())[:300]
        raise InputError(f"{what} cannot be exported to ONNX: {words}") from error
    finally:
        logging.getLogger("torch.onnx").setLevel(level)
