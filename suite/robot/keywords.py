"""The keyword library of `robot_tests/`.

Each keyword does one thing a person would say: generate, boot, check. State is one model on one
board at a time, kept a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from robot.api import logger
from robot.api.deco import keyword, library

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.gate.budgets import budget_of, load_budgets
from tinyrig.suite.records.record import Record
from tinyrig.suite.robot.runs import Dims, case_of, firmware_of, record_of


@dataclass(frozen=True)
class _Prepared:
    model: str
    dims: Dims
    board: str


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
        chosen = tuple(sorted((name, int(value)) for name, value in dims.items()))
        case_of(model, chosen)
        self._prepared = _Prepared(model, chosen, load_board(board).name)
        self._record = None

    @keyword("Boot On Board")
    def boot_on_board(
        self, backend: str = "embedded", samples: int = 1, toolchain: str = "zig"
    ) -> None:
        """Compile and boot on ``samples`` seeded inputs, two inferences each."""
        prepared = self._need_prepared()
        self._record = record_of(
            prepared.model, prepared.dims, prepared.board, backend, samples, toolchain
        )
        logger.info(f"<pre>{self._record.to_json()}</pre>", html=True)

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

    @keyword("Figures Should Be Within Budget")
    def figures_should_be_within_budget(self) -> None:
        """Fail when RAM, flash or instructions pass their line in ``results/budgets.toml``."""
        prepared = self._need_prepared()
        budget = load_budgets().get((prepared.model, prepared.board))
        if budget is None:
            raise AssertionError(f"{prepared.model} on {prepared.board} has no budget.")
        excess = budget.excess(budget_of(self._need_record()))
        if excess:
            raise AssertionError(f"Over budget: {'; '.join(excess)}.")

    @keyword("Memory Should Be Safe")
    def memory_should_be_safe(self, watched: bool = False) -> None:
        """Fail when a check of the firmware itself fails in the checked build.

        The checks: two inferences answer alike, guards between buffers, the arena's end, the
        red zone under the stack. ``watched`` also lets every misaligned access fault.
        """
        prepared = self._need_prepared()
        firmware = firmware_of(prepared.model, prepared.board)
        result = load_backend("embedded").run(firmware.checked, firmware.plan.board, watch=watched)
        for check in result.transcript.checks:
            logger.info(f"{check.name}: {check.failures} failures")
        failed = [check.name for check in result.transcript.failed_checks()]
        if failed:
            raise AssertionError(f"The firmware's checks failed: {', '.join(failed)}.")

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
