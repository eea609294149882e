"""What a TFLite file says in operators, and ONNX in other ways: stored constants, and state.

A constant that is stored in fewer bits (float16) is read by a DEQUANTIZE of its own, and one that
is stored sparse by a DENSIFY before that. A variable (VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE)
becomes an input and an output of the model: the caller hands the state on from call to call, zeros
before the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.tflite.file import File, FileOperator

_STORED = ("FLOAT16", "FLOAT32")
_READ, _ASSIGN, _HANDLE, _INIT = "READ_VARIABLE", "ASSIGN_VARIABLE", "VAR_HANDLE", "CALL_ONCE"


def with_constants(file: File) -> File:
    """Return the file with what DENSIFY and DEQUANTIZE make of stored values as constants."""
    tensors, kept = list(file.tensors), list[FileOperator]()
    for op in file.operators:
        given = tensors[op.inputs[0]] if op.inputs and op.inputs[0] >= 0 else None
        if given is None or given.data is None or len(op.outputs) != 1:
            kept.append(op)
            continue
        made = tensors[op.outputs[0]]
        if op.type == "DENSIFY":
            tensors[made.index] = replace(made, data=given.data, shape=given.shape, type=given.type)
        elif op.type == "DEQUANTIZE" and given.type in _STORED:
            data = given.data.astype(np.float32)
            tensors[made.index] = replace(made, data=data, shape=given.shape, type="FLOAT32")
        else:
            kept.append(op)
    return replace(file, tensors=tuple(tensors), operators=tuple(kept))


def with_state(file: File) -> File:
    """Return the file with its variables as inputs and outputs behind its own.

    Raises UnsupportedError for one that is read or written more than once, or read after it was
    written, whose value would be another, or that does not begin with zeros.
    """
    variables = [op for op in file.operators if op.type in (_READ, _ASSIGN)]
    if not variables:
        return file
    counts = Counter((op.type, op.inputs[0] if op.inputs else -1) for op in variables)
    resources = {resource for _, resource in counts}
    handles = {op.outputs[0] for op in file.operators if op.type == _HANDLE and op.outputs}
    for resource in resources:
        both = [op for op in variables if op.inputs and op.inputs[0] == resource]
        kinds = [op.type for op in both]
        named = resource in handles and all(len(op.outputs) == 1 for op in both if op.type == _READ)
        if kinds != [_READ, _ASSIGN] or not named or len(both[1].inputs) != 2:
            raise UnsupportedError(
                f"{both[0] if both else variables[0]} is one of {len(both)} of its variable; "
                "supported is one that is read once, and written once behind that: convert the "
                "model with its state as inputs and outputs."
            )
    _require_zeros(file.others)
    reads = tuple(op.outputs[0] for op in variables if op.type == _READ)
    writes = tuple(op.inputs[1] for op in variables if op.type == _ASSIGN)
    gone = (_READ, _ASSIGN, _HANDLE, _INIT)
    return replace(
        file,
        operators=tuple(op for op in file.operators if op.type not in gone),
        inputs=(*file.inputs, *reads),
        outputs=(*file.outputs, *writes),
    )


def _require_zeros(graphs: Sequence[File]) -> None:
    """Refuse variables that a graph called once begins with anything but real zeros."""
    begun = [
        (graph.tensors[op.inputs[1]], op)
        for graph in graphs
        for op in graph.operators
        if op.type == _ASSIGN and len(op.inputs) > 1
    ]
    for value, op in begun:
        zero = value.zero_points[0] if value.zero_points.size else 0
        if value.data is None or np.any(value.data != zero):
            raise UnsupportedError(
                f"{op} of a graph that is called once begins a variable with {value}; supported "
                "are variables that begin with constant zeros: convert the model with its state "
                "as inputs and outputs."
            )
