"""The command `tinyrig`."""

from __future__ import annotations

import sys

from tinyrig.suite.process.failures import DEBUG, guarded


def main() -> None:
    """Run the command line and exit with the code the outcome stands for.

    The application is imported inside, so that an interrupt is answered from the start.
    """
    debug = DEBUG in sys.argv

    def work(words: list[str]) -> int:
        from tinyrig.suite.cli.app import execute

        return execute(words, debug=debug)

    guarded("tinyrig", work)
