"""`--inputs`, `--outputs` and `--json`: what goes in, what comes out, what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from cli.command import tinyrig
from cli.onnx_files import Shape, quantized, write

from tinyrig.suite.records.record import load_record


@pytest.mark.parametrize("count", [None, 1, 3])
def test_outputs_have_the_inputs_samples(model: Path, count: int | None) -> None:
    """Without a leading axis one answer; with it one answer a sample, also for one sample."""
    folder = model.parent
    shape = (1, 3, 4) if count is None else (count, 1, 3, 4)
    x = np.random.default_rng(5).normal(0, 2, shape).astype(np.float32)
    np.savez(folder / "in.npz", x=x)
    said = tinyrig("run", model, "--inputs", folder / "in.npz", "--outputs", folder / "out.npz")
    assert said.code == 0, said.err
    with np.load(folder / "out.npz") as archive:
        assert archive.files == ["y"]
        y = archive["y"]
    assert y.dtype == np.float32
    assert y.shape == (*shape[:-1], 2)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    for got, sample in zip(y.reshape(-1, 1, 3, 2), x.reshape(-1, 1, 3, 4), strict=True):
        (expected,) = session.run(None, {"x": sample})
        assert np.abs(got - expected).max() <= 0.05 * 1.001, "more than one output step"


def test_whole_numbers_are_taken_as_reals(model: Path) -> None:
    folder = model.parent
    np.savez(folder / "in.npz", x=np.arange(12).reshape(1, 3, 4))
    np.savez(folder / "real.npz", x=np.arange(12, dtype=np.float64).reshape(1, 3, 4))
    answers = []
    for name in ("in", "real"):
        arguments = ("--inputs", folder / f"{name}.npz", "--outputs", folder / "out.npz")
        assert tinyrig("run", model, *arguments).code == 0
        with np.load(folder / "out.npz") as archive:
            answers.append(archive["y"])
    assert np.array_equal(*answers)


def test_seeded_samples(model: Path) -> None:
    path = model.parent / "out.npz"
    assert tinyrig("run", model, "--samples", "4", "--outputs", path).code == 0
    with np.load(path) as archive:
        assert archive["y"].shape == (4, 1, 3, 2)


def test_two_inputs_by_name(tmp_path: Path) -> None:
    """Arrays are matched by name, whatever their order in the file."""
    rng = np.random.default_rng(1)
    ecg = rng.normal(size=(2, 1, 1, 198)).astype(np.float32)
    rr = rng.normal(size=(2, 1, 2)).astype(np.float32)
    answers = []
    for arrays in ({"ecg": ecg, "rr": rr}, {"rr": rr, "ecg": ecg}):
        np.savez(tmp_path / "in.npz", **arrays)
        said = tinyrig(
            "run", "ecgformer", "--inputs", tmp_path / "in.npz", "--outputs", tmp_path / "out.npz"
        )
        assert said.code == 0, said.err
        with np.load(tmp_path / "out.npz") as archive:
            answers.append(archive["logits"])
    assert answers[0].shape == (2, 1, 5)
    assert np.array_equal(*answers)


def test_record_says_what_ran(model: Path) -> None:
    path = model.parent / "record.json"
    assert tinyrig("run", model, "--samples", "3", "--ref-only", "--json", path).code == 0
    record = load_record(path)
    assert record.to_json() == path.read_text()
    assert record.board == "stm32f746"
    assert record.backend.name == "embedded"
    assert record.model.name == "model"
    assert record.model.macs == 3 * 4 * 2
    assert record.model.parameters == 4 * 2
    assert record.check.verdict == "match"
    assert (record.check.samples, record.check.elements) == (3, 18)
    assert record.options["ref_only"] is True
    memory = record.memory
    assert memory.peak_ram == memory.arena + memory.static + memory.stack <= memory.ram_limit
    assert memory.flash == memory.flash_code + memory.flash_weights + memory.flash_tables
    assert record.instructions is not None
    assert sum(layer.macs for layer in record.layers) == record.model.macs
    assert 0 < sum(layer.instructions or 0 for layer in record.layers) <= record.instructions
    raw = json.loads(path.read_text())
    assert raw["schema"] == 1
    assert {"model", "board", "backend", "toolchain", "elf_sha256", "options", "check"} < set(raw)


def test_hash_in_the_record_is_the_files(model: Path) -> None:
    """The same graph has the same hash and ELF under another name; another graph has not."""
    folder = model.parent
    (folder / "sub").mkdir()
    (folder / "sub" / "model.onnx").write_bytes(model.read_bytes())
    other = write(folder / "other.onnx", quantized(Shape(scale=0.06)))
    records = []
    for path in (model, folder / "sub" / "model.onnx", other):
        assert tinyrig("run", path, "--json", folder / "r.json").code == 0
        records.append(load_record(folder / "r.json"))
    assert records[0].model.sha256 == records[1].model.sha256 != records[2].model.sha256
    assert records[0].elf_sha256 == records[1].elf_sha256 != records[2].elf_sha256


def test_the_sample_does_not_move_the_elf(model: Path) -> None:
    folder = model.parent
    np.savez(folder / "in.npz", x=np.ones((1, 3, 4)))
    hashes = []
    for extra in ((), ("--inputs", folder / "in.npz"), ("--samples", "2")):
        assert tinyrig("run", model, *extra, "--json", folder / "r.json").code == 0
        hashes.append(load_record(folder / "r.json").elf_sha256)
    assert len(set(hashes)) == 1


def test_files_are_replaced_whole(model: Path) -> None:
    folder = model.parent
    for name in ("r.json", "o.npz"):
        (folder / name).write_text("old")
    said = tinyrig("run", model, "--json", folder / "r.json", "--outputs", folder / "o.npz")
    assert said.code == 0
    load_record(folder / "r.json")
    with np.load(folder / "o.npz") as archive:
        assert archive.files == ["y"]
    assert {path.name for path in folder.iterdir()} == {"model.onnx", "r.json", "o.npz"}
