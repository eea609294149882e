"""Real results of small jobs, by the rig as it is and by the rig with one thing changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tinyrig.generator import assets
from tinyrig.generator.planning import kernels as planning
from tinyrig.suite.bench.folder import Result
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import Measured, measure_job
from tinyrig.suite.gate.explain import make_report
from tinyrig.suite.gate.judge import judge
from tinyrig.suite.gate.policy import Policy
from tinyrig.suite.gate.report import GateReport

M7 = Job(model="ecgformer-mhsa", board="stm32f746")
M4 = Job(model="trformer-mhsa", board="stm32f427")

# As the switches say, not as a search takes it: tests name layers and sizes of these plans.
_STATED = {"options": ("optimize=none",)}
STATED_M7 = M7.model_copy(update=_STATED)
STATED_M4 = M4.model_copy(update=_STATED)


@cache
def _base(name: str) -> Measured:
    return measure_job({job.name: job for job in (M7, M4, STATED_M7, STATED_M4)}[name])


def base(folder: Path, *jobs: Job) -> Path:
    """Write what the rig as it is gives for jobs; `keep_base` measures before any change."""
    for job in jobs:
        _base(job.name).save(folder)
    return folder


def keep_base() -> None:
    """Measure the stated jobs while nothing is changed yet."""
    for job in (STATED_M7, STATED_M4):
        _base(job.name)


def measure(folder: Path, *jobs: Job) -> Path:
    """Measure jobs with the rig as it is now, changed or not."""
    for job in jobs:
        measure_job(job).save(folder)
    return folder


def report(before: Path, after: Path, policy: Policy | None = None) -> GateReport:
    """Return the gate's report of two folders."""
    return make_report("base", "head", judge(before, after, policy or Policy()), None)


def only_result(folder: Path) -> Result:
    """Return the results of a folder's one job."""
    (path,) = (path for path in folder.iterdir() if path.is_dir())
    return Result(path)


Kernels = Callable[[str, Callable[[str], str]], None]


def kernels_to_edit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Kernels:
    """Let the rig build from a copy of the kernels, and return what edits a file of it."""
    root = folder / "kernels"
    shutil.copytree(assets.asset_root("kernels"), root)
    for other in ("generator", "platforms"):
        (folder / other).symlink_to(assets.asset_root(other))
    monkeypatch.setattr(assets, "_ROOT", folder)

    def change(name: str, edit: Callable[[str], str]) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        path.write_text(edit(text), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != text
        planning.read_registry.cache_clear()
        planning._all.cache_clear()

    return change
