"""The oracle: ONNX Runtime's answers to the same inputs, or whole numbers' for the dialect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import onnx
from numpy.typing import NDArray

from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.rig.integer_oracle import DialectEvaluator

if TYPE_CHECKING:
    import onnxruntime as ort


def case_outputs(case: Case, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
    """Return the answers of a case's oracle to samples, in the model's order of outputs."""
    if case.oracle != "integer":
        return oracle_outputs(case.oracle_model, samples)
    evaluator = DialectEvaluator(onnx.load_model_from_string(case.oracle_model))
    return [evaluator.outputs(sample) for sample in samples]


def case_tensors(case: Case, sample: Sample, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Return the tensors of these names that a case's oracle computes, outputs included."""
    if case.oracle != "integer":
        return oracle_tensors(case.oracle_model, sample, names)
    evaluator = DialectEvaluator(onnx.load_model_from_string(case.oracle_model))
    return {name: data for name, data in evaluator.tensors(sample).items() if name in names}


def oracle_outputs(model: bytes, samples: Sequence[Sample]) -> list[list[NDArray[Any]]]:
    """Return, a sample, the model's outputs in its own order and types.

    Inputs are given in the model's order. Raises InputError when ONNX Runtime refuses the model.
    """
    session = _float_session(onnx.load_model_from_string(model))
    return [_answer(session, None, sample) for sample in samples]


def oracle_tensors(model: bytes, sample: Sample, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Return the tensors of these names that the model computes, outputs included.

    Raises InputError when ONNX Runtime refuses the model.
    """
    shown = onnx.load_model_from_string(model)
    present = {output.name for output in shown.graph.output}
    computed = (name for node in shown.graph.node for name in node.output if name)
    inner = [name for name in computed if name in names and name not in present]
    # ONNX Runtime infers the type of an output that has none.
    shown.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    wanted = [*(name for name in present if name in names), *inner]
    session = _float_session(shown)
    return dict(zip(wanted, _answer(session, wanted, sample), strict=True))


def _float_session(model: onnx.ModelProto) -> ort.InferenceSession:
    from tinyrig.suite.models.sessions import float_session

    return float_session(model)


def _answer(
    session: ort.InferenceSession, wanted: list[str] | None, sample: Sample
) -> list[NDArray[Any]]:
    from tinyrig.suite.models.sessions import answers

    names = [entry.name for entry in session.get_inputs()]
    return answers(session, wanted, dict(zip(names, sample.values(), strict=True)))
