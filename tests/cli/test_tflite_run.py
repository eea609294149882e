"""TFLite files on the command line: run and proven, or refused in one paragraph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from cli.command import check_refusal, tinyrig
from frontends.tflite_cases import CASES
from frontends.tflite_files import TfliteFile

from tinyrig.suite.files.starter import find_models
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.oracle import case_outputs


def written(folder: Path, name: str) -> Path:
    f, path = TfliteFile(3), folder / f"{name}.tflite"
    path.write_bytes(f.data(*CASES[name](f)))
    return path


def test_a_file_runs_on_a_board_and_keeps_its_order_of_axes(tmp_path: Path) -> None:
    path = written(tmp_path, "pad_conv")
    case = resolve(str(path), {})
    sample = case.samples(1)[0]
    assert {name: x.shape for name, x in sample.items()} == {"t0": (1, 7, 6, 4)}
    np.savez(tmp_path / "in.npz", **{name: x[np.newaxis] for name, x in sample.items()})
    files = ("--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "out.npz")
    said = tinyrig("run", path, "--board", "stm32f427", *files)
    assert said.code == 0, said.err
    assert "MATCH" in said.out
    with np.load(tmp_path / "out.npz") as kept:
        (found,) = (kept[name] for name in kept.files)
    wanted = case_outputs(case, [sample])[0][0]
    assert found.dtype == np.int8
    assert np.abs(found.reshape(wanted.shape).astype(int) - wanted.astype(int)).max() <= 1


def test_check_tells_what_runs_and_what_does_not(tmp_path: Path) -> None:
    said = tinyrig("check", written(tmp_path, "mobilenet"))
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "mobilenet: runs"
    f = TfliteFile()
    x, y = f.tensor((2, 3)), f.tensor((2, 3))
    f.operator("CUMSUM", [x], [y])
    bad = tmp_path / "bad.tflite"
    bad.write_bytes(f.data([x], [y]))
    check_refusal(tinyrig("check", bad), 2, "CUMSUM (0)", "Supported are")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path, "ds_cnn").read_bytes()
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(whole[: len(whole) // 2])
    check_refusal(tinyrig("check", cut), 2, "truncated or damaged")
    check_refusal(tinyrig("run", "missing.tflite"), 2, "Cannot read TFLite model", "not exist")


def test_init_finds_the_files(tmp_path: Path) -> None:
    path = written(tmp_path, "dense")
    assert find_models(tmp_path) == [path]
