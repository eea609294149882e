"""The matrices of jobs, from `matrix.toml`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import emulators_of
from tinyrig.suite.bench.job import Job
from tinyrig.suite.files.project import Project
from tinyrig.suite.records.tables import Table, load_tables

MATRIX_FILE = Path(__file__).with_name("matrix.toml")


EVERY_LANE = "every"
"""In a group's backends: all that run a board without its hardware."""


class _Group(Table):
    models: tuple[str, ...]
    boards: tuple[str, ...]
    toolchains: tuple[str, ...] = ("zig",)
    backends: tuple[str, ...] = ("embedded",)
    dims: Mapping[str, int] = {}
    options: tuple[str, ...] = ()
    cores: int | None = None
    l1: int | None = None
    ref_only: bool = False

    def jobs(self) -> Iterator[Job]:
        lanes = [(board, lane) for board in self.boards for lane in self._lanes(board)]
        lists = (self.models, lanes, self.toolchains)
        for model, (board, backend), toolchain in itertools.product(*lists):
            yield Job(
                model=model,
                board=board,
                toolchain=toolchain,
                backend=backend,
                dims=self.dims,
                options=self.options,
                cores=self.cores,
                l1=self.l1,
                ref_only=self.ref_only,
            )

    def _lanes(self, board: str) -> Sequence[str]:
        if self.backends == (EVERY_LANE,):
            return emulators_of(load_board(board))
        return self.backends


def project_job(project: Project, model: str, board: str) -> Job:
    """Return a job with the toolchain, the backend and the options of a project."""
    given = {"toolchain": project.toolchain, "backend": project.backend}
    said = {name: value for name, value in given.items() if value is not None}
    return Job(model=model, board=board, options=project.options).model_copy(update=said)


def project_jobs(
    project: Project, *, models: Sequence[str] = (), boards: Sequence[str] = ()
) -> tuple[Job, ...]:
    """Return every model of a project on each of its boards; of given ones only, where given.

    InputError for a project without boards, or a model or board it does not have.
    """
    if not project.boards:
        raise InputError("The project names no boards: set boards in its tinyrig.toml.")
    names = tuple(model.name for model in project.model)
    for what, wanted, known in (("model", models, names), ("board", boards, project.boards)):
        if strange := [word for word in wanted if word not in known]:
            raise InputError(
                f"The project has no {what} {strange[0]!r}; it has {', '.join(known)}."
            )
    jobs = (
        project_job(project, model.spec, board).model_copy(
            update={name: getattr(model, name) for name in ("calibration", "data", "dim", "shape")}
        )
        for model, board in itertools.product(project.model, project.boards)
        if (not models or model.name in models) and (not boards or board in boards)
    )
    return _each_once(jobs, "the project")


def _each_once(jobs: Iterable[Job], whose: str) -> tuple[Job, ...]:
    """Return every job once; InputError for two of one name, whose results would be one."""
    found: dict[str, Job] = {}
    for job in jobs:
        if found.setdefault(job.name, job) != job:
            raise InputError(f"Two jobs of {whose} would be called {job.name}.")
    return tuple(found.values())


def matrix_of(job: Job, name: str) -> str:
    """Return the text of a matrix file whose one matrix holds one job of the zoo.

    It says only what is not as usual, so that a tinyrig from before a switch reads it too.
    """
    lists = {key: [getattr(job, key)] for key in ("model", "board", "toolchain", "backend")}
    lines = [f"{key}s = {json.dumps(value)}" for key, value in lists.items()]
    if job.dims:
        sizes = (f"{json.dumps(key)} = {size}" for key, size in job.dims.items())
        lines.append(f"dims = {{{', '.join(sizes)}}}")
    for key in ("options", "cores", "l1", "ref_only"):
        if value := getattr(job, key):
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join((f"[[{name}]]", *lines, ""))


_FILE = TypeAdapter(dict[str, tuple[_Group, ...]])


def load_matrix(
    name: str, *, models: Sequence[str] = (), boards: Sequence[str] = (), path: Path = MATRIX_FILE
) -> tuple[Job, ...]:
    """Return the jobs of a matrix, each once; of given models and boards only, where given.

    InputError for an unknown matrix, a bad file, or a choice that leaves no job.
    """
    matrices = load_tables(path, "matrix file", _FILE)
    if name not in matrices:
        raise InputError(f"There is no matrix {name!r}; there are {', '.join(matrices)}.")
    every = (job for group in matrices[name] for job in group.jobs())
    jobs = _each_once(every, f"the matrix {name}")
    for what, wanted in (("model", models), ("board", boards)):
        known = sorted({getattr(job, what) for job in jobs})
        if strange := [word for word in wanted if word not in known]:
            raise InputError(
                f"The matrix {name} has no {what} {strange[0]!r}; it has {', '.join(known)}."
            )
    chosen = tuple(
        job
        for job in jobs
        if (not models or job.model in models) and (not boards or job.board in boards)
    )
    if not chosen:
        raise InputError(f"The matrix {name} has no job of those models on those boards.")
    return chosen
