"""The same model gives the same ELF, counts and outputs: again, elsewhere, with an empty cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from cli.command import tinyrig_process
from cli.onnx_files import quantized, write

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import resolve
from tinyrig.suite.records.record import load_record
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain


class Figures(NamedTuple):
    """Everything of a run that must never move."""

    elf: str
    instructions: int | None
    layers: tuple[tuple[str, int | None], ...]
    memory: str
    outputs: bytes


def _quiet(message: str) -> None:
    """Progress nobody watches."""


def _here(model: str) -> Figures:
    case = resolve(model, {})
    outcome = run_case(
        case,
        load_board("stm32f746"),
        backend("embedded"),
        load_toolchain("zig"),
        case.samples(1),
        RunOptions(),
        _quiet,
    )
    record = outcome.record
    return Figures(
        record.elf_sha256,
        record.instructions,
        tuple((layer.name, layer.instructions) for layer in record.layers),
        record.memory.model_dump_json(),
        b"".join(array.tobytes() for array in outcome.outputs[0].values()),
    )


def _process(model: str, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Figures:
    folder.mkdir()
    monkeypatch.setenv("TINYRIG_CACHE", str(cache))
    said = tinyrig_process("run", model, "--json", "r.json", "--outputs", "o.npz", folder=folder)
    assert said.code == 0, said.err
    record = load_record(folder / "r.json")
    with np.load(folder / "o.npz") as archive:
        outputs = b"".join(archive[name].tobytes() for name in archive.files)
    return Figures(
        record.elf_sha256,
        record.instructions,
        tuple((layer.name, layer.instructions) for layer in record.layers),
        record.memory.model_dump_json(),
        outputs,
    )


def test_twenty_runs(tmp_path: Path) -> None:
    path = write(tmp_path / "model.onnx", quantized())
    assert len({_here(str(path)) for _ in range(20)}) == 1


def test_zoo_model_again() -> None:
    assert len({_here("tinyvit-digits") for _ in range(2)}) == 1


@pytest.mark.night
def test_another_folder_and_an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything made anew in another process: export, calibration, quantization, compilation."""
    warm = Path(os.environ.get("TINYRIG_CACHE", Path.home() / ".cache" / "tinyrig"))
    expected = _here("tinyvit-digits")
    here = _process("tinyvit-digits", tmp_path / "a", warm, monkeypatch)
    there = _process("tinyvit-digits", tmp_path / "b b", tmp_path / "cache", monkeypatch)
    assert here == expected
    assert there == expected
