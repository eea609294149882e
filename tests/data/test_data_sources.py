"""Data sources: what is read, and what is refused however it was made."""

from __future__ import annotations

import gzip
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.training.data import fashion
from tinyrig.suite.training.data.idx import read_idx
from tinyrig.suite.training.data.images import Images
from tinyrig.suite.training.data.sources import load_source

_RNG = np.random.default_rng(10)


def _idx(array: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    return (
        bytes((0, 0, 8, array.ndim))
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def _fashion(folder: Path) -> tuple[Any, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for part, count in (("t10k", 5), ("train", 9)):
        pixels = _RNG.integers(0, 256, (count, 28, 28), np.uint8)
        labels = _RNG.integers(0, 10, count, np.uint8)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(_idx(pixels)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(_idx(labels)))
        kept[part] = (pixels, labels)
    return kept["t10k"]


@pytest.mark.parametrize("below", ["", "fashion-mnist"])
def test_fashion_is_read_as_it_was_written(tmp_path: Path, below: str) -> None:
    pixels, labels = _fashion(tmp_path / below)
    source = load_source("fashion-mnist", tmp_path)
    np.testing.assert_array_equal(source.test.pixels[..., 0], pixels)
    np.testing.assert_array_equal(source.test.labels, labels)
    assert (len(source.training), source.classes[9]) == (9, "Ankle boot")
    assert source.test.values().max() <= 1.0
    assert source.test.values()[0, 3, 4, 0] == np.float32(pixels[0, 3, 4]) / np.float32(255)


def test_fashion_that_is_missing_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fashion, "FOLDER", tmp_path / "none")
    for root in (None, tmp_path):
        with pytest.raises(MissingToolError, match="apt-get install dataset-fashion-mnist"):
            load_source("fashion-mnist", root)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not begin"),
        (b"\0\0\x09\x01\0\0\0\x01\0", "does not begin"),
        (b"\0\0\x08\x00", "0 axes"),
        (b"\0\0\x08\x02\0\0\0\x01", "2 axes"),
        (_idx(np.zeros((2, 3), np.uint8))[:-1], "its sizes"),
        (b"\0\0\x08\x01\xff\xff\xff\xff\0", "its sizes"),
        (gzip.compress(_idx(np.zeros(9, np.uint8)), mtime=0)[:-9], "cut off"),
        (b"\x1f\x8b\x08nonsense", "IDX file"),
    ],
)
def test_damaged_idx_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_idx(tmp_path / "file")


def test_digits_come_with_the_zoo() -> None:
    source = load_source("digits")
    assert (len(source.test), len(source.training), source.test.shape) == (200, 1597, (8, 8, 1))


def _records(count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    records = _RNG.integers(0, 256, (count, 3073), np.uint8)
    records[:, 0] = _RNG.integers(0, 10, count)
    return records


def test_cifar_in_binary_and_in_pickles_is_the_same(tmp_path: Path) -> None:
    test, train = _records(3), _records(4)
    for folder in ("binary", "python"):
        (tmp_path / folder).mkdir()
    (tmp_path / "binary" / "test_batch.bin").write_bytes(test.tobytes())
    (tmp_path / "binary" / "data_batch_1.bin").write_bytes(train.tobytes())
    for name, rows in (("test_batch", test), ("data_batch_1", train)):
        table = {b"data": rows[:, 1:].copy(), b"labels": [int(x) for x in rows[:, 0]]}
        for protocol in (2, 4):
            (tmp_path / "python" / name).write_bytes(pickle.dumps(table, protocol=protocol))
            one, other = (load_source(str(tmp_path / kind)) for kind in ("binary", "python"))
            if name == "test_batch":
                np.testing.assert_array_equal(one.test.pixels, other.test.pixels)
                np.testing.assert_array_equal(one.test.labels, other.test.labels)
    assert one.test.shape == (32, 32, 3)
    assert one.test.pixels[1, 2, 5, 1] == test[1, 1 + 1024 + 2 * 32 + 5]
    assert len(one.training) == len(other.training) == 4


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("ran",))


@pytest.mark.parametrize(
    "held",
    [
        _Evil(),
        {b"data": _Evil(), b"labels": [1]},
        {b"data": np.zeros((2, 3072), np.float32), b"labels": [0, 1]},
        {b"data": np.zeros((2, 3071), np.uint8), b"labels": [0, 1]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 10]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0]},
        {b"data": np.array([_Evil()], object), b"labels": [0]},
        [1, 2],
    ],
)
def test_pickles_that_ask_for_more_are_refused(
    tmp_path: Path, held: object, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_batch").write_bytes(pickle.dumps(held))
    with pytest.raises(InputError):
        load_source(str(tmp_path / "test_batch"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("size", [0, 3072, 3074])
def test_binary_batches_of_another_size_are_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "test_batch.bin").write_bytes(bytes(size))
    with pytest.raises(InputError, match="no whole number"):
        load_source(str(tmp_path / "test_batch.bin"))


def test_npz(tmp_path: Path) -> None:
    pixels, labels = _RNG.random((4, 5, 6)).astype(np.float64), np.array([0, 2, 1, 2])
    np.savez(tmp_path / "own.npz", images=pixels, labels=labels)
    source = load_source(str(tmp_path / "own.npz"))
    assert (source.name, source.test.shape, source.classes) == ("own", (5, 6, 1), ("0", "1", "2"))
    np.testing.assert_allclose(source.test.values()[..., 0], pixels, rtol=1e-6)
    with pytest.raises(InputError, match="none to train with"):
        _ = source.training
    np.savez(tmp_path / "other.npz", x=pixels)
    with pytest.raises(InputError, match="x_test and y_test"):
        load_source(str(tmp_path / "other.npz"))
    np.savez(tmp_path / "short.npz", images=pixels, labels=labels[:3])
    with pytest.raises(InputError, match="each needs one class"):
        load_source(str(tmp_path / "short.npz"))
    np.savez(tmp_path / "below.npz", images=pixels, labels=labels - 1)
    with pytest.raises(InputError, match="negative"):
        load_source(str(tmp_path / "below.npz"))


def test_folder_of_pictures(tmp_path: Path) -> None:
    for part in ("test", "train"):
        for name in ("cat", "dog"):
            (tmp_path / part / name).mkdir(parents=True)
            for n in range(2):
                picture = _RNG.integers(0, 256, (4, 3, 3), np.uint8)
                np.save(tmp_path / part / name / f"{n}.npy", picture)
    source = load_source(str(tmp_path))
    assert (source.classes, source.test.labels.tolist()) == (("cat", "dog"), [0, 0, 1, 1])
    assert source.test.shape == (4, 3, 3)
    assert len(source.training) == 4
    np.testing.assert_array_equal(source.test.pixels[1], np.load(tmp_path / "test/cat/1.npy"))
    np.save(tmp_path / "test" / "cat" / "2.npy", np.zeros((5, 3, 3), np.uint8))
    with pytest.raises(InputError, match="differ in size"):
        load_source(str(tmp_path))


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no data set 'cifar'"):
        load_source("cifar")
    with pytest.raises(InputError, match="no folder of a class"):
        load_source(str(tmp_path))
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("images.npy", b"no array")
    with pytest.raises(InputError):
        load_source(str(tmp_path / "bad.npz"))
    with pytest.raises(InputError, match="rows, columns, bands"):
        Images(np.zeros((3, 4), np.uint8), np.zeros(3, np.int64))
