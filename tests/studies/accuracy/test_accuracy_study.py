"""`tinyrig accuracy`: shares and their intervals, layouts of images, and the command whole."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from cli.command import check_refusal, tinyrig

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.case import resolve
from tinyrig.suite.studies.accuracy.feeding import feeding
from tinyrig.suite.studies.accuracy.share import Share
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.data.sources import load_source


@pytest.mark.parametrize(("right", "count"), [(9150, 10_000), (1, 7), (199, 200), (0, 3), (10, 10)])
def test_wilson_interval(right: int, count: int) -> None:
    share = Share(right, count)
    # Each end is the share of which this one is 1.96 of its own standard deviations away.
    for end in share.interval:
        away = 1.959964 * math.sqrt(end * (1 - end) / count)
        assert abs(share.value - end) == pytest.approx(away, abs=1e-6)
    low, high = share.interval
    assert low - 1e-12 <= share.value <= high + 1e-12
    assert Share(count - right, count).interval == pytest.approx((1 - high, 1 - low))


def _source(rows: int, columns: int, bands: int) -> Source:
    pixels = np.arange(2 * rows * columns * bands).reshape(2, rows, columns, bands)
    images = Images(pixels.astype(np.float32), np.array([0, 9]))
    return Source("drawn", tuple("0123456789"), images)


def test_bands_first_or_last_as_the_model_reads_them() -> None:
    planes = feeding(resolve("tinyvit-digits", {}), _source(8, 8, 1))
    assert planes.shape == (1, 1, 8, 8)
    last = feeding(resolve("mlperf-ic", {}), _source(32, 32, 3), mean=1.0, std=2.0)
    assert not last.planes
    image = _source(32, 32, 3).test.values()
    np.testing.assert_array_equal(last.reals(image)[:, 0], (image - 1) / 2)


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("tinyvit-digits", _source(8, 9, 1), "8 x 9 with 1 band"),
        ("mlperf-vww", _source(96, 96, 3), "has 10 classes"),
        ("ecgformer", _source(8, 8, 1), "one input"),
    ],
)
def test_models_that_read_something_else_are_refused(name: str, source: Source, why: str) -> None:
    with pytest.raises(InputError, match=why):
        feeding(resolve(name, {}), source)


def test_digits_on_a_board(tmp_path: Path) -> None:
    said = tinyrig(
        "accuracy", "tinyvit-digits", "--data", "digits", "--samples", 2, "--json", tmp_path / "a"
    )
    assert said.code == 0, said.err
    assert "output bytes equal the reference's" in said.out
    found = json.loads((tmp_path / "a").read_text())
    test = load_source("digits").test
    assert found["reference"]["images"] == found["float"]["images"] == len(test)
    assert found["reference"]["right"] >= 0.95 * len(test)
    assert found["firmware"]["images"] == 2
    table = np.array(found["reference"]["confusion"])
    assert table.trace() == found["reference"]["right"]
    assert table.sum(axis=1).tolist() == np.bincount(test.labels).tolist()
    falls = [one["behind_db"] - one["before_db"] for one in found["layers"]]
    assert falls == sorted(falls)
    assert falls[0] < -3


def test_data_that_is_missing_is_told() -> None:
    said = tinyrig("accuracy", "tinyvit-digits", "--data", "nothing")
    check_refusal(said, 2, "no data set 'nothing'")
