"""Which boards a model fits, what stops it on the others, and which switch would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import permits
from tinyrig.generator.planning.flash import FlashPlace, place_weights
from tinyrig.suite.rig.sizing import Needs, Planner, board_needs
from tinyrig.suite.studies.ablation.variants import other_values

PORTABLE = "--ref-only"


@dataclass(frozen=True)
class BoardFit:
    """A model's needs beside a board's room, in bytes: a run's where it fits, else the least.

    `room` is the most an arena may have in one region, beside stack and static data. Flash is
    weights and tables: code comes on top and is known only from a build.
    """

    board: Board
    needs: Needs
    room: int

    @property
    def ram_over(self) -> int:
        """Bytes of arena too many; 0 when it fits."""
        return max(0, self.needs.arena - self.room)

    @property
    def weights(self) -> FlashPlace:
        """Where the weights lie, and what is too many."""
        return place_weights(self.board, self.needs.flash)

    @property
    def flash_over(self) -> int:
        """Bytes of weights and tables too many; 0 when they fit."""
        return self.weights.over

    @property
    def fits(self) -> bool:
        """True when nothing is too large."""
        return not (self.ram_over or self.flash_over)


@dataclass(frozen=True)
class Switch:
    """One switch turned the other way, and what is then left to say of the board."""

    label: str
    fit: BoardFit


@dataclass(frozen=True)
class FitReport:
    """All boards from the smallest room up.

    `smallest` is the smallest the model fits. `below` is the next smaller one, or the largest
    when it fits none; `switches` are those that would help it there, best first.
    """

    fits: tuple[BoardFit, ...]
    smallest: BoardFit | None
    below: BoardFit | None
    switches: tuple[Switch, ...]


def fit_report(
    planner: Planner, boards: Sequence[Board], options: Options, *, ref_only: bool = False
) -> FitReport:
    """Plan for every board, building nothing; UnsupportedError when no kernel can run a step.

    A cluster's input is not streamed, whatever the options say.
    """
    fits = [_as_run(planner, board, options, ref_only) for board in boards]
    fits.sort(key=lambda fit: (fit.room, fit.board.flash.size, fit.board.name))
    smallest = next((fit for fit in fits if fit.fits), None)
    smaller = fits if smallest is None else fits[: fits.index(smallest)]
    below = smaller[-1] if smaller else None
    switches = () if below is None else _switches(planner, below, options, ref_only)
    return FitReport(tuple(fits), smallest, below, tuple(switches))


def _as_run(planner: Planner, board: Board, options: Options, ref_only: bool) -> BoardFit:
    """Return a board's fit with the bytes a run on it has, or of what is too many the least."""
    if not permits(board, options):
        options = replace(options, input_streaming=False)
    least = _fit(planner, board, options, ref_only)
    if not least.fits:
        return least
    needs = board_needs(planner.case, board, options, ref_only=ref_only)
    return least if needs is None else replace(least, needs=needs)


def _fit(planner: Planner, board: Board, options: Options, ref_only: bool) -> BoardFit:
    least = replace(options, optimize="ram")
    needs = planner.needs(board, least, ref_only=ref_only)
    room = max(board.arena_capacity(region) for region in board.layout.arena_regions)
    return BoardFit(board, needs, room)


def _switches(planner: Planner, below: BoardFit, options: Options, ref_only: bool) -> list[Switch]:
    tried = [
        Switch(label, _fit(planner, below.board, other, ref_only))
        for label, other in other_values(options)
        if planner.case.allows(other) and permits(below.board, other)
    ]
    if not ref_only:
        tried.append(Switch(PORTABLE, _fit(planner, below.board, options, True)))
    helping = [switch for switch in tried if _shortage(switch.fit) < _shortage(below)]
    return sorted(helping, key=lambda switch: (_shortage(switch.fit), switch.label))


def _shortage(fit: BoardFit) -> int:
    return fit.ram_over + fit.flash_over
