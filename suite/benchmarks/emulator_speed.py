"""A warm run of the rig itself, which asv follows."""

from __future__ import annotations

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain

_MODEL = "eegformer"
_BOARD = "stm32f746"


def _quiet(_: str) -> None:
    """Progress nobody watches."""


class WarmRun:
    """Seconds of a whole run whose model and objects are in the cache."""

    timeout = 300.0

    def setup(self) -> None:
        """Fill the caches."""
        self.time_run()

    def time_run(self) -> None:
        """Read, plan, print, link, boot both builds and judge."""
        case = resolve(_MODEL, {})
        run_case(
            case,
            load_board(_BOARD),
            backend("embedded"),
            load_toolchain("zig"),
            case.samples(1),
            RunOptions(),
            _quiet,
        )
