"""What a report adds to a folder of results when asked: runs in the emulator, kept for later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tinyrig.generator.errors import TinyrigError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import permits
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.bench.folder import Result, results
from tinyrig.suite.models.case import resolve
from tinyrig.suite.report.site.runs import ABLATION, kept_ablation, variant
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.studies.ablation.document import Ablation, ablation_of
from tinyrig.suite.studies.ablation.measure import Bench, measure
from tinyrig.suite.studies.ablation.variants import variants
from tinyrig.suite.studies.memory.observed import load_observed, observe_job
from tinyrig.suite.toolchain.toolchain import load_toolchain

Chosen = Callable[[str], bool]


def observe_results(folder: Path, chosen: Chosen, progress: Progress) -> tuple[str, ...]:
    """Watch every chosen job whose present ELF was not watched yet; return what went wrong."""

    def observe(result: Result) -> None:
        if load_observed(result) is None:
            progress(f"watching {result.name}")
            observe_job(result)

    return _each(folder, chosen, observe)


def ablate_results(folder: Path, chosen: Chosen, progress: Progress) -> tuple[str, ...]:
    """Ablate every chosen plain job not ablated yet; return what went wrong."""

    def ablate(result: Result) -> None:
        if not variant(result.evidence.job) and kept_ablation(result) is None:
            _ablate(result, progress).save(result.path / ABLATION)

    return _each(folder, chosen, ablate)


def _each(folder: Path, chosen: Chosen, work: Callable[[Result], None]) -> tuple[str, ...]:
    """Work on the chosen jobs; a job that fails is told and keeps no other from its turn."""
    problems = []
    for result in results(folder):
        if chosen(result.name):
            try:
                work(result)
            except TinyrigError as error:
                problems.append(f"{result.name}: {error}")
    return tuple(problems)


def _ablate(result: Result, progress: Progress) -> Ablation:
    job = result.evidence.job
    case = resolve(job.model, dict(job.dims))
    board = load_board(job.board)
    toolchain = load_toolchain(job.toolchain, board.compiler)
    bench = Bench(case, board, backend(job.backend), toolchain, case.samples(1))

    def told(message: str) -> None:
        progress(f"ablating {result.name}, {message}")

    permitted = [one for one in variants() if permits(board, one.options)]
    rows = list(measure(bench, permitted, told))
    return ablation_of(rows, case.name, job.board, job.toolchain)
