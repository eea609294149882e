"""Many networks, counted: what was proven, what was refused and why, what is wrong."""

from __future__ import annotations

import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fuzz.graphs import Recipe, network, recipe
from fuzz.shrinking import shrunk
from fuzz.trial import Outcome, drawn_options, run_trial


@dataclass
class Tally:
    """Counts of a campaign; `failures` are paragraphs that begin with the reproducing command."""

    networks: int = 0
    proven: int = 0
    outputs: int = 0
    far: int = 0
    elements: int = 0
    different: int = 0
    values: int = 0
    uncovered: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.networks += 1
        if outcome.refused:
            self.refusals[_kind(outcome.refused)] += 1
            return
        self.proven += not outcome.wrong
        for name in ("outputs", "far", "elements", "different", "values", "uncovered"):
            setattr(self, name, getattr(self, name) + getattr(outcome, name))

    def lines(self) -> Iterator[str]:
        """Yield the counts as lines of text."""
        refused = sum(self.refusals.values())
        yield (
            f"{self.networks} networks: {self.proven} proven, {refused} refused, "
            f"{len(self.failures)} wrong"
        )
        yield (
            f"node by node: {self.values} values ({self.uncovered} not held), {self.elements} "
            f"elements, {self.different} a step or more from ONNX Runtime"
        )
        yield (
            f"end to end: {self.outputs} output elements, {self.far} beyond two steps, explained "
            "by propagation"
        )
        yield from (f"refused {count} times: {why}" for why, count in self.refusals.most_common())
        yield from self.failures


def attempt(drawn: Recipe, boards: tuple[str, ...]) -> Outcome:
    """Run one recipe; what nobody foresaw is an outcome that is wrong, with its traceback."""
    built = network(drawn)
    try:
        return run_trial(built.case, boards, drawn_options(drawn.seed))
    except Exception:  # noqa: BLE001 - finding these is what this is for
        return Outcome(wrong=traceback.format_exc())


def campaign(
    first: int, count: int, boards: tuple[str, ...], seconds: float, said: Callable[[str], None]
) -> Tally:
    """Run the networks of `count` seeds from `first` on, as many as begin within `seconds`."""
    tally, end = Tally(), time.monotonic() + seconds
    for seed in range(first, first + count):
        if time.monotonic() > end:
            break
        drawn = recipe(seed)
        outcome = attempt(drawn, boards)
        tally.add(outcome)
        if outcome.wrong:
            least = shrunk(drawn, lambda smaller: bool(attempt(smaller, boards).wrong))
            failure = _failure(least, boards)
            said(failure)
            tally.failures.append(failure)
    return tally


def _failure(least: Recipe, boards: tuple[str, ...]) -> str:
    blocks = ",".join(map(str, least.blocks))
    made = ", ".join(network(least).made)
    words = f" --boards {','.join(boards)}" if boards else ""
    return (
        f"wrong: .ci/fuzz --graphs 1 --seed {least.seed} --blocks {blocks}{words}\n"
        f"  {made}: {attempt(least, boards).wrong}"
    )


def _kind(text: str) -> str:
    """Return a refusal without its names and numbers."""
    text = re.sub(r"'[^']*'", "'...'", text)
    return re.sub(r"-?\d[\d.e+-]*", "N", text)[:150]
