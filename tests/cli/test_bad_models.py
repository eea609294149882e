"""Model files that cannot be used: the right exit code and one clear paragraph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli.command import check_refusal, tinyrig, tree
from cli.onnx_files import Shape, floating, quantized, with_external_weight, write
from onnx import TensorProto

BAD_GRAPHS = {
    "unsupported operator": (
        Shape(activation="Det"),
        ("Det", "layer/activation", "Run it outside the model"),
    ),
    "operator of no standard": (Shape(activation="Frobnicate"), ("Frobnicate",)),
    "dynamic shape": (Shape(rows="n"), ("'x'", "dynamic", "'n'")),
    "wrong dtype": (Shape(dtype=TensorProto.DOUBLE), ("'x'", "DOUBLE", "FLOAT")),
    "zero-size tensor": (Shape(rows=0), ("'x'", "empty")),
    "NaN scale": (Shape(scale=float("nan")), ("layer/q", "nan", "positive and finite")),
    "infinite scale": (Shape(scale=float("inf")), ("layer/q", "inf", "masks of minus infinity")),
    "negative scale": (Shape(scale=-1.0), ("layer/q", "-1", "positive and finite")),
    "zero scale": (Shape(scale=0.0), ("layer/q", "= 0", "positive and finite")),
}


@pytest.mark.parametrize("name", BAD_GRAPHS)
@pytest.mark.parametrize("command", ["run", "generate"])
def test_bad_graph(tmp_path: Path, name: str, command: str) -> None:
    shape, words = BAD_GRAPHS[name]
    path = write(tmp_path / "bad.onnx", quantized(shape))
    before = tree(tmp_path)
    tail = ("-o", tmp_path / "out") if command == "generate" else ("--json", tmp_path / "r.json")
    check_refusal(tinyrig(command, path, *tail), 2, *words)
    assert tree(tmp_path) == before


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.onnx"
    check_refusal(tinyrig("run", path), 2, str(path), "does not exist")


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    check_refusal(tinyrig("run", tmp_path), 2, "is a folder")


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"hello, this is a text", "not an ONNX model"), (b"\x00" * 64, "ONNX")],
)
def test_not_an_onnx(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "text.onnx"
    path.write_bytes(content)
    check_refusal(tinyrig("run", path), 2, str(path), word)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_truncated_onnx(tmp_path: Path, model: Path, share: float) -> None:
    raw = model.read_bytes()
    path = tmp_path / "short.onnx"
    path.write_bytes(raw[: int(len(raw) * share)])
    check_refusal(tinyrig("run", path), 2)


def test_every_damaged_byte_is_refused_or_runs(tmp_path: Path, model: Path) -> None:
    """A flipped byte may leave a good model; what it may never do is end in a traceback."""
    raw = model.read_bytes()
    path = tmp_path / "damaged.onnx"
    for position in np.random.default_rng(3).choice(len(raw), 60, replace=False):
        damaged = bytearray(raw)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        said = tinyrig("generate", path, "-o", tmp_path / "out")
        assert said.code in (0, 2, 3), (position, said.err)


def test_float_graph_without_calibration(tmp_path: Path) -> None:
    path = write(tmp_path / "float.onnx", floating())
    check_refusal(tinyrig("run", path), 2, "float model", "--calibration")


def test_float_graph_with_calibration_runs(tmp_path: Path) -> None:
    path = write(tmp_path / "float.onnx", floating())
    samples = np.random.default_rng(0).normal(size=(16, 1, 3, 4)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=samples)
    said = tinyrig("run", path, "--calibration", tmp_path / "data.npz")
    assert said.code == 0, said.err
    assert "against the float model" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"q": np.zeros((2, 1, 3, 4))}, ("'q'", "'x'")),
        ({"x": np.zeros((2, 1, 3, 5))}, ("(1, 3, 5)", "(1, 3, 4)")),
        ({"x": np.zeros((0, 1, 3, 4))}, ("none were given",)),
        ({}, ("none were given",)),
        ({"x": np.full((2, 1, 3, 4), np.nan)}, ("NaN",)),
    ],
)
def test_bad_calibration(
    tmp_path: Path, arrays: dict[str, np.ndarray], words: tuple[str, ...]
) -> None:
    path = write(tmp_path / "float.onnx", floating())
    np.savez(tmp_path / "data.npz", **arrays)
    check_refusal(tinyrig("run", path, "--calibration", tmp_path / "data.npz"), 2, *words)


def test_calibration_of_what_needs_none(tmp_path: Path, model: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.zeros((2, 1, 3, 4)))
    data = ("--calibration", tmp_path / "data.npz")
    check_refusal(tinyrig("run", model, *data), 2, "quantized already")
    check_refusal(tinyrig("run", "mhsa", *data), 2, "zoo")


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/hostname", "a/../../weights.bin"])
def test_external_data_outside_the_folder(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(8))
    path = write(folder / "model.onnx", with_external_weight(quantized(), location))
    check_refusal(tinyrig("run", path), 2, "'w'", location, "outside")


def test_external_data_through_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(8))
    (folder / "weights.bin").symlink_to(tmp_path / "weights.bin")
    path = write(folder / "model.onnx", with_external_weight(quantized(), "weights.bin"))
    check_refusal(tinyrig("run", path), 2, "outside")


def test_external_data_in_the_folder_runs(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(range(8)))
    path = write(tmp_path / "model.onnx", with_external_weight(quantized(), "weights.bin"))
    assert tinyrig("run", path).code == 0


def test_weights_that_overflow_flash(tmp_path: Path) -> None:
    path = write(tmp_path / "deep.onnx", quantized(Shape(rows=1, depth=2000, width=1000)))
    said = tinyrig("run", path, "--board", "netduinoplus2", "--json", tmp_path / "r.json")
    check_refusal(said, 3, "netduinoplus2", "flash", "1048576", "too many")
    assert not (tmp_path / "r.json").exists()


def test_activations_that_overflow_ram(tmp_path: Path) -> None:
    path = write(tmp_path / "long.onnx", quantized(Shape(rows=100_000)))
    said = tinyrig("generate", path, "--board", "stm32f427", "-o", tmp_path / "out")
    check_refusal(said, 3, "stm32f427", "RAM", "196592", "too many")
    assert not (tmp_path / "out").exists()
