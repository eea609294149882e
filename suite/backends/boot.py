"""One boot, as every backend of this folder makes it: what is asked, and what each answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.interface import BootResult, Touched
from tinyrig.suite.backends.outcome import need_uart
from tinyrig.suite.backends.sample import check_sample
from tinyrig.suite.backends.transcript import Transcript
from tinyrig.suite.records.profile import BlockProfile, CountedCycles
from tinyrig.suite.toolchain import Image


@dataclass(frozen=True)
class Order:
    """What is asked of a backend that can do it, on a board it runs; see `Backend.run`."""

    image: Image
    board: Board
    sample: bytes | None
    watch: bool
    profile: bool
    budget: int


@dataclass(frozen=True)
class Ran:
    """What came of it, checked: `BootResult` says what each is; `stack` is the depth seen from
    outside."""

    transcript: Transcript
    instructions: int | None = None
    step_instructions: tuple[int, ...] = ()
    total_instructions: int | None = None
    stack: int = 0
    touched: Touched | None = None
    profile: BlockProfile | None = None
    cycles: CountedCycles | None = None
    stacks: Mapping[tuple[str, ...], int] | None = None


class _Runs(Protocol):
    """What a backend has of its own."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def boot(self, order: Order) -> Ran: ...


class Booting:
    """`Backend.run` by way of a `boot` of one's own."""

    def run(
        self: _Runs,
        image: Image,
        board: Board,
        *,
        sample: bytes | None = None,
        watch: bool = False,
        profile: bool = False,
        budget: int | None = None,
    ) -> BootResult:
        """Boot an image to its verdict; see `Backend.run`. None is the backend's own budget."""
        can = self.capabilities
        can.need(board)
        if not can.hardware:
            need_uart(board)
        can.check(watch=watch, profile=profile)
        check_sample(image, sample)
        started = time.perf_counter()
        most = can.budget if budget is None else budget
        ran = self.boot(Order(image, board, sample, watch, profile, most))
        return BootResult(
            backend=self.name,
            version=self.version,
            transcript=ran.transcript,
            instructions=ran.instructions,
            step_instructions=ran.step_instructions,
            stack_high_water=max(ran.transcript.stack_used, ran.stack),
            touched=ran.touched,
            total_instructions=ran.total_instructions,
            seconds=time.perf_counter() - started,
            profile=ran.profile,
            cycles=ran.cycles,
            stacks=ran.stacks,
        )
