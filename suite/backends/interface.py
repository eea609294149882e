"""What every backend takes and returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.capabilities import DEFAULT_BUDGET, Capabilities
from tinyrig.suite.backends.transcript import Transcript
from tinyrig.suite.records.profile import BlockProfile, CountedCycles
from tinyrig.suite.toolchain import Image

TOUCH_READ = 1
TOUCH_WRITTEN = 2


@dataclass(frozen=True)
class Touched:
    """Which bytes the inferences touched: one 0 or 1 per byte of the arena, in order.

    `written` is exact but for an input byte overwritten with its own value. Only a watched run
    knows the rest: `read`; `by_step`, for every step of a checked build one TOUCH_READ |
    TOUCH_WRITTEN per byte; `strays`, the accesses to the arena's RAM region that were neither
    arena, stack nor static data, and the address of the first.
    """

    read: bytes = field(repr=False)
    written: bytes = field(repr=False)
    by_step: tuple[bytes, ...] = field(default=(), repr=False)
    strays: int = 0
    first_stray: int = 0


@dataclass(frozen=True)
class BootResult:
    """One boot of an image: what it said and what the backend counted.

    `instructions` is exact and of one inference: from the return of `tr_region_begin` to the
    entry of `tr_region_end`, without the bodies of step markers. `step_instructions` has one
    number a step of a checked build (empty for a clean one), from the return of
    `tr_step_begin` to the entry of `tr_step_end`; guards lie outside. Backends that cannot
    count or see give None. `stack_high_water` is in bytes. `profile` is of the first inference,
    None unless asked for. `cycles` are given by backends that count real or simulated ones.
    `stacks` are one inference's instructions by call stack, `tr_infer` first, of a backend that
    profiles so.
    """

    backend: str
    version: str
    transcript: Transcript
    instructions: int | None
    step_instructions: tuple[int, ...]
    stack_high_water: int
    touched: Touched | None
    total_instructions: int | None
    seconds: float
    profile: BlockProfile | None = None
    cycles: CountedCycles | None = None
    stacks: Mapping[tuple[str, ...], int] | None = field(default=None, repr=False)


class Backend(Protocol):
    """Something that runs firmware."""

    @property
    def name(self) -> str:
        """The name `--backend` knows it by."""

    @property
    def version(self) -> str:
        """The version of what runs the firmware."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def run(
        self,
        image: Image,
        board: Board,
        *,
        sample: bytes | None = None,
        watch: bool = False,
        profile: bool = False,
        budget: int = DEFAULT_BUDGET,
    ) -> BootResult:
        """Boot an image to its verdict.

        `sample` replaces the bytes of the model's inputs in flash; its length must be theirs.
        Raises FirmwareTimeoutError when the budget ends first, FaultError with registers and
        symbol, ProtocolError for an incomplete or corrupt transcript, InputError for a sample
        of the wrong length. A verdict of `fail` is returned, not raised.
        """
