"""Cortex-M7: cycles of blocks in the order they follow each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from suite.backends.profile import Block, Flow
from suite.cycles.instruction import Instruction
from suite.cycles.m7 import Scoreboard
from suite.cycles.places import addresses
from suite.cycles.program import Program
from suite.cycles.tables import Timing

_WARM_UP = 96
"""Instructions run before a flow is timed, where its predecessors give that many."""

_MOST_BLOCKS = 32
_CONDITIONAL = frozenset({"branch"})


def flow_cycles(flows: Sequence[Flow], program: Program, timing: Timing) -> Mapping[Block, float]:
    """Return the cycles of each block, mispredictions of the branches into it included."""
    before = _likely_predecessors(flows)
    penalties = _misprediction_cycles(flows, program, timing)
    cycles: dict[Block, float] = {}
    for flow in flows:
        trail = _trail(flow, before, program)
        once = fmean(
            _last_pass(trail, program, timing, unknown_banks_meet=meet) for meet in (False, True)
        )
        total = flow.count * once + penalties.get(flow, 0.0)
        cycles[flow.to] = cycles.get(flow.to, 0.0) + total
    return cycles


def issue_costs(
    flow: Flow, flows: Sequence[Flow], program: Program, timing: Timing
) -> Sequence[float]:
    """Return the cycles of each instruction of a flow's second block: half of one in a pair."""
    board = Scoreboard(timing, unknown_banks_meet=False)
    costs: Sequence[float] = ()
    for step in _trail(flow, _likely_predecessors(flows), program):
        costs = _pass(board, step, program)
    return costs


def _likely_predecessors(flows: Iterable[Flow]) -> Mapping[Block, Flow]:
    best: dict[Block, Flow] = {}
    for flow in flows:
        if flow.origin is not None and (flow.to not in best or flow.count > best[flow.to].count):
            best[flow.to] = flow
    return best


def _trail(flow: Flow, before: Mapping[Block, Flow], program: Program) -> list[Flow]:
    """Return the flows that most likely came before a flow, and the flow itself."""
    trail = [flow]
    length = 0
    while length < _WARM_UP and len(trail) < _MOST_BLOCKS:
        origin = trail[-1].origin
        if origin is None or origin not in before:
            break
        trail.append(before[origin])
        length += len(program.code(origin))
    return trail[::-1]


def _last_pass(
    trail: Sequence[Flow], program: Program, timing: Timing, *, unknown_banks_meet: bool
) -> float:
    """Return the cycles of the last flow's block: the mean of its passes in the warm half."""
    board = Scoreboard(timing, unknown_banks_meet=unknown_banks_meet)
    found = []
    for at, flow in enumerate(trail):
        cycles = sum(_pass(board, flow, program))
        if flow == trail[-1] and 2 * (at + 1) > len(trail):
            found.append(cycles)
    return fmean(found)


def _pass(board: Scoreboard, flow: Flow, program: Program) -> Sequence[float]:
    """Run a flow's second block and return how far each instruction moved the board."""
    if flow.taken:
        board.take_branch()
    code = program.code(flow.to)
    return board.run(code, addresses(code, flow))


def _misprediction_cycles(
    flows: Iterable[Flow], program: Program, timing: Timing
) -> Mapping[Flow, float]:
    """Return the cycles that mispredicted branches cost, by the flow they lead into.

    A branch that goes both ways is mispredicted as often as it goes the rarer one, as it is at
    the end of a loop; an indirect one whenever it does not go to its most frequent target.
    """
    leaving: dict[Block, list[Flow]] = {}
    for flow in flows:
        if flow.origin is not None and program.code(flow.origin)[-1].changes_pc:
            leaving.setdefault(flow.origin, []).append(flow)
    cycles = {}
    for origin, ways in leaving.items():
        usual = max(ways, key=lambda way: way.count)
        penalty = _penalty(program.code(origin), timing)
        for way in ways:
            if way is not usual:
                cycles[way] = penalty * way.count
    return cycles


def _penalty(code: Sequence[Instruction], timing: Timing) -> float:
    reach = timing.number("early_flags_slots")
    recent = code[-1 - reach : -1]
    direct = code[-1].kind in _CONDITIONAL and code[-1].mnemonic == "b"
    if direct and not any(instruction.sets_flags for instruction in recent):
        return timing.number("mispredicted_early_flags")
    return timing.number("mispredicted")
