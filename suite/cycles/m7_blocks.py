"""Cortex-M7: cycles of blocks in the order they follow each other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tinyrig.suite.cycles.instruction import STORES, Instruction
from tinyrig.suite.cycles.m7 import Scoreboard
from tinyrig.suite.cycles.places import addresses, strides
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.cycles.tables import Timing
from tinyrig.suite.records.profile import Block, Flow

_WARM_UP = 64
"""Instructions run before a flow is timed, where its predecessors give that many."""

_BRIEF_WARM_UP = 12
"""The same for a flow that runs less than one in `_RARE` of the instructions."""

_RARE = 1000
_MOST_BLOCKS = 32
_CONDITIONAL = frozenset({"branch"})
_BANK = 4
_BANKS = 8
"""Bytes of a word, and of both banks."""


@dataclass(frozen=True)
class _Passage:
    """A block as the scoreboard sees it: reached by a taken branch or not, and where each access
    goes, None where it is not known: a load's bank, 0 that of the first access, and the bytes of
    two banks that a store begins at, of which it is `steps` further on with every passage."""

    block: Block
    taken: bool
    places: tuple[int | None, ...]
    steps: tuple[int, ...]


def flow_cycles(flows: Sequence[Flow], program: Program, timing: Timing) -> Mapping[Block, float]:
    """Return the cycles of each block, mispredictions of the branches into it included."""
    before = _likely_predecessors(flows)
    penalties = _misprediction_cycles(flows, program, timing)
    passages = {flow: _passage(flow, program) for flow in flows}
    weights = [flow.count * len(program.code(flow.to)) for flow in flows]
    rare = sum(weights) / _RARE
    cycles: dict[Block, float] = {}
    for flow, weight in zip(flows, weights, strict=True):
        warm_up = _BRIEF_WARM_UP if weight < rare else _WARM_UP
        trail = tuple(passages[step] for step in _trail(flow, before, program, warm_up))
        key = _key(trail, program)
        once = timing.remembered.get(key)
        if once is None:
            once = timing.remembered[key] = _cost(trail, program, timing)
        total = flow.count * once + penalties.get(flow, 0.0)
        cycles[flow.to] = cycles.get(flow.to, 0.0) + total
    return cycles


def issue_costs(
    flow: Flow, flows: Sequence[Flow], program: Program, timing: Timing
) -> Sequence[float]:
    """Return the cycles of each instruction of a flow's second block: half of one in a pair."""
    board = Scoreboard(timing, unknown_banks_meet=False)
    costs: Sequence[float] = ()
    seen: Counter[Flow] = Counter()
    for step in _trail(flow, _likely_predecessors(flows), program, _WARM_UP):
        costs = _pass(board, _passage(step, program), program, seen[step])
        seen[step] += 1
    return costs


def _likely_predecessors(flows: Iterable[Flow]) -> Mapping[Block, Flow]:
    best: dict[Block, Flow] = {}
    for flow in flows:
        if flow.origin is not None and (flow.to not in best or flow.count > best[flow.to].count):
            best[flow.to] = flow
    return best


def _trail(flow: Flow, before: Mapping[Block, Flow], program: Program, warm_up: int) -> list[Flow]:
    """Return the flows that most likely came before a flow, and the flow itself."""
    trail = [flow]
    length = 0
    while length < warm_up and len(trail) < _MOST_BLOCKS:
        origin = trail[-1].origin
        if origin is None or origin not in before:
            break
        trail.append(before[origin])
        length += len(program.code(origin))
    return trail[::-1]


def _passage(flow: Flow, program: Program) -> _Passage:
    code = program.code(flow.to)
    found = addresses(code, flow)
    first = next((place for place in found if place is not None), 0) & -_BANK
    places: list[int | None] = []
    steps = []
    for instruction, place, stride in zip(code, found, strides(code), strict=True):
        stores = instruction.kind in STORES
        if place is None or (stores and stride is None):
            places.append(None)
        else:
            places.append(place - first & (_BANKS - 1 if stores else _BANK))
        steps.append((stride or 0) % _BANKS if stores else 0)
    return _Passage(flow.to, flow.taken, tuple(places), tuple(steps))


def _key(trail: Sequence[_Passage], program: Program) -> bytes:
    """Return a digest of all that a trail's cost depends on.

    Where its blocks lie is not part of it: builds and boards share kernels.
    """
    places: dict[Block, int] = {}
    digest = hashlib.blake2b(digest_size=16)
    for passage in trail:
        place = places.setdefault(passage.block, len(places))
        code = program.machine_code(passage.block)
        where = f"{passage.places} {passage.steps}"
        digest.update(f"{place} {passage.taken} {where} {len(code)} ".encode() + code)
    return digest.digest()


def _cost(trail: Sequence[_Passage], program: Program, timing: Timing) -> float:
    """Return the cycles of the last passage, the mean over banks that cannot be told."""
    apart = Scoreboard(timing, unknown_banks_meet=False)
    cycles = _last_pass(apart, trail, program)
    if not apart.guessed:
        return cycles
    return (cycles + _last_pass(Scoreboard(timing, unknown_banks_meet=True), trail, program)) / 2


def _last_pass(board: Scoreboard, trail: Sequence[_Passage], program: Program) -> float:
    """Return the cycles of the last passage: the mean of its repetitions in the warm half."""
    found = []
    seen: Counter[_Passage] = Counter()
    for at, passage in enumerate(trail):
        cycles = sum(_pass(board, passage, program, seen[passage]))
        seen[passage] += 1
        if passage == trail[-1] and 2 * (at + 1) > len(trail):
            found.append(cycles)
    period = _BANKS if any(trail[-1].steps) else 1
    return fmean(found[len(found) % period if len(found) > period else 0 :])


def _pass(board: Scoreboard, passage: _Passage, program: Program, before: int) -> Sequence[float]:
    """Run a passage that came `before` times; return how far each instruction moved the board."""
    if passage.taken:
        board.take_branch()
    places = [
        None if place is None else place + before * step
        for place, step in zip(passage.places, passage.steps, strict=True)
    ]
    return board.run(program.code(passage.block), places)


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
