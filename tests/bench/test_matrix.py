"""The matrices: what they hold, choices from them, and files that hold none."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from bench.tiny import TINY, measured
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.backends.registry import backend_names, emulators_of
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.matrix import load_matrix, matrix_of
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.benchmarks.track_matrix import HEAVY
from tinyrig.suite.models.zoo import load_zoo, zoo_names
from tinyrig.suite.toolchain.toolchain import toolchain_names


@pytest.mark.parametrize("name", ["smoke", "full", "every", "boards"])
def test_every_job_can_be_named(name: str) -> None:
    jobs = load_matrix(name)
    assert len({job.name for job in jobs}) == len(jobs)
    for job in jobs:
        assert job.board in board_names()
        assert job.backend in backend_names()
        assert job.toolchain in toolchain_names()
        load_zoo(job.model, **job.dims)
        parse_options(job.options, ())


def test_full_has_the_whole_zoo_and_smoke_is_a_part_of_it() -> None:
    full = load_matrix("full")
    assert {job.model for job in full} == set(zoo_names())
    assert {job.name for job in load_matrix("smoke")} < {job.name for job in full}


def test_every_has_the_light_networks_on_each_lane_of_each_board() -> None:
    jobs = load_matrix("every")
    found = {(job.model, job.board, job.backend) for job in jobs}
    assert {model for model, _, _ in found} == set(zoo_names())
    lanes = {(board, backend) for _, board, backend in found}
    boards = [load_board(name) for name in board_names()]
    assert lanes == {(board.name, lane) for board in boards for lane in emulators_of(board)}
    light = set(zoo_names()) - set(HEAVY)
    assert found >= {(model, *lane) for model in light for lane in lanes}


def test_models_and_boards_are_chosen() -> None:
    jobs = load_matrix("full", models=["eegformer", "ecgformer"], boards=["stm32f746"])
    assert {(job.model, job.board) for job in jobs} == {
        ("eegformer", "stm32f746"),
        ("ecgformer", "stm32f746"),
    }


def test_what_a_matrix_does_not_have_is_named() -> None:
    with pytest.raises(InputError, match=r"'tiny'; there are smoke, full, every, boards\."):
        load_matrix("tiny")
    with pytest.raises(InputError, match="smoke has no model 'resnet'; it has ecgformer"):
        load_matrix("smoke", models=["resnet"])
    with pytest.raises(InputError, match="smoke has no board 'esp32'"):
        load_matrix("smoke", boards=["esp32"])


def test_a_choice_without_jobs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        '[[x]]\nmodels = ["a"]\nboards = ["p"]\n[[x]]\nmodels = ["b"]\nboards = ["q"]\n'
    )
    assert [job.model for job in load_matrix("x", path=path)] == ["a", "b"]
    with pytest.raises(InputError, match="no job"):
        load_matrix("x", models=["a"], boards=["q"], path=path)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[[x", "no matrix file"),
        ("x = 1", "x"),
        ('[[x]]\nmodels = ["a"]', "x.0.boards"),
        ('[[x]]\nmodels = ["a"]\nboards = ["b"]\ncolour = 1', "x.0.colour"),
        (None, "Cannot read matrix file"),
    ],
)
def test_bad_files(tmp_path: Path, text: str | None, word: str) -> None:
    path = tmp_path / "m.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=word):
        load_matrix("x", path=path)


_JOBS = st.builds(
    Job,
    model=st.sampled_from(["mhsa", "ecgformer"]),
    board=st.sampled_from(["gap9", "stm32l4r5:single-bank"]),
    toolchain=st.sampled_from(["zig", "gcc"]),
    backend=st.sampled_from(["gvsoc", "embedded"]),
    dims=st.dictionaries(st.sampled_from("SEPH"), st.integers(1, 9)),
    options=st.lists(st.sampled_from(["optimize=ram", "no-in-place", "all"]), max_size=2).map(
        tuple
    ),
    cores=st.none() | st.integers(1, 8),
    l1=st.none() | st.integers(1, 1 << 16),
    ref_only=st.booleans(),
)


@given(_JOBS)
def test_a_matrix_of_one_job_has_that_job(job: Job) -> None:
    with NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(matrix_of(job, "one"))
        file.flush()
        assert load_matrix("one", path=Path(file.name)) == (job,)


def test_a_matrix_of_a_plain_job_says_nothing_that_an_older_tinyrig_does_not_know() -> None:
    words = [
        line.split(" = ")[0]
        for line in matrix_of(Job(model="ecgformer", board="stm32f427"), "one").splitlines()
    ]
    assert words == ["[[one]]", "models", "boards", "toolchains", "backends"]


def test_a_job_is_run_with_its_switches() -> None:
    job = TINY.model_copy(update={"options": ("no-in-place", "optimize=none"), "ref_only": True})
    switched = measure_job(job)
    assert switched.record.options["ref_only"] is True
    words = switched.record.options["opt"]
    assert isinstance(words, list)
    assert {"no-in-place", "optimize=none"} <= set(words)
    assert {kernel.split("__")[1] for kernel in switched.evidence.kernels} == {"ref"}
    assert measured().evidence.kernels != switched.evidence.kernels
