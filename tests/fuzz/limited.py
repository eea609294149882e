"""`tinyrig` in a process of its own under limits of time and memory."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# All that a command loads is loaded before the fork.
import onnxruntime  # noqa: F401
import torch  # noqa: F401

from tinyrig.suite.cli import main
from tinyrig.suite.cli.app import application

application()

SECONDS = 60
BYTES = 2 * 2**30
REFUSED = (2, 3)


@dataclass(frozen=True)
class Ending:
    """How a process ended: its exit code (negative: the signal), stderr, seconds and bytes."""

    code: int
    err: str
    seconds: float
    bytes: int

    def fault(self) -> str:
        """Return what is wrong with this ending, '' for a success or a clear refusal."""
        if self.seconds > SECONDS:
            return f"runs over {SECONDS} s"
        if self.bytes > BYTES:
            return f"takes {self.bytes / 2**30:.1f} GiB"
        if self.code not in (0, *REFUSED):
            return f"exit code {self.code}: {self.err[-1500:]}"
        if "Traceback" in self.err:
            return f"a traceback: {self.err[-1500:]}"
        if self.code and (not self.err.startswith("tinyrig: ") or self.err.count("\n") != 1):
            return f"not one paragraph: {self.err[:1500]!r}"
        return ""


def run_command(arguments: Sequence[str], folder: Path) -> Ending:
    """Run one command line in `folder`, forked from this process, which has all modules loaded."""

    def command() -> None:
        sys.argv = ["tinyrig", *arguments]
        main()

    return forked(command, folder)


def forked(work: Callable[[], None], folder: Path) -> Ending:
    """Run `work` in a child; SystemExit gives its code, any other exception a traceback and 1."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _be_child(work, folder, out.fileno(), err.fileno())
        _, status, usage = os.wait4(child, 0)
        seconds = time.monotonic() - began
        err.seek(0)
        text = err.read().decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    return Ending(code, text, seconds, usage.ru_maxrss * 1024)


def _be_child(work: Callable[[], None], folder: Path, out: int, err: int) -> None:
    code = 1
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - the child's whole life
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        os.chdir(folder)
        signal.alarm(SECONDS + 5)
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES,) * 2)
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is ends this child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
