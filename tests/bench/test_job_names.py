"""A job's name is a safe folder name, and no other job's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.matrix import load_matrix

_MODELS = st.text("ab _.~/@-\U0001f600\n=", min_size=1, max_size=4)


@given(_MODELS, _MODELS)
@example("a b", "a_b")
@example("a/b", "a~2fb")
def test_different_models_have_different_names(one: str, other: str) -> None:
    names = [Job(model=model, board="stm32f427").name for model in (one, other)]
    assert all(re.fullmatch(r"[A-Za-z0-9_.+=~@-]+", name) for name in names)
    assert (names[0] == names[1]) == (one == other)


def test_plain_names_stay_as_they_are() -> None:
    job = Job(model="mhsa", board="stm32f427", dims={"S": 5}, options=("attention=layerwise",))
    assert job.name == "mhsa-S5@stm32f427@zig@embedded@attention=layerwise"


def test_no_job_of_a_matrix_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "matrix.toml"
    models = '["a b.onnx", "a_b.onnx", "a b.onnx"]'
    path.write_text(f'[[m]]\nmodels = {models}\nboards = ["stm32f427"]\n')
    assert [job.model for job in load_matrix("m", path=path)] == ["a b.onnx", "a_b.onnx"]
    same = '[[m]]\nmodels = ["a"]\nboards = ["b"]\ndims = {S = 5}\n'
    path.write_text(f'{same}[[m]]\nmodels = ["a-S5"]\nboards = ["b"]\n')
    with pytest.raises(InputError, match="Two jobs of the matrix m would be called a-S5@b"):
        load_matrix("m", path=path)
