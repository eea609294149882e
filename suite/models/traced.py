"""What tracing a module leaves behind in it, and what it leaves out."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn
from torch.jit._trace import TracerWarning

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.sessions import answers, float_session

_CLOSE = 1e-3
"""How far apart answers may be, of the largest: rounding of float32 in another order."""
_CHANGED = (
    "ONNX export changes what the module computes: on the example the exported model gives other "
    "answers. Exporters leave out operands of some operators, and writes to a part of a tensor: "
    "write the forward otherwise, or give an ONNX file."
)
RAISED = (
    RuntimeError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
"""What a forward of the user's raises."""
_WAYS: tuple[Callable[[torch.Tensor], torch.Tensor], ...] = (
    lambda x: x,
    torch.neg,
    lambda x: x * 0.01,
    lambda x: x * 100.0,
    lambda x: x.flip(-1) if x.ndim else x,
)


@contextlib.contextmanager
def kept_as_it_is(module: nn.Module) -> Iterator[None]:
    """Give every module below one its mode, and every buffer its values, back afterwards."""
    modes = [(one, one.training) for one in module.modules()]
    buffers = [
        (one, name, buffer, buffer.clone())
        for one in module.modules()
        for name, buffer in one.named_buffers(recurse=False)
    ]
    try:
        yield
    finally:
        for one, training in modes:
            one.training = training
        with torch.no_grad():
            for one, name, buffer, values in buffers:
                buffer.copy_(values)
                setattr(one, name, buffer)


def require_stateless(module: nn.Module, inputs: Sequence[torch.Tensor]) -> None:
    """Raise InputError where a module answers the same inputs otherwise a second time.

    ONNX has no state between calls: an export keeps the one that the module began with.
    """
    try:
        # Copies: an answer may be the state itself.
        first = [x.numpy().copy() for x in _tensors(module(*(x.clone() for x in inputs)))]
        second = _tensors(module(*(x.clone() for x in inputs)))
    except RAISED:
        return  # a forward that cannot be called is told by the exporter
    if not _agree(first, second):
        raise InputError(
            "The module answers the same input otherwise a second time: it keeps a state between "
            "calls, which ONNX export leaves out, or draws at random. Make the state an input and "
            "an output of its forward, and what is random an input."
        )


def require_no_mutation(program: torch.export.ExportedProgram) -> None:
    """Raise InputError where a program changes its buffers, which ONNX cannot.

    Only decompositions tell what it writes in place.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        changed = program.run_decompositions({}).graph_signature.buffers_to_mutate.values()
    if changed:
        raise InputError(
            f"The exported program keeps a state between calls in {', '.join(sorted(changed))}, "
            "which ONNX export leaves out. Make the state an input and an output of its forward."
        )


def require_one_way(
    module: nn.Module,
    model: onnx.ModelProto,
    example: Mapping[str, torch.Tensor],
    warned: Sequence[warnings.WarningMessage],
) -> None:
    """Raise InputError where a module answers its example or other inputs as the ONNX does not.

    Exporters leave out what they do not know of an operator, and writes to a view of a tensor. A
    trace has the one way through `forward` that its example took; only where the tracer warned
    of a value that became Python's are other inputs compared, made from the example: it warns of
    extents as well, which are always the same. A model that ONNX Runtime does not run, or whose
    outputs are not the answer's tensors, is not compared.
    """
    told = [one for one in warned if issubclass(one.category, TracerWarning)]
    try:
        session = float_session(model)
    except InputError:
        return
    read = {entry.name for entry in session.get_inputs()}
    for change in _WAYS if told else _WAYS[:1]:
        inputs = {n: change(x) if x.is_floating_point() else x for n, x in example.items()}
        feed = {n: x.numpy() for n, x in inputs.items() if n in read}
        try:
            wanted = _tensors(module(*(x.clone() for x in inputs.values())))
            found = answers(session, None, feed)
        except (*RAISED, InputError):
            continue  # of no use to the module either
        if len(found) != len(wanted) or _agree(found, wanted):
            continue
        if change is _WAYS[0]:
            raise InputError(_CHANGED)
        raise InputError(
            f"The module's forward goes another way for other inputs ({told[0].filename}:"
            f"{told[0].lineno}), and ONNX export keeps the one that the example took: write it "
            "with torch.where, or export the part behind the branch."
        )


def require_answers(program: torch.export.ExportedProgram, model: onnx.ModelProto) -> None:
    """Raise InputError where a program answers the example that it keeps as its ONNX does not."""
    args, by_name = program.example_inputs or ((), {})
    names = [info.name for info in model.graph.input]
    inputs = _tensors([args, by_name])
    if not inputs or len(inputs) != len(names):
        return
    feed = {name: x.detach().numpy().copy() for name, x in zip(names, inputs, strict=True)}
    with torch.no_grad():
        wanted = _tensors(program.module()(*args, **by_name))
    try:
        found = answers(float_session(model), None, feed)
    except InputError:
        return
    if len(found) == len(wanted) and not _agree(found, wanted):
        raise InputError(_CHANGED)


def _agree(found: Sequence[NDArray[Any]], wanted: Sequence[torch.Tensor]) -> bool:
    if [x.shape for x in found] != [tuple(x.shape) for x in wanted]:
        return False
    pairs = ((one, other.numpy()) for one, other in zip(found, wanted, strict=True))
    return all(np.allclose(a, b, _CLOSE, _CLOSE * _largest(b), equal_nan=True) for a, b in pairs)


def _largest(values: NDArray[Any]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0))


def _tensors(answer: object) -> list[torch.Tensor]:
    """Return the tensors of an answer, in the order in which the exporter has them."""
    if isinstance(answer, torch.Tensor):
        return [answer]
    parts = answer.values() if isinstance(answer, Mapping) else answer
    return [x for one in parts for x in _tensors(one)] if isinstance(parts, Iterable) else []
