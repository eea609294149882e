"""The public package: every kind of model, what comes back, and how it is refused."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from cli.onnx_files import floating, quantized, write
from torch import nn

import tinyrig
import tinyrig.api


class Net(nn.Module):
    """Two inputs, two layers."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.left, self.right = nn.Linear(6, 8), nn.Linear(6, 8)

    def forward(self, signal: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Return the sum of both, rectified."""
        return torch.relu(self.left(signal) + self.right(other))


@pytest.fixture(scope="module")
def example() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(4)
    return torch.randn(1, 6), torch.randn(1, 6)


def test_importing_is_light() -> None:
    code = (
        "import sys, tinyrig; tinyrig.TinyrigError; tinyrig.__version__; "
        "print(sorted({'torch', 'onnx', 'numpy', 'pandas', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_everything_named_is_there() -> None:
    for name in tinyrig.__all__:
        assert getattr(tinyrig, name) is not None
        assert name in dir(tinyrig)
    with pytest.raises(AttributeError, match="nothing"):
        tinyrig.nothing  # noqa: B018


def test_doctests() -> None:
    found = doctest.testmod(tinyrig.api, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 8
    assert found.failed == 0


def test_a_module_runs_on_its_example(example: tuple[torch.Tensor, torch.Tensor]) -> None:
    net = Net()
    net.train()
    found = tinyrig.run(net, example=example)
    assert net.training
    assert found.matches
    assert found.record.model.name == "net"
    (output,) = found.outputs[0].values()
    expected = net(*example).detach().numpy()
    assert np.abs(output - expected).max() < 0.03 * np.abs(expected).max()


def test_a_run_shows_verdict_memory_and_layers(
    example: tuple[torch.Tensor, torch.Tensor],
) -> None:
    found = tinyrig.run(Net(), example=example, inputs=[example, example])
    shown = found._repr_html_()
    assert len(found.outputs) == 2
    assert "<strong>MATCH</strong>" in shown
    assert "data:image/svg+xml;base64," in shown
    for layer in found.record.layers:
        assert layer.kernel in shown
    assert "<svg" not in shown  # the styles of a picture stay its own


def test_an_exported_program_is_the_module(example: tuple[torch.Tensor, torch.Tensor]) -> None:
    program = torch.export.export(Net().eval(), example)
    found = tinyrig.check(program, example=example)
    assert found.runs, found.obstacles
    module, exported = (
        tinyrig.run(model, example=example).outputs[0] for model in (Net(), program)
    )
    for one, other in zip(module.values(), exported.values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_file_a_proto_and_a_path_are_one_model(tmp_path: Path) -> None:
    path = write(tmp_path / "small.onnx", quantized())
    plans = [tinyrig.plan(model) for model in (path, str(path), quantized())]
    assert len({(one.arena, one.weights, one.model) for one in plans}) == 1
    assert plans[0].plan.steps[0].kernel.name in plans[0]._repr_html_()


def test_calibration_takes_mappings_and_arrays() -> None:
    rng = np.random.default_rng(2)
    arrays = [rng.normal(size=(1, 3, 4)) for _ in range(3)]
    models = [
        tinyrig.quantize(floating(), calibration=calibration)
        for calibration in (arrays, [{"x": array} for array in arrays], [(a,) for a in arrays])
    ]
    assert len({model.SerializeToString(deterministic=True) for model in models}) == 1


def test_an_input_that_is_a_constant_needs_no_arrays() -> None:
    value = onnx.helper.make_tensor_value_info
    infos = [value(name, onnx.TensorProto.FLOAT, [1, 4]) for name in ("x", "gain", "y")]
    node = onnx.helper.make_node("Mul", ["x", "gain"], ["y"])
    graph = onnx.helper.make_graph([node], "g", infos[:2], infos[2:])
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    seen, given = [np.ones((1, 4), np.float32)], {"gain": 3}
    assert tinyrig.check(model, calibration=seen, constants=given).runs
    made = tinyrig.quantize(model, calibration=seen, constants=given)
    assert [info.name for info in made.graph.input] == ["x"]


def test_check_tells_everything_without_calibration() -> None:
    found = tinyrig.check(floating())
    assert [obstacle.node for obstacle in found.obstacles] == [""]
    assert "way out" in found._repr_html_()


def test_generate_proves_first(tmp_path: Path) -> None:
    made = tinyrig.generate(quantized(), tmp_path / "project")
    assert made.proven > 0
    assert made.files > 10
    with pytest.raises(tinyrig.InputError):
        tinyrig.generate(quantized(), tmp_path, proven=False)  # not a project: left alone


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": nn.Linear(2, 2)}, "example"),
        ({"model": 3}, "int is no model"),
        ({"model": floating()}, "calibration"),
        ({"model": floating(), "example": {"y": np.ones((1, 3, 4))}}, "'x'"),
        ({"model": floating(), "example": np.array(["a"])}, "arrays of numbers"),
        ({"model": quantized(), "example": np.ones((1, 3, 5))}, "shape"),
        ({"model": quantized(), "inputs": []}, "no example"),
        ({"model": quantized(), "dims": {"N": 0}}, "not 1 or more"),
        ({"model": "no-such-model"}, "no zoo model"),
        ({"model": quantized(), "board": "abacus"}, "abacus"),
        ({"model": quantized(), "opt": ["magic"]}, "magic"),
    ],
)
def test_what_cannot_be_used_is_an_input_error(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(tinyrig.InputError, match=words):
        tinyrig.run(**arguments)  # type: ignore[arg-type]


def test_what_does_not_fit_is_a_fit_error() -> None:
    with pytest.raises(tinyrig.FitError):
        tinyrig.plan(nn.Linear(1024, 2048), board="netduinoplus2", example=torch.zeros(1, 1024))
