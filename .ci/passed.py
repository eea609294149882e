"""Fail when a Robot run passed no test: all were skipped.

usage: python passed.py output.xml
"""

from __future__ import annotations

import sys
from pathlib import Path

from robot.api import ExecutionResult
from robot.errors import DataError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import InputError, WrongOutputError
from tinyrig.suite.process.failures import guarded


def main(words: list[str]) -> None:
    """Print how the tests of the output the command line names ended; an error if none passed."""
    if len(words) != 1:
        raise InputError("Name one file: the output.xml of a Robot run.")
    try:
        total = ExecutionResult(words[0]).statistics.total
    except DataError as error:
        raise InputError(f"{words[0]} is no output of Robot Framework: {error}") from error
    sys.stdout.write(f"{total.passed} passed, {total.skipped} skipped, {total.failed} failed\n")
    if not total.passed:
        raise WrongOutputError("No test ran: the lane is not there.")


if __name__ == "__main__":
    guarded("passed.py", main)
