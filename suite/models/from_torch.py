"""A PyTorch network of the user's as a float ONNX model."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import nn

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.models.export import OPSET
from tinyrig.suite.models.traced import (
    RAISED,
    kept_as_it_is,
    require_answers,
    require_no_mutation,
    require_one_way,
    require_stateless,
)
from tinyrig.suite.process.output import silent_output

Example = Sequence[torch.Tensor] | Mapping[str, torch.Tensor]


def model_from_module(module: nn.Module, example: Example) -> onnx.ModelProto:
    """Return a module in eval mode as ONNX; inputs are named as its forward's parameters.

    The example is in their order, or goes by their names. The modes and buffers of all its
    modules are as before afterwards. Raises InputError when it cannot be exported, is not in
    float32, keeps a state between calls, or goes another way for other inputs.
    """
    others = {str(p.dtype) for p in module.parameters() if p.is_floating_point()}
    if others - {"torch.float32"}:
        raise InputError(
            f"The module has parameters of {', '.join(sorted(others))}; supported is float32: "
            "call .float() on it first."
        )
    called, names, inputs = _called(module, example)
    with kept_as_it_is(module), _quiet("The module") as warned, torch.no_grad():
        module.eval()
        model = _exported(called, names, inputs)
        require_stateless(called, inputs)
        require_one_way(called, model, dict(zip(names, inputs, strict=True)), warned)
        return model


def _exported(
    called: nn.Module, names: Sequence[str], inputs: tuple[torch.Tensor, ...]
) -> onnx.ModelProto:
    """Return a module as the tracing exporter writes it, else as the one of programs does.

    The latter knows more operators (mT, rms_norm, attention of grouped queries), and takes longer.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            torch.onnx.export(
                called, inputs, path, input_names=names, opset_version=OPSET, dynamo=False
            )
            return onnx.load_model(path)
    # It asserts what it cannot write of an attention.
    except (torch.onnx.errors.OnnxExporterError, AssertionError) as error:
        if importlib.util.find_spec("onnxscript") is None:
            words = "another exporter, which pip install 'tinyrig[export]' brings, may know it"
            raise torch.onnx.errors.OnnxExporterError(f"{error} ({words})") from error
        try:
            program = torch.export.export(called, inputs, strict=False)
            return _written(program, names)
        except (*RAISED, torch.onnx.errors.OnnxExporterError):
            raise error from None  # it says what, where the other writes a report


def _written(program: torch.export.ExportedProgram, names: Sequence[str] = ()) -> onnx.ModelProto:
    """Return what the exporter of programs writes, its inputs called by the names given."""
    found = torch.onnx.export(
        program,
        dynamo=True,
        verbose=False,
        opset_version=OPSET,
        input_names=names or None,
    )
    if found is None:
        raise InputError("The exported program gives no ONNX model.")
    model: onnx.ModelProto = found.model_proto
    return model


def model_from_program(program: torch.export.ExportedProgram) -> onnx.ModelProto:
    """Return an exported program as ONNX.

    Raises MissingToolError without onnxscript, and InputError for a program that keeps a state or
    that the exporter writes otherwise.
    """
    try:
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingToolError(
            "An ExportedProgram needs the package onnxscript: pip install 'tinyrig[export]'."
        ) from error
    require_no_mutation(program)
    with _quiet("The exported program"):
        model = _written(program)
    with _quiet("The exported program"):
        require_answers(program, model)
    return model


class _ByName(nn.Module):
    """A module whose forward takes in order what the other's takes by these names."""

    def __init__(self, module: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.module = module
        self.names = tuple(names)

    def forward(self, *parts: torch.Tensor) -> object:
        return self.module(**dict(zip(self.names, parts, strict=True)))


def _called(
    module: nn.Module, example: Example
) -> tuple[nn.Module, list[str], tuple[torch.Tensor, ...]]:
    """Return what is exported, the names of its inputs, and the example in their order.

    Inputs past a `*args` are input0 and so on.
    """
    own, more = _parameters(module)
    if not isinstance(example, Mapping):
        names = [own[n] if n < len(own) else f"input{n}" for n in range(len(example))]
        # The exporter hands on the defaults of parameters that go by their names alone.
        by_name = more and len(example) <= len(own)
        return (_ByName(module, names) if by_name else module), names, tuple(example)
    unknown = [name for name in example if name not in (*own, *more)]
    if unknown:
        raise InputError(
            f"The module's forward has no input {unknown[0]!r}; it takes "
            f"{', '.join(map(repr, (*own, *more))) or 'none by name'}."
        )
    names = [name for name in (*own, *more) if name in example]
    in_order = not more and names == own[: len(names)]
    parts = tuple(example[name] for name in names)
    return (module if in_order else _ByName(module, names)), names, parts


def _parameters(module: nn.Module) -> tuple[list[str], list[str]]:
    """Return the names of forward's parameters: those in order, and those by name alone."""
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except ValueError:  # a traced module has none
        return [], []
    ordered = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    own = [one.name for one in parameters if one.kind in ordered]
    return own, [one.name for one in parameters if one.kind == inspect.Parameter.KEYWORD_ONLY]


@contextlib.contextmanager
def _quiet(what: str) -> Iterator[list[warnings.WarningMessage]]:
    """Hold back what the exporters say, and tell their errors as ours. Yields their warnings."""
    level = logging.getLogger("torch.onnx").level
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(io.StringIO()),
            # Its compiled part writes the graph that it cannot export there.
            silent_output(),
        ):
            warnings.simplefilter("always")
            yield warned
    except (*RAISED, torch.onnx.errors.OnnxExporterError) as error:
        words = " ".join(str(error).split())[:300]
        raise InputError(f"{what} cannot be exported to ONNX: {words}") from error
    finally:
        logging.getLogger("torch.onnx").setLevel(level)
