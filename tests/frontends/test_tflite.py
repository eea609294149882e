"""TFLite files against LiteRT, operator by operator: no answer further off than one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frontends.tflite_cases import CASES
from frontends.tflite_files import TfliteFile
from numpy.typing import NDArray

from tinyrig.generator.frontends.tflite.rules import rules
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.reference.boundary import int8_codes, own_values
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.oracle import case_outputs

_SAMPLES = 4
Sample = dict[str, NDArray[Any]]


def case_of(name: str, folder: Path, seed: int = 3) -> tuple[Case, Path]:
    made = TfliteFile(seed)
    inputs, outputs = CASES[name](made)
    path = folder / f"{name}.tflite"
    path.write_bytes(made.data(inputs, outputs))
    return resolve(str(path), {}), path


def answers(case: Case, sample: Sample) -> list[NDArray[Any]]:
    """The integer reference's, as the model has them."""
    graph = case.graph
    codes = {name: int8_codes(x, graph.tensors[name].affine) for name, x in sample.items()}
    found = run_reference(graph, codes)
    return [
        own_values(found[name], graph.tensors[name].affine, graph.coded.get(name))
        for name in graph.outputs
    ]


def furthest(case: Case, found: list[NDArray[Any]], wanted: list[NDArray[Any]]) -> float:
    """How many steps the answers are apart at most."""
    apart = []
    for name, one, other in zip(case.graph.outputs, found, wanted, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        scale = case.graph.tensors[name].affine.scale if one.dtype.kind == "f" else 1.0
        apart.append(np.abs(one.astype(np.float64) - other.astype(np.float64)).max() / scale)
    return float(max(apart))


@pytest.mark.parametrize("name", CASES)
def test_within_a_step_of_litert(name: str, tmp_path: Path) -> None:
    litert = pytest.importorskip(
        "ai_edge_litert.interpreter",
        reason="LiteRT is not installed: pip install 'tinyrig[litert]'",
    )
    case, path = case_of(name, tmp_path)
    runtime = litert.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        num_threads=1,
    )
    runtime.allocate_tensors()
    seen: set[float] = set()
    for sample in case.samples(_SAMPLES):
        for entry, x in zip(runtime.get_input_details(), sample.values(), strict=True):
            runtime.set_tensor(entry["index"], x)
        runtime.invoke()
        wanted = [runtime.get_tensor(entry["index"]) for entry in runtime.get_output_details()]
        seen.update(*(one.reshape(-1).tolist() for one in wanted))
        assert furthest(case, answers(case, sample), wanted) <= 1.01
    assert len(seen) > 4  # neither constant nor saturated


@pytest.mark.parametrize("options", [{}, {"AlignCorners": 1}, {"HalfPixelCenters": 1}])
def test_large_images_are_resized_as_litert_does_by_default(
    options: dict[str, int], tmp_path: Path
) -> None:
    """Without its delegate LiteRT counts places in steps of 1/1024, which add up along an axis."""
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    made = TfliteFile(5)
    x, y = made.tensor((1, 21, 17, 3), 0.05, -3), made.tensor((1, 52, 41, 3), 0.05, -3)
    made.operator(
        "RESIZE_BILINEAR", [x, made.whole((52, 41))], [y], "ResizeBilinearOptions", **options
    )
    path = tmp_path / "large.tflite"
    path.write_bytes(made.data([x], [y]))
    case = resolve(str(path), {})
    runtime = litert.Interpreter(model_path=str(path), num_threads=1)
    runtime.allocate_tensors()
    (sample,) = case.samples(1)
    runtime.set_tensor(runtime.get_input_details()[0]["index"], next(iter(sample.values())))
    runtime.invoke()
    wanted = [runtime.get_tensor(entry["index"]) for entry in runtime.get_output_details()]
    assert furthest(case, answers(case, sample), wanted) <= 1.01


def test_every_operator_that_runs_has_a_case() -> None:
    tried: set[str] = set()
    for build in CASES.values():
        made = TfliteFile(3)
        build(made)
        tried.update(one.type for one in made.operators)
    # LiteRT does not know MediaPipe's own: test_tflite_mediapipe.py.
    assert tried | {"Convolution2DTransposeBias"} == rules().keys()


@pytest.mark.parametrize("name", ["conv_strides", "pad_conv", "mobilenet", "uint8", "float"])
def test_within_a_step_of_onnx_runtime(name: str, tmp_path: Path) -> None:
    case, _ = case_of(name, tmp_path)
    samples = case.samples(_SAMPLES)
    for sample, wanted in zip(samples, case_outputs(case, samples), strict=True):
        assert furthest(case, answers(case, sample), wanted) <= 1.01
