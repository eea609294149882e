"""The float oracle: ONNX Runtime's answers to the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from generator.errors import InputError
from suite.models.signals import Sample


def oracle_outputs(model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
    """Return, a sample, the model's outputs in its own order and types.

    Inputs are given in the model's order. Raises InputError when ONNX Runtime refuses the model.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [entry.name for entry in session.get_inputs()]
        return [
            session.run(None, dict(zip(names, sample.values(), strict=True))) for sample in samples
        ]
    except Exception as error:
        raise InputError(f"ONNX Runtime cannot run the model: {error}") from error
