"""What a backend is and can do: known without the tool behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.planning.board import Board, board_names, load_board

DEFAULT_BUDGET = 2_000_000_000
"""Instructions a whole boot may take before it counts as never ending."""


@dataclass(frozen=True)
class Capabilities:
    """The one description of a backend; `install` is the line that brings its tool.

    `runs` tells whether it has a board. It `counts` instructions, exactly; can `profile` blocks,
    which is what cycles are modelled from; can `watch` every access; can follow calls into
    `stacks`; gives `cycles` of its own from that source, and `splits` those of layers by cause.
    Real `hardware` takes one run at a time. A backend of its `own_board` shares no ELF with the
    others. One that is `needed` comes with every install of Tinyrig. `budget` is what a boot may
    take there when nothing is said. `ready` raises MissingToolError where the tool is installed
    without what a board needs of it.
    """

    name: str
    purpose: str
    install: str
    runs: Callable[[Board], bool] = field(repr=False)
    counts: bool = True
    profile: bool = False
    watch: bool = False
    stacks: bool = False
    splits: bool = False
    cycles: Literal["simulated", "measured"] | None = None
    hardware: bool = False
    own_board: bool = False
    needed: bool = False
    budget: int = DEFAULT_BUDGET
    ready: Callable[[Board], None] = field(default=lambda _: None, repr=False)

    def boards(self) -> tuple[str, ...]:
        """Return the names of the known boards it runs."""
        return tuple(name for name in board_names() if self.runs(load_board(name)))

    def need(self, board: Board) -> None:
        """Raise InputError for a board it does not run."""
        if not self.runs(board):
            raise self.no_board(board)

    def no_board(self, board: Board) -> InputError:
        """Return the error for a board it does not run."""
        from tinyrig.suite.backends.registry import emulators_of  # which reads this of all

        others = emulators_of(board)
        advice = f" Give --backend {others[0]} for it." if others else ""
        return InputError(
            f"The {self.name} backend has no board {board.name}; it has {', '.join(self.boards())}."
            f"{advice}"
        )

    def missing(self, what: str) -> MissingToolError:
        """Return the error for a tool that was not found: `what` says how, as "QEMU is not..."."""
        return MissingToolError(f"{what}. Install it with: {self.install}")

    def check(self, *, watch: bool = False, profile: bool = False) -> None:
        """Raise InputError when a boot is asked for what it cannot do."""
        if watch and not self.watch:
            raise InputError(f"The {self.name} backend cannot watch accesses.")
        if profile and not (self.profile or self.stacks):
            raise InputError(f"The {self.name} backend cannot profile.")
