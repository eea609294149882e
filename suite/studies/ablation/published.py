"""The papers' memory figures beside ours, with the difference in what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.options import Options, option_names, parse_options
from tinyrig.generator.planning.board import Board
from tinyrig.suite.files.csv_rows import Words, csv_rows
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.arena_map import map_arena
from tinyrig.suite.rig.sizing import Planner, roomy_plan
from tinyrig.suite.studies.ablation.paper_rule import weights_counted_ram
from tinyrig.suite.studies.ablation.variants import as_stated

LATENCY, TAKEN = "latency", "taken"
LAYER_WISE = ("none", "arena=optimal", "in-place", "scratch-reuse")
"""What the papers start from: layer by layer, dead memory used again, softmax in place."""


@dataclass(frozen=True)
class Published:
    """One figure of a paper: `value` in `unit`; `ours` are the words of our nearest setting.

    `platform` is the chip it is of.
    """

    paper: str
    place: str
    model: str
    scheme: str
    platform: str
    metric: str
    value: float
    unit: str
    ours: Words
    definition: str


@dataclass(frozen=True)
class Beside:
    """A published figure and ours on our accounting; None where we have no such switch.

    `value` has the unit of the paper: kB of 1000 bytes of arena, or percent less arena than
    layer-wise; `with_weights` adds the block's weights and tables, for peaks alone. Of a whole
    network it is also kB of weights and tables (flash), of RAM by the paper's own rule (rule), of
    arena but for the input (beside), and seconds at the board's clock (latency), which only a run
    tells.
    """

    published: Published
    value: float | None
    with_weights: float | None


def published_figures(model: str) -> tuple[Published, ...]:
    """Return the figures published of a zoo model."""
    found = csv_rows(Published, "tinyrig.suite.studies.ablation", "published.csv")
    return tuple(one for one in found if one.model == model)


@dataclass(frozen=True)
class Allocation:
    """Bytes of the arena taken in each step under one setting, as Fig. 13 of Jung et al. has it."""

    words: tuple[str, ...]
    steps: tuple[tuple[str, int], ...]


def allocations(case: Case, board: Board) -> tuple[Allocation, ...]:
    """Return the bytes taken step by step: layer-wise, depth-first and with everything on."""
    settings = (LAYER_WISE, (*LAYER_WISE, "attention=depth-first"), ("all",))
    return tuple(_allocation(case, board, words) for words in settings)


def _allocation(case: Case, board: Board, words: tuple[str, ...]) -> Allocation:
    plan = roomy_plan(case, board, options=as_stated(parse_options(words, ())))
    arena = map_arena(plan, plan.clean)
    taken = ((name, arena.used(index)) for index, name in enumerate(arena.steps))
    return Allocation(words, tuple(taken))


def beside(figures: Sequence[Published], planner: Planner, board: Board) -> tuple[Beside, ...]:
    """Return each figure with ours, planned for a board's core."""
    return tuple(_beside(figure, planner, board) for figure in figures)


def _beside(figure: Published, planner: Planner, board: Board) -> Beside:
    options = _options(figure.ours)
    if options is None or figure.metric == LATENCY:
        return Beside(figure, None, None)
    if figure.metric == "rule":
        return Beside(figure, weights_counted_ram(planner.case.graph) / 1000, None)
    needs = planner.needs(board, options)
    match figure.metric:
        case "peak":
            return Beside(figure, needs.arena / 1000, (needs.arena + needs.data) / 1000)
        case "beside":
            value = needs.beside_input / 1000
        case "flash":
            value = needs.data / 1000
        case _:
            base = planner.needs(board, as_stated(parse_options(LAYER_WISE, ())))
            value = 100 * (1 - needs.arena / base.arena)
    return Beside(figure, value, None)


def timed(found: Sequence[Beside], seconds: float | None) -> tuple[Beside, ...]:
    """Return figures with the seconds of an inference beside latencies."""
    return tuple(
        replace(one, value=seconds) if one.published.metric == LATENCY else one for one in found
    )


def _options(words: Sequence[str]) -> Options | None:
    """Return the options of words; None when a switch of that name does not exist.

    Schemes are as stated; what is `taken` is what the planner takes of all, with what follows.
    """
    if words and words[0] == TAKEN:
        return parse_options(words[1:], ())
    known = {"all", "none", *option_names()}
    if any(word.partition("=")[0] not in known for word in words):
        return None
    return as_stated(parse_options(words, ()))
