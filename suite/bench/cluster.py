"""Jobs on a Dask cluster, boards as resources of the workers they hang on."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tinyrig.generator.assets import roots
from tinyrig.generator.errors import BrokenRunError, InputError, MissingToolError
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import Measured
from tinyrig.suite.bench.outcome import Ended, attempt, failed, keep
from tinyrig.suite.files.store import content_key

_CONNECT_SECONDS = 10
_PACKAGE = Path(__file__).resolve().parent.parent
_SUFFIXES = frozenset((".py", ".c", ".h", ".S", ".toml", ".j2", ".ld", ".npz"))


def run_on_cluster(jobs: Sequence[Job], folder: Path, scheduler: str) -> Generator[Ended]:
    """Yield the end of every job as it comes; its results are in the folder by then.

    A job that needs a board no worker has is skipped. MissingToolError without Dask, InputError
    for an address that is none, BrokenRunError when nobody answers there.
    """
    client = connected(scheduler)
    futures: dict[Any, Job] = {}
    try:
        offered = _offered(client)
        for job in jobs:
            needed = resources_of(job)
            if missing := sorted(set(needed) - offered):
                yield keep(_skipped(job, missing[0]), folder)
                continue
            future = client.submit(
                attempt_as, job, source_key(), resources=needed, pure=False, retries=0
            )
            futures[future] = job
        yield from (keep(found, folder) for found in _gathered(futures))
    finally:
        client.cancel(list(futures))
        client.close()


def resources_of(job: Job) -> Mapping[str, int]:
    """Return the Dask resources a job takes: a real board, whole; emulators take none."""
    return {f"board:{job.board}": 1} if capabilities(job.backend).hardware else {}


def attempt_as(job: Job, key: str) -> Measured | Ended:
    """Measure a job, if the tinyrig of this worker is the one whose `source_key` is given."""
    if source_key() != key:
        return failed(job, "The worker runs another tinyrig than the one that asked.")
    return attempt(job)


def source_key() -> str:
    """Return a digest of everything of this tinyrig, and of the folders of `TINYRIG_PATH`, that
    figures may depend on."""
    return _source_key(roots())


@cache
def _source_key(roots: tuple[Path, ...]) -> str:
    assets = (root / folder for root in roots for folder in ("kernels", "platforms"))
    parts: list[str | bytes] = []
    for root in (_PACKAGE, _PACKAGE.parent / "generator", *assets):
        for path in sorted(root.rglob("*")):
            if path.suffix in _SUFFIXES:
                parts += [path.relative_to(root.parent).as_posix(), path.read_bytes()]
    return content_key(parts)


def connected(scheduler: str) -> Any:
    """Return a client of the scheduler at an address.

    MissingToolError without Dask, InputError for an address that is none, BrokenRunError when
    nobody answers there.
    """
    try:
        return import_module("distributed").Client(scheduler, timeout=_CONNECT_SECONDS)
    except ImportError:
        raise MissingToolError(
            "Dask is not installed. Install it with: pip install 'dask[distributed]'"
        ) from None
    except OSError as error:
        raise BrokenRunError(f"No Dask scheduler answers at {scheduler}: {error}.") from error
    except ValueError as error:
        raise InputError(f"{scheduler!r} is no address of a Dask scheduler: {error}.") from error


def _offered(client: Any) -> set[str]:
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return {name for worker in workers for name in worker["resources"]}


def _skipped(job: Job, resource: str) -> Ended:
    message = (
        f"No worker of the cluster has {resource}. Start one where the board is with: "
        f"dask worker SCHEDULER --nthreads 1 --resources {resource}=1"
    )
    return failed(job, message, MissingToolError.exit_code)


def _gathered(futures: Mapping[Any, Job]) -> Generator[Measured | Ended]:
    for future in import_module("distributed").as_completed(futures):
        error = future.exception()
        if error is None:
            yield future.result()
        else:
            yield failed(futures[future], f"The cluster lost the job: {error}")
