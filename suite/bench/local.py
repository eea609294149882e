"""Jobs on all cores of this machine: one long-lived process a core, one job at a time each."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.outcome import Ended, attempt, failed, keep
from tinyrig.suite.process.failures import tell
from tinyrig.suite.process.interrupts import held, leave_now, repeat_lost_signals

_PATIENCE = 10.0
"""Seconds a process that was asked to end may take."""


def run_local(jobs: Sequence[Job], folder: Path, workers: int) -> Generator[Ended]:
    """Yield the end of every job as it comes; its results are in the folder by then.

    A process that dies loses its own job only. Closing the iterator ends every process.
    """
    waiting = list(reversed(jobs))
    crew: list[_Worker] = []
    try:
        for _ in range(min(workers, len(jobs))):
            _hire(crew, folder)
        busy: dict[object, _Worker] = {w.pipe: w for w in crew if w.give(waiting)}
        while busy:
            for pipe in wait([worker.pipe for worker in busy.values()]):
                worker = busy.pop(pipe)
                ended = worker.take()
                if ended is None:
                    ended = keep(failed(worker.running, worker.death()), folder)
                    crew.remove(worker)
                    worker = _hire(crew, folder)
                if worker.give(waiting):
                    busy[worker.pipe] = worker
                yield ended
    finally:
        for worker in crew:
            worker.process.terminate()
        for worker in crew:
            worker.dismiss()


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None

    @property
    def running(self) -> Job:
        """The job it was last given."""
        assert self.job is not None
        return self.job

    def give(self, waiting: list[Job]) -> bool:
        """Start the next job; False when there is none."""
        if not waiting:
            return False
        self.job = waiting.pop()
        with contextlib.suppress(BrokenPipeError):  # `take` will find it dead
            self.pipe.send(self.job)
        return True

    def take(self) -> Ended | None:
        """Return how the job ended; None when the process died over it."""
        try:
            ended = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            return None
        assert isinstance(ended, Ended)
        return ended

    def death(self) -> str:
        """Say how the process died."""
        self.process.join(_PATIENCE)
        code = self.process.exitcode
        how = f"with exit code {code}" if code is None or code >= 0 else f"by signal {-code}"
        return f"The process that ran the job ended {how}."

    def dismiss(self) -> None:
        """Wait for the end of the process, and force it if need be."""
        self.process.join(_PATIENCE)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        self.pipe.close()


def _hire(crew: list[_Worker], folder: Path) -> _Worker:
    """Start one more process and count it to the crew."""
    ours, theirs = multiprocessing.Pipe()
    # A forked child would share the locks of the libraries' threads.
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(theirs, folder), daemon=True
    )
    worker = _Worker(process, ours)
    # A process cut off from its parent half started would say so.
    with held(), _blocked():
        process.start()
        theirs.close()
        crew.append(worker)
    return worker


@contextmanager
def _blocked() -> Iterator[None]:
    """Start processes that never see an interrupt, or the end of a terminal.

    Both reach the whole group; the parent alone answers, and ends the others.
    """
    # Started by the first process otherwise, it lets interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, folder: Path) -> None:
    told: list[int] = []

    def leave(number: int, _: FrameType | None) -> None:
        told.append(128 + number)
        sys.exit(told[0])

    signal.signal(signal.SIGTERM, leave)
    repeat_lost_signals()
    try:
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while True:
                pipe.send(keep(attempt(pipe.recv()), folder))
    except BaseException as error:  # noqa: BLE001 - told to whoever watches, by its code too
        # Cut off while it loads, a module fails in ways of its own; nobody wants to hear them.
        if not told:
            leave_now(tell(error, "a process of bench", debug=False))
    if told:
        leave_now(told[0])
