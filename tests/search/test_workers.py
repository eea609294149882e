"""Searches whose candidates are measured by the workers of a Dask cluster of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from search.small import explored_small

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.search.setting import Algorithm, Effort
from tinyrig.suite.search.workers import measured

distributed = pytest.importorskip(
    "distributed", reason="Dask is not installed: pip install 'dask[distributed]'"
)
_EFFORT = Effort(supernets=1, supernet_steps=4, paths=2, trials=6, path_steps=2)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as local:
        yield local.scheduler_address


@pytest.mark.night
@pytest.mark.parametrize("algorithm", ["paper", "random", "nsga2"])
def test_workers_find_what_one_process_does(
    algorithm: Algorithm, tmp_path: Path, address: str
) -> None:
    alone = explored_small(tmp_path / "alone", algorithm, _EFFORT)
    spread = explored_small(tmp_path / "spread", algorithm, _EFFORT, address)
    assert spread == alone
    assert sum(trial.accuracy is not None for trial in spread) > 2


def test_a_cluster_without_workers_is_said(tmp_path: Path) -> None:
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty,
        pytest.raises(BrokenRunError, match=r"dask worker tcp://.* --nthreads 1"),
    ):
        explored_small(tmp_path / "none", "random", _EFFORT, empty.scheduler_address)


def test_a_worker_with_another_tinyrig_measures_nothing() -> None:
    with pytest.raises(BrokenRunError, match="another tinyrig"):
        measured((None, None), {}, {}, {}, 0, "0" * 64)  # type: ignore[arg-type]
