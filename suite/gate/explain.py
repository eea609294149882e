"""From the figures that got worse to their causes, each told once for all jobs it hit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tinyrig.suite.gate.arena_diff import peak_of, tensor_changes
from tinyrig.suite.gate.causes import Cause, Pair
from tinyrig.suite.gate.effects import Effect, effects_on
from tinyrig.suite.gate.hot_block import BlockDiff, hottest_change
from tinyrig.suite.gate.judge import Change, Judged
from tinyrig.suite.gate.places import places
from tinyrig.suite.gate.report import (
    ArenaPeak,
    BlockCode,
    BlockRow,
    Difference,
    Explanation,
    Figure,
    GateReport,
    Hit,
    Tensor,
)
from tinyrig.suite.gate.side import RoutineKey, Side

_TOLD = frozenset(("worse", "over budget", "wrong", "accepted", "tolerated"))

_MEMORY = frozenset(("arena", "peak_ram"))
_MOST_PLACES = 8
_MOST_TENSORS = 12


@dataclass(frozen=True)
class _Share:
    """What a cause did to one figure of one job."""

    pair: Pair
    change: Change
    effects: tuple[Effect, ...]

    @property
    def amount(self) -> float | None:
        """What the cause added; None when that cannot be told."""
        amounts = [effect.amount for effect in self.effects if effect.amount is not None]
        return sum(amounts) if amounts else None

    @property
    def weight(self) -> tuple[bool, float]:
        """How bad it is: a failing figure first, then the amount relative to the base."""
        base = self.change.base or 1.0
        return self.change.fails, (self.amount or 0.0) / base

    def hit(self) -> Hit:
        """Return it as the report tells it."""
        change = self.change
        assert change.base is not None
        assert change.head is not None
        return Hit(
            job=self.pair.name,
            model=change.job.model,
            board=change.job.board,
            metric=change.metric,
            base=change.base,
            head=change.head,
            amount=self.amount,
        )


def make_report(
    base: str, head: str, judged: Judged, booted: int | None, notes: Sequence[str] = ()
) -> GateReport:
    """Return the report of two judged sets of results, called `base` and `head`."""
    moved = [change for change in judged.changes if change.verdict not in ("equal", "new")]
    # Figures of new jobs are told where there is nothing else: of a base without results.
    known = judged.new if judged.pairs else ()
    new = [c for c in judged.changes if c.verdict == "new" and c.job.name not in known]
    return GateReport(
        base=base,
        head=head,
        passed=judged.passed,
        jobs=len(judged.pairs) + len(judged.new),
        identical=sum(
            one.evidence.clean_sha256 == other.evidence.clean_sha256
            for one, other in judged.pairs.values()
        ),
        booted=booted,
        figures=tuple(_figure(change) for change in [*moved, *new]),
        missing=judged.missing,
        new=judged.new,
        broken=judged.broken,
        causes=tuple(_explanations(judged)),
        harmless=tuple(_harmless(judged)),
        notes=tuple(notes),
    )


def _figure(change: Change) -> Figure:
    percent = 100 * change.ratio if change.base else None
    return Figure(
        job=change.job.name,
        model=change.job.model,
        board=change.job.board,
        metric=change.metric,
        base=change.base,
        head=change.head,
        percent=percent,
        verdict=change.verdict,
        note=change.note,
        fails=change.fails,
    )


def _harmless(judged: Judged) -> Iterator[Difference]:
    """Yield what differs in jobs whose firmware is another but whose figures are no worse."""
    worse = {change.job.name for change in judged.changes if change.verdict in _TOLD}
    found: dict[Cause, list[Pair]] = {}
    for name, (one, other) in judged.pairs.items():
        if name in worse or one.evidence.clean_sha256 == other.evidence.clean_sha256:
            continue
        pair = Pair(Side(one), Side(other))
        for cause in pair.changes:
            found.setdefault(cause, []).append(pair)
    for cause, pairs in found.items():
        tensors = _tensors(pairs[0]) if cause.kind == "plan" else ()
        yield Difference(
            kind=cause.kind,
            title=cause.title,
            jobs=tuple(pair.name for pair in pairs),
            tensors=tensors,
        )


def _tensors(pair: Pair) -> tuple[Tensor, ...]:
    found = tensor_changes(pair.base.evidence, pair.head.evidence)[:_MOST_TENSORS]
    return tuple(
        Tensor(name=t.name, change=t.kind, words=t.words, at_peak=t.at_peak) for t in found
    )


def _explanations(judged: Judged) -> Iterator[Explanation]:
    shares = _shares(judged)
    worst = {cause: max(found, key=lambda s: s.weight) for cause, found in shares.items()}
    for cause in sorted(shares, key=lambda cause: (_backwards(worst[cause]), cause)):
        yield _explanation(cause, shares[cause], worst[cause])


def _backwards(share: _Share) -> tuple[bool, float]:
    fails, weight = share.weight
    return not fails, -weight


def _shares(judged: Judged) -> Mapping[Cause, list[_Share]]:
    """Return what every cause did to every figure that got worse."""
    found: dict[Cause, list[_Share]] = {}
    pairs: dict[str, Pair] = {}
    for change in judged.changes:
        name = change.job.name
        if change.verdict not in _TOLD or name not in judged.pairs:
            continue
        if change.base is None or change.head is None or change.head <= change.base:
            continue
        if name not in pairs:
            one, other = judged.pairs[name]
            pairs[name] = Pair(Side(one), Side(other))
        by_cause: dict[Cause, list[Effect]] = {}
        for effect in effects_on(pairs[name], change.metric):
            by_cause.setdefault(effect.cause, []).append(effect)
        for cause, effects in by_cause.items():
            share = _Share(pairs[name], change, tuple(effects))
            if share.amount is None or share.amount > 0:
                found.setdefault(cause, []).append(share)
    return found


def _explanation(cause: Cause, shares: Sequence[_Share], worst: _Share) -> Explanation:
    pair = worst.pair
    memory = any(share.change.metric in _MEMORY for share in shares if share.pair is pair)
    planned = memory or cause.kind in ("plan", "kernel", "graph", "options")
    tensors = _tensors(pair) if planned else ()
    block = hottest_change(pair, _changed_routines(cause, worst))
    return Explanation(
        kind=cause.kind,
        title=cause.title,
        files=cause.files,
        hits=tuple(share.hit() for share in sorted(shares, key=_backwards)),
        worst=worst.hit(),
        places=tuple(places(cause, pair, worst.change.metric, worst.effects))[:_MOST_PLACES],
        block=None if block is None else _block(block),
        tensors=tensors,
        base_peak=_peak(pair.base) if tensors else None,
        head_peak=_peak(pair.head) if tensors else None,
    )


def _changed_routines(cause: Cause, worst: _Share) -> list[RoutineKey]:
    """Return the functions a cause changed in its worst job."""
    pair = worst.pair
    named = [effect.routine for effect in worst.effects if effect.routine is not None]
    executed = [key for _, key in pair.head.cells] or sorted(pair.head.routines)
    candidates = dict.fromkeys([*named, *executed])
    return [
        key
        for key in candidates
        if pair.alignment(key) and not pair.same_code(key) and pair.cause_of_routine(key) == cause
    ]


def _block(block: BlockDiff) -> BlockCode:
    base, head = block.base, block.head
    return BlockCode(
        function=block.function,
        file=block.file,
        base_offset=base.offset if base else None,
        head_offset=head.offset if head else None,
        base_count=base.count if base else 0,
        head_count=head.count if head else 0,
        base_cycles=base.cycles if base else 0.0,
        head_cycles=head.cycles if head else 0.0,
        rows=tuple(
            BlockRow(sign=sign, offset=offset, text=text) for sign, offset, text in block.rows
        ),
        cut=block.cut,
    )


def _peak(side: Side) -> ArenaPeak:
    peak = peak_of(side.evidence)
    return ArenaPeak(layer=peak.layer, live=peak.live, arena=peak.arena, tensors=peak.tensors)
