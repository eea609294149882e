"""The recipes of CONTRIBUTING, followed in a copy: an operator, a zoo model and a backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from scratch_copy import Copy

CALLS = """\
import ctypes, tempfile
from pathlib import Path
import numpy as np
from kernel_cases import BUILDERS
from kernel_library import OPTIMISED, build
from kernel_runs import execute, expect, planned
from tinyrig.generator.planning.kernels import all_kernels

(kernel,) = (one for one in all_kernels() if one.op == "hardmax_s8")
folder = Path(tempfile.mkdtemp())
library = ctypes.CDLL(str(build(folder, OPTIMISED, kernel.source)))
wrong = 0
for seed in range(200):
    rng = np.random.default_rng(seed)
    case = BUILDERS["hardmax_s8"](lambda low, high: int(rng.integers(low, high + 1)), rng)
    assert kernel.accepts(planned(case))
    wrong += not np.array_equal(execute(library, kernel, case), expect(case))
print(wrong, "of 200 calls are wrong")
"""

GRAPHS = """\
import numpy as np
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from chain.random_graphs import _OPERATORS
from tinyrig.generator.operators.example import drawable

assert "hardmax" in _OPERATORS
b = GraphBuilder(1)
x = b.linear(b.input((1, 40, 7)), 9)
y = b.linear(b.drawn(drawable()["hardmax"], [b.layernorm(x)]), 5)
turned = b.transpose(b.drawn(drawable()["hardmax"], [b.transpose(x, (0, 2, 1))]), (0, 2, 1))
graph = b.graph([y, turned])
firmware = prove(graph, "mps2_an386")
print(*{step.kernel.op for step in firmware.plan.steps})
"""

MODEL = """\
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
from tinyrig.generator.frontends import graph_from_model

def tensor(name, value, kind):
    return numpy_helper.from_array(np.array(value, kind), name)

info = helper.make_tensor_value_info
constants = [tensor("s", 0.1, np.float32), tensor("z", 3, np.int8)]
constants += [tensor("t", 0.01, np.float32), tensor("w", -100, np.int8)]
nodes = [
    helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
    helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
    helper.make_node("Hardmax", ["d"], ["h"], name="pick"),
    helper.make_node("QuantizeLinear", ["h", "t", "w"], ["p"]),
    helper.make_node("DequantizeLinear", ["p", "t", "w"], ["y"]),
]
shapes = [info(name, TensorProto.FLOAT, [1, 6, 5]) for name in "xy"]
graph = helper.make_graph(nodes, "pick", shapes[:1], shapes[1:], constants)
imports = [helper.make_opsetid("", 17)]
onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), "pick.onnx")
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("clone") / "tinyrig")
    made.follow("operator")
    return made


def test_an_operator_touches_at_most_five_files(copy: Copy) -> None:
    assert len(copy.touched) == 5, copy.touched


@pytest.fixture(scope="module")
def refreshed(copy: Copy) -> Copy:
    copy.run("-m", "tinyrig", "kernels", "--header", "kernels/include/tinyrig/variants.h")
    return copy


def test_its_kernel_follows_its_reference(refreshed: Copy) -> None:
    assert "0 of 200" in refreshed.run("-c", CALLS)


def test_random_graphs_go_through_it(refreshed: Copy) -> None:
    assert "hardmax_s8" in refreshed.run("-c", GRAPHS)


def test_a_model_that_has_it_runs(refreshed: Copy) -> None:
    refreshed.run("-c", MODEL)
    record = _record(refreshed, "pick.onnx")
    assert record["check"]["verdict"] == "match"
    assert {layer["kernel"] for layer in record["layers"]} == {"tr_hardmax_s8__ref"}


def test_a_zoo_model_is_two_files_and_a_backend_two(tmp_path: Path) -> None:
    model = Copy(tmp_path / "tinyrig")
    model.follow("model")
    assert model.touched == {"suite/models/parity.py", "suite/models/entries.py"}
    model.touched.clear()
    model.follow("backend")
    model.replace("suite/backends/registry.py", '"pyocd")', '"pyocd", "mirror")')
    assert model.touched == {"suite/backends/mirror.py", "suite/backends/registry.py"}
    record = _record(model, "parity", "--backend", "mirror")
    assert record["check"]["verdict"] == "match"
    assert record["backend"]["name"] == "mirror"


def _record(copy: Copy, model: str, *more: str) -> dict[str, Any]:
    where = ("--board", "mps2_an386", "--toolchain", "zig", "--json", "record.json")
    copy.run("-m", "tinyrig", "run", model, *where, *more)
    found: dict[str, Any] = json.loads((copy.root / "record.json").read_text())
    return found
