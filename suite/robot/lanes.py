"""Keywords over lanes: which are installed, and whether they agree."""

from __future__ import annotations

import os

from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

from tinyrig.generator.errors import FitError, MissingToolError, TinyrigError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.probes import PROBE_VARIABLE, setting_for
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.models.zoo import zoo_names
from tinyrig.suite.robot.runs import case_of, record_of
from tinyrig.suite.studies.agree import Status, compare_lanes
from tinyrig.suite.toolchain.toolchain import load_toolchain

_ALL = "all"
_NONE = "none"


@library(scope="GLOBAL", version="1", doc_format="TEXT")
class LaneLibrary:
    """Skip what is not installed or not asked for, aloud; compare what runs."""

    @keyword("Need Lane")
    def need_lane(self, lane: str, board: str) -> None:
        """Skip the test unless ``lane`` is installed and has ``board``.

        ``--variable BACKEND:name`` and ``--variable BOARD:name`` narrow a run: tests of
        another lane or board are skipped too. A lane of real boards also needs to be told which
        one is connected: by ``BOARD``, or by the board's pair in ``TINYRIG_PROBE``.
        """
        self.need_board(board)
        chosen = BuiltIn().get_variable_value("${BACKEND}", _ALL)
        if chosen not in (_ALL, lane):
            raise SkipExecution(f"Narrowed to the lane {chosen}.")
        able = capabilities(lane)
        if not able.runs(load_board(board)):
            raise SkipExecution(f"The lane {lane} has no board {board}.")
        if able.hardware and not self._is_connected(board):
            raise SkipExecution(
                f"Say that {board} is connected: --variable BOARD:{board}, or {PROBE_VARIABLE} "
                f"with {board}=ID."
            )
        try:
            logger.info(f"{lane} {load_backend(lane).version}")
            able.ready(load_board(board))
        except MissingToolError as error:
            raise SkipExecution(str(error)) from error

    @keyword("Need Toolchain")
    def need_toolchain(self, toolchain: str, board: str) -> None:
        """Skip the test unless it is asked for, and ``board``'s compiler of that name is installed.

        ``--variable TOOLCHAIN:gcc``, ``zig`` or ``all`` asks for it.
        """
        chosen = BuiltIn().get_variable_value("${TOOLCHAIN}", _NONE)
        if chosen == _NONE:
            raise SkipExecution("Long: ask for it by --variable TOOLCHAIN:gcc, zig or all.")
        if chosen not in (_ALL, toolchain):
            raise SkipExecution(f"Narrowed to the toolchain {chosen}.")
        try:
            tools = load_toolchain(toolchain, load_board(board).compiler)
        except MissingToolError as error:
            raise SkipExecution(str(error)) from error
        logger.info(f"{tools.name} {tools.version}")

    @staticmethod
    def _is_connected(board: str) -> bool:
        narrowed = BuiltIn().get_variable_value("${BOARD}", _ALL) == board
        pairs = "=" in os.environ.get(PROBE_VARIABLE, "")
        return narrowed or (pairs and setting_for(PROBE_VARIABLE, board) is not None)

    @keyword("Need Board")
    def need_board(self, board: str) -> None:
        """Skip the test when the run is narrowed to another board."""
        chosen = BuiltIn().get_variable_value("${BOARD}", _ALL)
        if chosen not in (_ALL, board):
            raise SkipExecution(f"Narrowed to the board {chosen}.")

    @keyword("Zoo Should Match Reference")
    def zoo_should_match_reference(self, board: str, lane: str, toolchain: str) -> None:
        """Fail unless every quick model of the zoo that fits ``board`` answers as the reference.

        Each is told; what breaks one does not keep the others from running.
        """
        bad: list[str] = []
        matched = 0
        for model in zoo_names(heavy=False):
            try:
                verdict: str = record_of(model, (), board, lane, 1, toolchain).check.verdict
            except FitError as error:
                logger.info(f"{model}: does not fit: {error}")
                continue
            except TinyrigError as error:
                verdict = str(error)
            logger.info(f"{model}: {verdict}")
            matched += verdict == "match"
            bad += [f"{model}: {verdict}"] * (verdict != "match")
        if bad or not matched:
            raise AssertionError("; ".join(bad) or f"No model fits {board}.")

    @keyword("Lanes Should Agree")
    def lanes_should_agree(
        self, model: str, board: str, *lanes: str, toolchain: str = "zig"
    ) -> None:
        """Fail unless all ``lanes`` give the reference's answer and one instruction count.

        Lanes that are not installed are logged with the line that installs them.
        """
        target = load_board(board)
        tools = load_toolchain(toolchain, target.compiler)
        row = compare_lanes(case_of(model), target, tools, lanes, 1, logger.debug)
        for cell in row.cells:
            words = f"{cell.lane}: {cell.status.value} {cell.instructions or ''} {cell.reason}"
            logger.info(words.strip(), also_console=False)
        if not row.agrees:
            reasons = [f"{cell.lane} {cell.reason}" for cell in row.cells if cell.reason]
            counts = {cell.lane: cell.instructions for cell in row.cells if cell.instructions}
            raise AssertionError(f"The lanes disagree: {'; '.join(reasons)} {counts}")
        if sum(cell.status is Status.SAME for cell in row.cells) < 2:
            raise SkipExecution("No lane but the reference is installed.")
