"""Runs `tinyrig`, in this process or as the installed command, and keeps what it said."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tinyrig.suite.cli.app import execute

# A shell that starts the tests in the background makes them, and what they start, ignore SIGINT;
# nohup makes them ignore SIGHUP.
PROGRAM = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    "from tinyrig.suite.cli import main; main()",
]


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


def tinyrig(*arguments: object) -> Said:
    """Run one command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = execute([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def tinyrig_process(*arguments: object, folder: Path) -> Said:
    """Run one command line as a process of its own, in `folder`."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def check_refusal(said: Said, code: int, *words: str) -> None:
    """One clear paragraph on stderr, nothing on stdout, the right code."""
    assert said.code == code, said.err
    assert said.out == ""
    assert said.err.startswith("tinyrig: ")
    assert "Traceback" not in said.err
    assert said.err.count("\n") == 1, said.err
    for word in words:
        assert word in said.err, said.err


def tree(folder: Path) -> set[str]:
    """Every path below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
