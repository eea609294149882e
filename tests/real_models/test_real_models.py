"""The script that tries real models, on wheels made here."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from real_models.__main__ import main
from real_models.drawing import drawn
from real_models.finding import catalogue

_CATALOGUE = """
[[model]]
name = "picture"
package = "made"
file = "made/net.onnx"
inputs = "picture"
shapes = { x = [1, 3, 8, 8] }
constants = { gain = 2 }

[[model]]
name = "sorting"
package = "made"
file = "made/sorting.onnx"
inputs = "picture"

[[model]]
name = "absent"
package = "surely-not-installed"
file = "net.onnx"
"""


def _bytes(op: str, *, gain: bool) -> bytes:
    value = helper.make_tensor_value_info
    inputs = [value("x", TensorProto.FLOAT, ["N", 3, 8, 8] if gain else [1, 3, 8, 8])]
    inputs += [value("gain", TensorProto.FLOAT, [1])] if gain else []
    weight = np.random.default_rng(1).normal(size=(4, 3, 3, 3)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1])]
    nodes.append(helper.make_node(op, ["c", "gain"] if gain else ["c"], ["y"]))
    out = [value("y", TensorProto.FLOAT, [1, 4, 8, 8])]
    held = [numpy_helper.from_array(weight, "w")]
    graph = helper.make_graph(nodes, "g", inputs, out, held)
    imports = [helper.make_opsetid("", 17)]
    made = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return bytes(made.SerializeToString())


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "made-1.2.3-py3-none-any.whl", "w") as archive:
        archive.writestr("made/net.onnx", _bytes("Mul", gain=True))
        archive.writestr("made/sorting.onnx", _bytes("Hardmax", gain=False))
    (tmp_path / "catalogue.toml").write_text(_CATALOGUE)
    return tmp_path


def tried(wheels: Path, *more: str) -> tuple[int, list[dict[str, str]]]:
    table = wheels / "table.csv"
    given = ["--wheels", wheels, "--catalogue", wheels / "catalogue.toml", "--csv", table]
    code = main([*map(str, given), *more])
    with table.open(newline="") as stream:
        return code, list(csv.DictReader(stream))


def test_what_is_refused_or_not_there_is_said(
    wheels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (row,) = tried(wheels, "--only", "s")
    assert code == 0
    assert (row["model"], row["version"], row["verdict"]) == ("sorting", "1.2.3", "refused")
    assert "Hardmax" in row["words"]
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("absent")
    assert said[1].endswith("skipped: pip download --no-deps -d FOLDER surely-not-installed")
    assert said[2] == "1 refused"


@pytest.mark.night
def test_what_fits_runs_and_what_does_not_is_said(wheels: Path) -> None:
    code, (row,) = tried(wheels, "--only", "picture", "--boards", "stm32l4r5")
    assert code == 0
    assert (row["verdict"], row["board"], row["macs"]) == ("runs", "stm32l4r5", str(4 * 27 * 64))
    assert float(row["sqnr_db"]) > 25
    assert int(row["cycles"]) > 4 * 27 * 64 / 2


def test_the_catalogue_is_of_many_models_each_once() -> None:
    entries = catalogue()
    assert len({(one.package, one.file) for one in entries}) == len(entries) >= 20


@pytest.mark.parametrize("shape", [(1, 3, 24, 32), (1, 24, 32, 3)])
def test_pictures_are_smooth_and_within_their_range(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    image = drawn(rng, shape, "picture", -1.0)
    assert image.shape == shape
    assert -1 <= image.min() < -0.3
    assert 0.3 < image.max() <= 1
    plane = image[0, 0] if shape[1] == 3 else image[0, :, :, 0]
    steps = np.diff(plane, axis=1)
    assert np.abs(steps).mean() < 0.5 * plane.std()


def test_states_are_zeros_and_sounds_are_not() -> None:
    rng = np.random.default_rng(2)
    assert not drawn(rng, (2, 1, 128), "sound", 0.0).any()
    assert 0.01 < drawn(rng, (1, 576), "sound", 0.0).std() < 1
