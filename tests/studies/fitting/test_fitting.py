"""`fit` says what the planner does: every verdict is that of a plan for the board itself."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import ALL, NONE, Options, parse_options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import ARENA_ALIGNMENT, Board, board_names, load_board
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.plan import make_plan
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.rig.sizing import Planner
from tinyrig.suite.studies.fitting import PORTABLE, fit_report

LEAST = replace(ALL, optimize="ram")
"""What a report asks for: the plan that fits most boards."""

BOARDS = [load_board(name) for name in board_names()]


LARGE = "mhsa"
_DIMS = {LARGE: {"S": 136, "E": 64, "P": 16, "H": 8}}
"""Too large for stm32f746 without optimisations, as its scores are; small to plan."""


@functools.cache
def case(model: str) -> Case:
    return resolve(model, _DIMS.get(model, {}))


@functools.cache
def planner(model: str) -> Planner:
    """It remembers what it planned."""
    return Planner(case(model))


def plans(model: str, board: Board, options: Options, *, ref_only: bool = False) -> bool:
    graph = run_passes(case(model).graph, options)
    try:
        make_plan(graph, board, options=options, ref_only=ref_only)
    except FitError:
        return False
    return True


@pytest.mark.parametrize("model", [LARGE, "ecgformer-mhsa"])
def test_verdicts_are_the_planners(model: str) -> None:
    report = fit_report(planner(model), BOARDS, NONE)
    assert {fit.board.name: fit.fits for fit in report.fits} == {
        board.name: plans(model, board, NONE) for board in BOARDS
    }


def test_smallest_next_smaller_and_switches() -> None:
    report = fit_report(planner(LARGE), BOARDS, NONE)
    rooms = [fit.room for fit in report.fits]
    assert rooms == sorted(rooms)
    assert report.smallest is not None
    assert report.below is not None
    at = report.fits.index(report.smallest)
    assert report.fits[at - 1] is report.below
    assert not any(fit.fits for fit in report.fits[:at])
    assert report.below.ram_over == report.below.needs.arena - report.below.room > 0
    assert any(switch.fit.fits for switch in report.switches)
    for switch in report.switches:
        ref_only = switch.label == PORTABLE
        options = NONE if ref_only else parse_options(["none", switch.label], [])
        board = report.below.board
        assert switch.fit.fits == plans(LARGE, board, options, ref_only=ref_only)
        assert switch.fit.ram_over < report.below.ram_over


def shrunk(board: Board, room: int, flash: int) -> Board:
    """A board with one RAM region that leaves `room` bytes for an arena."""
    (region,) = [r for r in board.ram if r.name == board.layout.stack_region]
    taken = region.size - board.arena_capacity(region.name)
    return replace(
        board,
        ram=(replace(region, size=room + taken),),
        flash=replace(board.flash, size=flash),
    )


def test_the_last_byte_counts() -> None:
    plans_of = planner("ecgformer-mhsa")
    board = load_board("netduinoplus2")
    needs = plans_of.needs(board, LEAST)
    room = -(-needs.arena // ARENA_ALIGNMENT) * ARENA_ALIGNMENT
    flash = needs.flash.weights + needs.flash.inside
    enough = shrunk(board, room, flash)
    little = shrunk(board, room - ARENA_ALIGNMENT, flash)
    less_flash = shrunk(board, room, flash - 1)
    fits = [fit_report(plans_of, [one], LEAST).fits[0] for one in (enough, little, less_flash)]
    assert [fit.fits for fit in fits] == [True, False, False]
    assert fits[1].ram_over == needs.arena - (room - ARENA_ALIGNMENT)
    assert (fits[1].flash_over, fits[2].ram_over, fits[2].flash_over) == (0, 0, 1)


def test_external_flash_takes_weights() -> None:
    plans_of = planner("ecgformer-mhsa")
    board = load_board("stm32f746")
    assert board.external_flash is not None
    needs = plans_of.needs(board, LEAST)
    beside = needs.flash.inside + CODE_RESERVE
    boards = [
        replace(
            board,
            flash=replace(board.flash, size=beside + own),
            external_flash=replace(board.external_flash, size=needs.weights + outside),
        )
        for own, outside in ((needs.weights, -1), (needs.weights - 1, 0), (0, -1), (-1, 0))
    ]
    fits = [fit_report(plans_of, [one], LEAST).fits[0] for one in boards]
    assert [fit.weights.outside for fit in fits] == [False, True, True, True]
    assert [fit.flash_over for fit in fits] == [0, 0, 1, 1]
    assert [fit.fits for fit in fits] == [plans("ecgformer-mhsa", one, LEAST) for one in boards]


def test_no_board_fits() -> None:
    report = fit_report(planner(LARGE), [load_board("netduinoplus2")], NONE)
    assert report.smallest is None
    assert report.below is report.fits[-1]
