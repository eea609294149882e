"""Names from a graph reach no C, no path and no shell unescaped, and change no figure."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from cli.command import tinyrig, tree
from cli.onnx_files import Shape, quantized, write

from tinyrig.suite.records.record import load_record

HOSTILE = [
    '"; rm -rf /',
    "../../x",
    "/etc/passwd",
    "*/ int main(void) { for (;;); } /*",
    '\\"\n#include "/etc/passwd"\n',
    "%s%n$(id)`id`",
    "[red]markup[/red]",
    "{{ 7 * 7 }}${CMAKE_SOURCE_DIR}",
    "naïve ☃ \u202eright to left",
    "-o",
    "..",
    "int",
    "file",
    "x" * 5000,
]


def _hostile(name: str) -> Shape:
    return Shape(graph_name=name, input_name=name, output_name=f"{name}?", layer_name=name)


@pytest.mark.parametrize("name", HOSTILE)
def test_run(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "model.onnx", quantized(_hostile(name)))
    said = tinyrig("run", path, "--json", tmp_path / "r.json", "--outputs", tmp_path / "o.npz")
    assert said.code == 0, said.err
    record = load_record(tmp_path / "r.json")
    assert record.check.verdict == "match"
    for layer in record.layers:
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,63}", layer.name), layer.name
    assert tree(tmp_path) == {"model.onnx", "r.json", "o.npz"}


def test_inputs_and_outputs_keep_the_models_own_names(tmp_path: Path) -> None:
    name = '"; rm -rf /'
    path = write(tmp_path / "model.onnx", quantized(_hostile(name)))
    np.savez(tmp_path / "in.npz", **{name: np.ones((1, 3, 4))})
    said = tinyrig("run", path, "--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "out.npz")
    assert said.code == 0, said.err
    with np.load(tmp_path / "out.npz") as archive:
        assert len(archive.files) == 1
    assert tree(tmp_path) == {"model.onnx", "in.npz", "out.npz"}


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd"])
def test_outputs_do_not_leave_their_archive(tmp_path: Path, name: str) -> None:
    """Whoever unpacks an .npz of answers gets its members below the folder of their choice."""
    shape = Shape(output_name=name)
    path = write(tmp_path / "model.onnx", quantized(shape))
    assert tinyrig("run", path, "--outputs", tmp_path / "out.npz").code == 0
    with np.load(tmp_path / "out.npz") as archive:
        (member,) = archive.files
    assert not member.startswith("/")
    assert ".." not in member.split("/")


@pytest.mark.parametrize("name", HOSTILE)
def test_generate(tmp_path: Path, name: str) -> None:
    harmless = write(tmp_path / "model.onnx", quantized())
    assert tinyrig("generate", harmless, "-o", tmp_path / "good").code == 0
    hostile = write(tmp_path / "model.onnx", quantized(_hostile(name)))
    assert tinyrig("generate", hostile, "-o", tmp_path / "bad").code == 0
    assert tree(tmp_path / "bad") == tree(tmp_path / "good")
    for path in (tmp_path / "bad").rglob("*"):
        if path.is_file() and len(name) > 4:
            assert name not in path.read_text(), path


@pytest.mark.parametrize("stem", ['"; rm -rf ', "$(id)", "a b", "..c", "[red]", "ümlaut"])
def test_hostile_file_names(tmp_path: Path, stem: str) -> None:
    path = write(tmp_path / f"{stem}.onnx", quantized())
    said = tinyrig("run", path, "--json", tmp_path / "r.json")
    assert said.code == 0, said.err
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", load_record(tmp_path / "r.json").model.name)
    assert tinyrig("generate", path, "-o", tmp_path / "project").code == 0
    project = (tmp_path / "project" / "CMakeLists.txt").read_text()
    assert re.search(r"^project\(model_[A-Za-z0-9_-]+ C\)$", project, re.MULTILINE)
