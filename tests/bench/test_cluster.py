"""Jobs on a Dask cluster of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.tiny import TINY, measured

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.suite.bench import cluster
from tinyrig.suite.bench.cluster import attempt_as, resources_of, run_on_cluster, source_key
from tinyrig.suite.bench.folder import results
from tinyrig.suite.bench.outcome import Ended

distributed = pytest.importorskip(
    "distributed", reason="Dask is not installed: pip install 'dask[distributed]'"
)
_ON_BOARD = TINY.model_copy(update={"backend": "pyocd"})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        dashboard_address=None,
        resources={"board:stm32f427": 1},
    ) as local:
        yield local.scheduler_address


def test_a_board_is_a_resource_and_an_emulator_is_none() -> None:
    assert resources_of(_ON_BOARD) == {"board:stm32f427": 1}
    assert resources_of(TINY) == {}


def test_results_come_back_to_the_asking_folder(tmp_path: Path, address: str) -> None:
    bad = TINY.model_copy(update={"board": "esp32"})
    elsewhere = _ON_BOARD.model_copy(update={"board": "stm32h743"})
    jobs = [bad, TINY, elsewhere]
    ends = {end.job.name: end for end in run_on_cluster(jobs, tmp_path, address)}
    assert {name: end.code for name, end in ends.items()} == {
        bad.name: 2,
        TINY.name: 0,
        elsewhere.name: 5,
    }
    assert "--resources board:stm32h743=1" in ends[elsewhere.name].message
    (kept,) = results(tmp_path)
    assert kept.evidence == measured().evidence
    assert kept.image(checked=True).sha256 == measured().evidence.checked_sha256


def test_a_job_for_a_board_goes_to_the_worker_that_has_it(tmp_path: Path, address: str) -> None:
    """There is no probe here: what counts is that the worker tried, and said so."""
    (end,) = run_on_cluster([_ON_BOARD], tmp_path, address)
    assert end.code != 0
    assert "No worker" not in end.message


def test_a_worker_with_another_tinyrig_measures_nothing() -> None:
    ended = attempt_as(TINY, "0" * 64)
    assert isinstance(ended, Ended) and ended.code == 4 and "another tinyrig" in ended.message
    assert not isinstance(attempt_as(TINY, source_key()), Ended)


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with pytest.raises(BrokenRunError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(run_on_cluster([TINY], tmp_path, "tcp://127.0.0.1:9"))
    with pytest.raises(InputError, match="no address"):
        list(run_on_cluster([TINY], tmp_path, "nonsense://x"))
