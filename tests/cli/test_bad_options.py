"""Options that cannot be meant, and places that cannot be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli.command import check_refusal, tinyrig, tree

BISECT = ("bisect", "--good", "HEAD", "--bad", "HEAD")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--board", "nope"), 2, ("'nope'", "stm32f427", "stm32f746", "stm32h743")),
        (("--board", "../stm32f746"), 2, ("stm32f746",)),
        (("--backend", "nope"), 2, ("'nope'", "embedded")),
        (("--toolchain", "nope"), 2, ("'nope'", "zig", "gcc")),
        (("--no-opt", "nope"), 2, ("'nope'", "attention")),
        (
            ("--opt", "optimize=ram", "--optimize", "cycles"),
            2,
            ("--opt optimize=ram", "--optimize cycles", "say one"),
        ),
        (("--opt", "max-ram=9", "--max-ram", "8"), 2, ("--max-ram 8", "say one")),
        (("--samples", "0"), 2, ("--samples", "1")),
        (("--samples", "9" * 20), 2, ("--samples", "100000")),
        (("--samples", "x"), 2, ("--samples",)),
        (("--budget", "0"), 2, ("--budget",)),
        (("--nope",), 2, ("--nope",)),
        (("--S", "3"), 2, ("S",)),
    ],
)
def test_bad_option(model: Path, arguments: tuple[str, ...], code: int, words: tuple) -> None:
    before = tree(model.parent)
    check_refusal(tinyrig("run", model, *arguments), code, *words)
    assert tree(model.parent) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frobnicate",), ("'frobnicate'",)),
        (("run",), ("model",)),
        (("generate", "mhsa"), ("--output",)),
        (("run", "eegformr"), ("'eegformr'", "Did you mean eegformer?")),
        (("run", "eegformer", "--S", "3"), ("fixed", "S")),
        (("run", "mhsa", "--S", "-3"), ("S = -3", "1 to 4096")),
        (("run", "mhsa", "--H", "99999"), ("H = 99999", "1 to 4096")),
        (("compare", "mhsa", "encoder", "--format", "json"), ("--format", "models")),
        (("compare", "mhsa", "encoder", "--boards", "a", "--boards", "b"), ("--boards",)),
        (("compare", "/", "/", "--toolchain", "gcc"), ("--toolchain", "two models")),
        (("gate", "--update-budgets", "--base", "main"), ("--update-budgets", "alone")),
        (("bench", "--matrix", "full", "kernels"), ("--matrix", "bench kernels")),
        (("bench", "--all", "mlperf"), ("--all", "bench mlperf")),
        ((*BISECT, "--model", "eegformr"), ("'eegformr'", "Did you mean eegformer?")),
        ((*BISECT, "--model", "mhsa", "--opt", "no-x"), ("'x'", "attention")),
        ((*BISECT, "--model", "mhsa", "--l1", "99"), ("no cluster's L1", "99")),
        ((*BISECT, "--model", "mhsa", "--backend", "x"), ("'x'", "embedded")),
        ((*BISECT, "--model", "mhsa", "--metric", "x"), ("'x'", "cycles")),
    ],
)
def test_bad_command_line(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    check_refusal(tinyrig(*arguments), 2, *words)


def test_no_arguments_show_the_help() -> None:
    said = tinyrig()
    assert said.code == 0
    for command in ("run", "generate", "models", "boards", "kernels", "doctor"):
        assert f"  {command} " in said.out


def test_firmware_that_never_ends(model: Path) -> None:
    before = tree(model.parent)
    targets = ("--json", model.parent / "r.json", "--outputs", model.parent / "o.npz")
    said = tinyrig("run", model, "--budget", "1000", *targets)
    check_refusal(said, 4, "1000 instructions", "did not end")
    assert tree(model.parent) == before


@pytest.mark.parametrize("option", ["--json", "--outputs"])
@pytest.mark.parametrize("target", ["none/file", "", "folder", "/proc/tinyrig", "model.onnx/x"])
def test_unwritable_target(model: Path, option: str, target: str) -> None:
    """Refused before the model is even read: nothing is compiled for nothing."""
    (model.parent / "folder").mkdir()
    before = tree(model.parent)
    path = model.parent / target
    check_refusal(tinyrig("run", "no-such-model", option, path), 2, "Cannot write", str(path))
    assert tree(model.parent) == before


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("none/folder", "does not exist"),
        ("model.onnx", "is not a folder"),
        ("model.onnx/x", "Cannot write"),
        ("", "did not write"),
        ("/proc/tinyrig", "Cannot write"),
    ],
)
def test_unwritable_project_folder(model: Path, target: str, word: str) -> None:
    before = tree(model.parent)
    check_refusal(tinyrig("generate", model, "-o", model.parent / target), 2, word)
    assert tree(model.parent) == before


BAD_ARRAYS = {
    "no array": ({}, ("nothing", "'x'")),
    "another name": ({"q": np.zeros((1, 3, 4))}, ("'q'", "'x'")),
    "one array too many": ({"x": np.zeros((1, 3, 4)), "y": np.zeros(1)}, ("'y'", "'x'")),
    "another shape": ({"x": np.zeros((1, 3, 5))}, ("(1, 3, 5)", "(1, 3, 4)")),
    "NaN": ({"x": np.full((1, 3, 4), np.nan)}, ("'x'", "NaN")),
    "infinity": ({"x": np.full((1, 3, 4), np.inf)}, ("'x'", "infinity")),
    "beyond float32": ({"x": np.full((1, 3, 4), 1e300)}, ("'x'", "infinity")),
    "text": ({"x": np.array([["a"]])}, ("'x'", "numbers")),
    "complex": ({"x": np.zeros((1, 3, 4), complex)}, ("'x'", "complex")),
    "objects": ({"x": np.array([None])}, ("numbers",)),
    "no sample": ({"x": np.zeros((0, 1, 3, 4))}, ("no sample",)),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_bad_inputs(model: Path, name: str) -> None:
    arrays, words = BAD_ARRAYS[name]
    path = model.parent / "inputs.npz"
    np.savez(path, **arrays)
    said = tinyrig("run", model, "--inputs", path, "--outputs", model.parent / "o.npz")
    check_refusal(said, 2, str(path), *words)
    assert not (model.parent / "o.npz").exists()


def test_inputs_that_are_no_npz(model: Path) -> None:
    folder = model.parent
    check_refusal(tinyrig("run", model, "--inputs", folder / "none.npz"), 2, "does not exist")
    check_refusal(tinyrig("run", model, "--inputs", folder), 2, ".npz", "it is a folder")
    check_refusal(tinyrig("run", model, "--inputs", model), 2, "not an .npz")
    np.save(folder / "one.npy", np.zeros((1, 3, 4)))
    check_refusal(tinyrig("run", model, "--inputs", folder / "one.npy"), 2, "not an .npz")


def test_damaged_npz(model: Path) -> None:
    path = model.parent / "inputs.npz"
    np.savez(path, x=np.ones((1, 3, 4)))
    raw = path.read_bytes()
    path.write_bytes(raw[:100])
    check_refusal(tinyrig("run", model, "--inputs", path), 2, str(path))
    damaged = bytearray(raw)
    damaged[150] ^= 255
    path.write_bytes(damaged)
    check_refusal(tinyrig("run", model, "--inputs", path), 2, str(path), "CRC")


def test_generating_into_the_current_folder(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is swapped for the new one, so `.` is named by its own path."""
    folder = model.parent / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    said = tinyrig("generate", model, "-o", ".")
    assert said.code == 0, said.err
    assert (folder / "CMakeLists.txt").is_file()
    assert {path.name for path in model.parent.iterdir()} == {"model.onnx", "here"}
