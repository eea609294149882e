"""The results of a revision: a folder as it is, a commit or the working tree by measuring it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.suite.bench.folder import results
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.local import run_local
from tinyrig.suite.bench.log import COMPLETE, load_log, save_log, start_log
from tinyrig.suite.files.locks import locked_folder
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.gate.environment import Environment, Read, environment_of
from tinyrig.suite.gate.git import Commit, Repository, repository
from tinyrig.suite.gate.policy import FILES, Policy, load_policy
from tinyrig.suite.rig.measuring import Progress

WORKING_TREE = "the working tree"
_MEASURED = ("generator", "suite", "kernels", "platforms")
_BENCH = "suite/bench/log.py"
_PATIENCE = 20.0
"""Seconds a bench that was asked to end may take."""
_TOLD_LINES = 15


@dataclass(frozen=True)
class Wanted:
    """Which part of which matrix is measured; no models or boards mean all of them.

    `file` is the text of a matrix file that has the matrix, if it is none of the revision's own.
    """

    matrix: str = "smoke"
    models: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    file: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words that ask `tinyrig bench` for it."""
        models = (word for model in self.models for word in ("--models", model))
        boards = (word for board in self.boards for word in ("--boards", board))
        return ("--matrix", self.matrix, *models, *boards)


@dataclass(frozen=True)
class Revision:
    """Results with their name. `booted` counts the firmware booted to get them just now.

    It is None for a folder, which may come from anywhere. `environment` says which tools were not
    the installed ones, `trouble` why there are no results at all.
    """

    label: str
    folder: Path
    booted: int | None
    environment: tuple[str, ...] = ()
    trouble: str = ""

    def notes(self) -> tuple[str, ...]:
        """Say what a reader of the results must know: other tools, jobs that gave nothing."""
        log = load_log(self.folder)
        ends = log.jobs if log is not None else ()
        failed = (
            f"{self.label}: {end.name} gave no results: {(end.message.splitlines() or [''])[0]}"
            for end in ends
            if end.code not in COMPLETE
        )
        known = {end.name for end in ends}
        older = [r.name for r in results(self.folder) if ends and r.name not in known]
        stale = (f"{self.label}: {name} is of an earlier bench than the last" for name in older)
        own = (f"{self.label}: {words}" for words in self.environment)
        trouble = [f"base not measurable: head only. {self.trouble}"] if self.trouble else []
        return (*trouble, *own, *failed, *stale)


def check_choice(specs: Iterable[str | None], chosen: bool) -> None:
    """Raise InputError when part of a matrix is chosen and nothing is measured."""
    if chosen and all(spec is not None and Path(spec).exists() for spec in specs):
        raise InputError(
            "--matrix, --models and --boards say what is measured of a commit; folders of results "
            "are taken as they are."
        )


def results_of(spec: str | None, wanted: Wanted, progress: Progress) -> Revision:
    """Return the results of a folder, a git ref or, for None, the working tree.

    A ref is measured in a temporary copy of its files by its own code, with this interpreter and
    the tools it pins (`environment_of`); what was measured once is kept by the content of its files
    and those tools. InputError for what is neither, or for a ref from before `tinyrig bench`;
    BrokenRunError when its bench breaks or no job gives results, MissingToolError when its tools
    cannot be had.
    """
    if spec is not None and Path(spec).is_dir():
        return _folder(Path(spec))
    clone = _clone_here()
    if clone is None:
        found = "There is no working tree" if spec is None else f"{spec!r} is no folder of results"
        raise InputError(f"{found}, and {Path.cwd()} is in no git clone.")
    if spec is None:
        _check_rig((clone.root / _BENCH).is_file(), f"The clone {clone.root}")
        digest = clone.working_digest(_MEASURED)
        made = environment_of(_reader(clone.root), WORKING_TREE, progress)
        with _stored(digest, wanted, made) as (folder, known):
            if not known:
                progress(f"measuring {WORKING_TREE}")
                _bench(clone.root, wanted, folder, made)
        booted = 0 if known else _booted(folder)
        return _checked(Revision(WORKING_TREE, folder, booted, made.notes()))
    commit = clone.commit(spec)
    label = f"{spec} ({commit.sha[:12]})" if not commit.sha.startswith(spec) else spec[:12]
    made = _environment(clone, commit, progress)
    folder, booted = measure_commit(clone, commit, wanted, progress, made)
    return _checked(Revision(label, folder, booted, made.notes()))


def base_results(spec: str, wanted: Wanted, progress: Progress, nothing: Path) -> Revision:
    """Return the results of a base; of one that gives none, the empty folder `nothing` and why.

    So a change that repairs what its base breaks is not held up by it.
    """
    try:
        return results_of(spec, wanted, progress)
    except BrokenRunError as error:
        return Revision(spec, nothing, None, trouble=str(error))


@contextlib.contextmanager
def project_results(jobs: Sequence[Job], progress: Progress) -> Iterator[Revision]:
    """Measure a project's jobs in this tinyrig; the results are there as long as the context.

    A job that ends without results is told of in the notes, as one of a ref is. BrokenRunError
    when no job gives any.
    """
    progress("measuring the project")
    with tempfile.TemporaryDirectory(prefix="tinyrig-project-") as name:
        folder = Path(name)
        start_log(folder)
        with contextlib.closing(run_local(jobs, folder, os.cpu_count() or 1)) as running:
            save_log(folder, list(running))
        yield _checked(Revision("the project", folder, _booted(folder)))


def measure_commit(
    clone: Repository,
    commit: Commit,
    wanted: Wanted,
    progress: Progress,
    made: Environment | None = None,
) -> tuple[Path, int]:
    """Return the folder of a commit's results, and how many firmware were booted for it."""
    _check_rig(clone.has(commit, _BENCH), f"The commit {commit.label}")
    made = made or _environment(clone, commit, progress)
    with _stored(clone.digest(commit, _MEASURED), wanted, made) as (folder, known):
        if known:
            return folder, 0
        progress(f"measuring {commit.label}")
        with tempfile.TemporaryDirectory(prefix="tinyrig-revision-") as name:
            clone.export(commit, Path(name))
            _bench(Path(name), wanted, folder, made)
        return folder, _booted(folder)


def policy_of(base: str, own: Path | None) -> Policy:
    """Return the policy in a folder, or else in the base revision's `results`.

    So nothing loosens its own gate. Of a base that is a folder, it is the clone's we are in;
    outside any clone there is none.
    """
    if own is not None:
        if not own.is_dir():
            raise InputError(f"There is no folder {own}.")
        return load_policy(own)
    clone = _clone_here()
    if clone is None:
        return Policy()
    if Path(base).is_dir():
        return load_policy(clone.root / "results")
    commit = clone.commit(base)
    with tempfile.TemporaryDirectory(prefix="tinyrig-policy-") as name:
        for file in FILES:
            if clone.has(commit, f"results/{file}"):
                (Path(name) / file).write_bytes(clone.read(commit, f"results/{file}"))
        return load_policy(Path(name))


def _checked(revision: Revision) -> Revision:
    """Return a revision that has results; BrokenRunError when every job of its bench failed."""
    if any(True for _ in results(revision.folder)):
        return revision
    log = load_log(revision.folder)
    why = next((job.message for job in log.jobs if job.message), "") if log is not None else ""
    raise BrokenRunError(f"No job of {revision.label} gave results. {why}")


def _environment(clone: Repository, commit: Commit, progress: Progress) -> Environment:
    def read(path: str) -> str | None:
        if not clone.has(commit, path):
            return None
        return clone.read(commit, path).decode("utf-8", "replace")

    return environment_of(read, f"The commit {commit.label}", progress)


def _reader(root: Path) -> Read:
    def read(path: str) -> str | None:
        file = root / path
        return file.read_text("utf-8", "replace") if file.is_file() else None

    return read


def _clone_here() -> Repository | None:
    with contextlib.suppress(InputError):
        return repository(Path.cwd())
    return None


def _folder(path: Path) -> Revision:
    if not any(True for _ in results(path)) and load_log(path) is None:
        raise InputError(f"The folder {path} holds no results.")
    return _checked(Revision(str(path), path, None))


def _check_rig(present: bool, what: str) -> None:
    if not present:
        raise InputError(f"{what} has no {_BENCH}: `tinyrig bench` cannot measure it.")


def _booted(folder: Path) -> int:
    log = load_log(folder)
    return 0 if log is None else log.booted


@contextlib.contextmanager
def _stored(digest: str, wanted: Wanted, made: Environment) -> Iterator[tuple[Path, bool]]:
    """Yield where the results of some files belong, and whether they are there already.

    One process at a time: another waits, and then finds them.
    """
    tools = (f"{name}=={version}" for name, version in made.versions.items())
    own = (wanted.file,) if wanted.file else ()
    key = content_key((digest, *wanted.arguments, *own, *tools, sys.version))
    with locked_folder("revisions", f"{key[:24]}-{wanted.matrix}") as folder:
        proof = Store("revisions", ".sha256")
        known = proof.load(key) == _digest(folder) and _is_whole(folder)
        yield folder, known
        if not known:
            proof.save(key, _digest(folder))


def _digest(folder: Path) -> bytes:
    """Return the digest of everything in a folder: results that changed since are measured anew."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    parts = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files)
    return content_key(part for pair in parts for part in pair).encode()


def _is_whole(folder: Path) -> bool:
    """Whether every job of a bench gave results; one that failed is tried again."""
    log = load_log(folder)
    return log is not None and all(job.code in COMPLETE for job in log.jobs)


def _bench(root: Path, wanted: Wanted, folder: Path, made: Environment) -> None:
    """Run a tree's own `tinyrig bench`; BrokenRunError when it does not come to its end."""
    # Before 0.2 the package of the command line had another name.
    package = "tinyrig" if (root / "tinyrig").is_dir() else "suite"
    command = (sys.executable, "-m", package, "bench", *wanted.arguments, "-o", str(folder))
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = made.python_path(root)
    with _matrix_file(wanted) as words:
        code, said = _run((*command, *words), root, environment)
    if load_log(folder) is None:
        told = "\n".join(said.strip().splitlines()[-_TOLD_LINES:])
        raise BrokenRunError(f"The bench of {root} ended with exit code {code}:\n{told}")


@contextlib.contextmanager
def _matrix_file(wanted: Wanted) -> Iterator[tuple[str, ...]]:
    """Yield the words that name a file of the matrix, which is there as long as the context."""
    if not wanted.file:
        yield ()
        return
    with tempfile.TemporaryDirectory(prefix="tinyrig-matrix-") as name:
        path = Path(name) / "matrix.toml"
        path.write_text(wanted.file, encoding="utf-8")
        yield ("--matrix-file", str(path))


def _run(command: Sequence[str], root: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command in a group of its own, which an interrupt here ends as a whole."""
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            _end(process)
            raise
        return process.returncode, said.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
