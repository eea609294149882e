"""The keyword library of `robot_tests/`.

Each keyword does one thing a person would say: generate, boot, check. State is one model on one
board at a time, kept a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from robot.api import logger
from robot.api.deco import keyword, library

from generator.planning.board import Board, load_board
from suite.backends.registry import backend as load_backend
from suite.build.toolchain import load_toolchain
from suite.models.case import Case, resolve
from suite.records.record import Record
from suite.run import RunOptions, run_case


@dataclass(frozen=True, eq=False)
class _Prepared:
    case: Case
    board: Board


@library(scope="TEST", version="1", doc_format="TEXT")
class TinyrigLibrary:
    """Generate firmware, boot it on a board and check what it answers and costs."""

    def __init__(self) -> None:
        self._prepared: _Prepared | None = None
        self._record: Record | None = None

    @keyword("Generate Firmware")
    def generate_firmware(self, model: str, board: str, **dims: int) -> None:
        """Quantize and read ``model`` (a zoo name or an ONNX file) for ``board``.

        ``S``, ``E``, ``P`` and ``H`` set the dimensions of a free block.
        """
        case = resolve(model, {name: int(value) for name, value in dims.items()})
        self._prepared = _Prepared(case, load_board(board))
        self._record = None

    @keyword("Boot On Board")
    def boot_on_board(
        self, backend: str = "embedded", samples: int = 1, toolchain: str = "zig"
    ) -> None:
        """Compile and boot on ``samples`` seeded inputs, two inferences each."""
        prepared = self._need_prepared()
        outcome = run_case(
            prepared.case,
            prepared.board,
            load_backend(backend),
            load_toolchain(toolchain),
            prepared.case.samples(samples),
            RunOptions(),
            logger.debug,
        )
        self._record = outcome.record
        logger.info(f"<pre>{outcome.record.to_json()}</pre>", html=True)

    @keyword("Output Should Match Reference")
    def output_should_match_reference(self) -> None:
        """Fail unless every output byte equals the PyTorch integer reference's."""
        check = self._need_record().check
        if check.verdict != "match":
            raise AssertionError(
                f"{check.mismatches} of {check.elements} output bytes differ from the "
                f"reference, the first at element {check.first_mismatch}."
            )

    @keyword("Peak RAM Should Be At Most")
    def peak_ram_should_be_at_most(self, limit: int) -> None:
        """Fail when arena, static data and stack together pass ``limit`` bytes."""
        self._at_most("peak RAM", self._need_record().memory.peak_ram, limit, "bytes")

    @keyword("Flash Should Be At Most")
    def flash_should_be_at_most(self, limit: int) -> None:
        """Fail when code, weights and tables together pass ``limit`` bytes."""
        self._at_most("flash", self._need_record().memory.flash, limit, "bytes")

    @keyword("Instructions Should Be At Most")
    def instructions_should_be_at_most(self, limit: int) -> None:
        """Fail when one inference takes more than ``limit`` instructions."""
        count = self._need_record().instructions
        if count is None:
            raise AssertionError("This backend does not count instructions.")
        self._at_most("one inference", count, limit, "instructions")

    @keyword("Model Should Fit Board")
    def model_should_fit_board(self) -> None:
        """Fail when peak RAM or flash passes what the board has."""
        memory = self._need_record().memory
        self._at_most("peak RAM", memory.peak_ram, memory.ram_limit, "bytes")
        self._at_most("flash", memory.flash, memory.flash_limit, "bytes")

    @keyword("Arg Max Should Agree With Float Model")
    def arg_max_should_agree_with_float_model(self, share: float = 0.98) -> None:
        """Fail when fewer than ``share`` of the samples have the float model's arg-max."""
        agreement = self._need_record().check.argmax_agreement
        if agreement is None or agreement < share:
            raise AssertionError(f"Arg-max agreement is {agreement}, below {share}.")

    def _need_prepared(self) -> _Prepared:
        if self._prepared is None:
            raise AssertionError("Use `Generate Firmware` first.")
        return self._prepared

    def _need_record(self) -> Record:
        if self._record is None:
            raise AssertionError("Use `Boot On Board` first.")
        return self._record

    @staticmethod
    def _at_most(what: str, value: int, limit: int, unit: str) -> None:
        if value > limit:
            raise AssertionError(f"{what} takes {value:,} {unit}, over {limit:,}.")
