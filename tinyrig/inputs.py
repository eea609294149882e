"""Models and arrays of the user's as the rig takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import MODEL_SUFFIXES
from tinyrig.generator.frontends.check import comes_quantized
from tinyrig.generator.frontends.extents import Extents
from tinyrig.generator.frontends.loader import read_model
from tinyrig.suite.models.case import Case, case_of, resolve
from tinyrig.suite.models.recipe import choice_of
from tinyrig.suite.models.signals import Sample

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike

    Array = ArrayLike | torch.Tensor
    Example = Array | Sequence[Array] | Mapping[str, Array]
    Model = torch.nn.Module | torch.export.ExportedProgram | onnx.ModelProto | str | PathLike[str]


def named_model(model: Model, example: Example | None) -> tuple[onnx.ModelProto, str]:
    """Return a model as ONNX, and its name. Raises InputError for anything else than a model."""
    if isinstance(model, onnx.ModelProto):
        return model, model.graph.name or "model"
    if isinstance(model, str | PathLike):
        path = Path(fspath(model))
        return read_model(path, checked=False), path.stem
    return _from_torch(model, example)


def case(
    model: Model,
    example: Example | None,
    calibration: Sequence[Example] | None,
    extents: Extents,
    method: str = "minmax",
) -> Case:
    """Return a model as the rig's case; a zoo name is one too.

    A float model is quantized on `calibration`, or on the example alone, by a method.
    """
    choice = choice_of(method)
    if isinstance(model, str) and not model.endswith(MODEL_SUFFIXES) and not Path(model).exists():
        return resolve(model, {}, None, extents, choice=choice)
    found, name = named_model(model, example)
    samples = calibration_of(found, example, calibration, extents.constants)
    return case_of(found, name, samples, extents, choice=choice)


def calibration_of(
    model: onnx.ModelProto,
    example: Example | None,
    calibration: Sequence[Example] | None,
    constants: Collection[str] = (),
) -> list[Sample] | None:
    """Return the samples a float model is quantized on, None where it is quantized already.

    Inputs that are constants have none.
    """
    if calibration is None and (example is None or comes_quantized(model)):
        return None
    given = [example] if calibration is None else list(calibration)
    names = [name for name in input_names(model) if name not in constants]
    return [sample_of(one, names) for one in given if one is not None]


def input_names(model: onnx.ModelProto) -> tuple[str, ...]:
    """Return the names of a model's inputs, in its order."""
    constants = {tensor.name for tensor in model.graph.initializer}
    return tuple(info.name for info in model.graph.input if info.name not in constants)


def sample_of(example: Example, names: Sequence[str]) -> Sample:
    """Return arrays by input name: a mapping's own, or those of a sequence in the inputs' order.

    A single array is the only input's. Floats become float32. Raises InputError when names or
    counts do not fit.
    """
    if isinstance(example, Mapping):
        given = {str(name): _array(value) for name, value in example.items()}
    else:
        several = isinstance(example, tuple | list) and len(names) == len(example) != 1
        parts: Sequence[Any] = example if several and isinstance(example, Sequence) else (example,)
        if isinstance(example, tuple) and len(example) == 1 == len(names):
            parts = example
        if len(parts) != len(names):
            raise InputError(f"{len(parts)} arrays were given; the model reads {list(names)}.")
        given = {name: _array(part) for name, part in zip(names, parts, strict=True)}
    if given.keys() != set(names):
        raise InputError(f"Arrays for {sorted(given)} were given; the model reads {list(names)}.")
    return {name: given[name] for name in names}


def _array(value: Any) -> np.ndarray[Any, np.dtype[Any]]:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.float() if value.is_floating_point() else value).numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(f"An input is no array: {error} Several inputs are a tuple.") from error
    if array.dtype.kind not in "fiu":
        raise InputError(f"An input of type {array.dtype} was given; arrays of numbers are needed.")
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _from_torch(model: Any, example: Example | None) -> tuple[onnx.ModelProto, str]:
    import torch

    from tinyrig.suite.models.from_torch import model_from_module, model_from_program

    if isinstance(model, torch.export.ExportedProgram):
        return model_from_program(model), "program"
    if not isinstance(model, torch.nn.Module):
        raise InputError(
            f"A {type(model).__name__} is no model: give an nn.Module, an ExportedProgram, an ONNX "
            "model or file, or the name of a model of the zoo."
        )
    if example is None:
        raise InputError("An nn.Module needs `example`: its inputs, as its forward takes them.")
    name = type(model).__name__.lower()
    if isinstance(example, Mapping):
        named = {str(key): torch.from_numpy(_array(part)) for key, part in example.items()}
        return model_from_module(model, named), name
    parts = example if isinstance(example, tuple) else (example,)
    return model_from_module(model, [torch.from_numpy(_array(part)) for part in parts]), name
