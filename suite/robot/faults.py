"""Keywords that break a firmware and see that the rig catches and names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from robot.api import logger
from robot.api.deco import keyword, library

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend as load_backend
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.verdict import quantized_inputs
from tinyrig.suite.robot.injection import (
    with_corrupt_weights,
    with_hung_inference,
    with_wrong_checksums,
)
from tinyrig.suite.robot.runs import case_of, firmware_of
from tinyrig.suite.toolchain.image import Image

_BUDGET = 50_000_000
"""Instructions: several inferences of the small models used here, and no long wait."""


@dataclass(frozen=True, eq=False)
class _Broken:
    model: str
    board: Board
    image: Image


@library(scope="TEST", version="1", doc_format="TEXT")
class FaultLibrary:
    """Inject one fault, boot, and check that it is caught and what it is called."""

    def __init__(self) -> None:
        self._broken: _Broken | None = None

    @keyword("Prepare Image")
    def prepare_image(self, model: str, board: str, stack: int | None = None) -> None:
        """Build ``model`` for ``board``, with a stack of ``stack`` bytes when given."""
        firmware = firmware_of(model, board, stack)
        self._broken = _Broken(model, firmware.plan.board, firmware.clean)

    @keyword("Corrupt Weights")
    def corrupt_weights(self) -> None:
        """Flip a bit of every weight in flash."""
        self._change(with_corrupt_weights(self._need().image))

    @keyword("Hang Inference")
    def hang_inference(self) -> None:
        """Put an endless loop where the inference begins."""
        self._change(with_hung_inference(self._need().image))

    @keyword("Break Checksums")
    def break_checksums(self) -> None:
        """Make the UART's lines disagree with their CRC, as noise would."""
        self._change(with_wrong_checksums(self._need().image))

    @keyword("Disconnect UART")
    def disconnect_uart(self) -> None:
        """Give the board its UART at another address than the firmware's."""
        broken = self._need()
        uart = replace(broken.board.uart, base=broken.board.uart.base ^ 0x800)
        self._broken = replace(broken, board=replace(broken.board, uart=uart))

    @keyword("Boot Should Break")
    def boot_should_break(self, lane: str, message: str) -> None:
        """Fail unless the boot breaks with an error that matches the pattern ``message``."""
        try:
            result = self._boot(lane)
        except BrokenRunError as error:
            said = f"{type(error).__name__}: {error}"
        else:
            failed = result.transcript.failed_checks()
            said = "failed checks: " + ", ".join(check.name for check in failed)
        logger.info(said)
        if not re.search(message, said):
            raise AssertionError(f"The fault is called {said!r}; {message!r} was expected.")

    @keyword("Boot Should Answer Wrongly")
    def boot_should_answer_wrongly(self, lane: str) -> None:
        """Fail unless the firmware passes its own checks and the reference catches it."""
        result = self._boot(lane)
        if not result.transcript.ok:
            raise AssertionError(
                "The firmware's own checks failed; the weights are no matter there."
            )
        wrong = _wrong_bytes(self._need().model, result.transcript.outputs)
        logger.info(f"{wrong} output bytes differ from the reference")
        if wrong == 0:
            raise AssertionError("The corrupted weights changed no output byte.")

    def _boot(self, lane: str) -> BootResult:
        broken = self._need()
        return load_backend(lane).run(broken.image, broken.board, budget=_BUDGET)

    def _need(self) -> _Broken:
        if self._broken is None:
            raise AssertionError("Use `Prepare Image` first.")
        return self._broken

    def _change(self, image: Image) -> None:
        self._broken = replace(self._need(), image=image)


def _wrong_bytes(model: str, outputs: Mapping[str, bytes]) -> int:
    """Return how many output bytes to the image's own sample are not the reference's."""
    case = case_of(model)
    graph = firmware_of(model, "stm32f427").plan.graph
    expected = run_reference(graph, quantized_inputs(graph, case.samples(1)[0]))
    return sum(
        mine != wanted
        for name, codes in expected.items()
        for mine, wanted in zip(outputs[name], codes.tobytes(), strict=True)
    )
