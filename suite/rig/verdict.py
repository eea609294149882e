"""Firmware answers against the integer reference and the float oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Check
from tinyrig.suite.reference.boundary import dequantize_output, int8_codes, own_values, real_values
from tinyrig.suite.rig.accuracy import Outputs, assess
from tinyrig.suite.rig.fall import first_fall
from tinyrig.suite.rig.oracle import case_outputs

Codes = Mapping[str, NDArray[np.int8]]


def quantized_inputs(graph: Graph, sample: Sample) -> dict[str, NDArray[np.int8]]:
    """Return a sample as the int8 tensors the firmware reads."""
    return {name: int8_codes(sample[name], graph.tensors[name].affine) for name in graph.inputs}


def sample_bytes(graph: Graph, sample: Sample) -> bytes:
    """Return a sample as the bytes of the firmware's sample section."""
    codes = quantized_inputs(graph, sample)
    return b"".join(codes[name].tobytes() for name in graph.inputs)


def answers(graph: Graph, outputs: Mapping[str, bytes]) -> dict[str, NDArray[np.int8]]:
    """Return a boot's output bytes as shaped int8 tensors."""
    return {
        name: np.frombuffer(outputs[name], dtype=np.int8).reshape(graph.tensors[name].shape)
        for name in graph.outputs
    }


def own_outputs(graph: Graph, codes: Codes) -> Sample:
    """Return int8 outputs as the model's own: reals, or the codes of an INT8 or UINT8 output."""
    return {
        name: own_values(codes[name], graph.tensors[name].affine, graph.coded.get(name))
        for name in codes
    }


def judge(
    case: Case,
    graph: Graph,
    samples: Sequence[Sample],
    got: Sequence[Codes],
    expected: Sequence[Codes],
) -> Check:
    """Compare every output byte of every sample, and the answers with the oracle.

    `graph` is what was run: of a rewritten model, not the case's own.
    """
    flat_got = _flat(graph, got)
    wrong = np.flatnonzero(flat_got != _flat(graph, expected))
    accuracy = assess(graph, _oracle(case, graph, samples), _reals(graph, got))
    doubt = accuracy.doubt
    if doubt is not None:
        largest = doubt.kind == "argmax" and not wrong.size
        fall = first_fall(case, graph, samples[accuracy.worst], largest=largest)
        doubt = doubt.model_copy(update={"fall": fall})
    return Check(
        verdict="mismatch" if wrong.size else "match",
        samples=len(samples),
        elements=flat_got.size,
        mismatches=int(wrong.size),
        first_mismatch=int(wrong[0]) if wrong.size else None,
        oracle=case.oracle,
        sqnr_db=accuracy.sqnr_db,
        argmax_agreement=accuracy.argmax_agreement,
        doubt=doubt,
    )


def _oracle(case: Case, graph: Graph, samples: Sequence[Sample]) -> Outputs:
    affines = [graph.tensors[name].affine for name in graph.outputs]
    return [
        [real_values(output, affine) for output, affine in zip(outputs, affines, strict=True)]
        for outputs in case_outputs(case, samples)
    ]


def _reals(graph: Graph, got: Sequence[Codes]) -> Outputs:
    return [
        [dequantize_output(codes[name], graph.tensors[name].affine) for name in graph.outputs]
        for codes in got
    ]


def _flat(graph: Graph, codes: Sequence[Codes]) -> NDArray[np.int8]:
    return np.concatenate([one[name].reshape(-1) for one in codes for name in graph.outputs])
