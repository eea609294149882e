"""A planner that reasons wrongly makes plans that are refused before any C is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from chain.graph_builder import GraphBuilder
from verify.plans import fault, plan_graph

from tinyrig.generator.emit.firmware import emit_project
from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL, NONE, Options
from tinyrig.generator.planning import arena_heuristics, demand, layout, lifetime, overwrite
from tinyrig.generator.planning.buffer import Buffer
from tinyrig.generator.planning.lifetime import Span
from tinyrig.generator.planning.streams import row_chain, stream, window_chain
from tinyrig.generator.planning.view import View
from tinyrig.suite.models.case import resolve

GREEDY = replace(ALL, arena="greedy", optimize="none")
Patch = Callable[[pytest.MonkeyPatch], None]


def streamed() -> Graph:
    """Heads, tokens and strips: the zoo's smallest whole network."""
    return resolve("tinyvit-digits", {}).rewritten(GREEDY).graph


def images() -> Graph:
    """Convolutions strip by strip."""
    b = GraphBuilder(8)
    small = Window(kernel=(3, 3), pads=(1, 1, 1, 1))
    x = b.conv(b.input((1, 2, 24, 6)), 8, small)
    x = b.conv(b.conv(x, 12, small), 12, small)
    pooled = b.maxpool(x, Window(kernel=(2, 2), strides=(2, 2)))
    return b.graph([b.mean(pooled, (2, 3), keepdims=False)])


def layers() -> Graph:
    """Linear layers that widen and narrow, for outputs over inputs; an input that is read late."""
    b = GraphBuilder(2)
    x, late = b.input((6, 24)), b.input((6, 24))
    a = b.linear(b.linear(b.linear(x, 28), 32), 24)
    return b.graph([b.linear(b.add(a, late), 40), a])


def repeated() -> Graph:
    """A row for all, then a table."""
    b = GraphBuilder(4)
    a = b.unary(b.input((4, 8)))
    row = b.slice(a, (0, 0), (1, 1), (1, 8))
    return b.graph([b.unary(b.gather(row, 0, (0, 0, 0, 0)))])


def many_repeated() -> Graph:
    """The same for tokens that go through in parts."""
    b = GraphBuilder(5)
    a = b.unary(b.input((40, 8)))
    row = b.slice(a, (0, 0), (1, 1), (1, 8))
    return b.graph([b.unary(b.unary(b.gather(row, 0, (0,) * 40)))])


def read_again() -> Graph:
    """A tensor that is read after its table."""
    b = GraphBuilder(6)
    a = b.unary(b.input((4, 8)))
    return b.graph([b.add(b.unary(a), a)])


def joined() -> Graph:
    """The second part of a concatenation is there before the first, a linear layer that narrows."""
    b = GraphBuilder(7)
    x = b.input((4, 16))
    wide = b.linear(x, 24)
    other = b.linear(b.mean(wide, (0,), keepdims=True), 12)
    other = b.add(other, b.constant((6, 12)))
    return b.graph([b.linear(b.concat([b.linear(wide, 12), other], 0), 8)])


def spans_without(what: str) -> Patch:
    def apply(patch: pytest.MonkeyPatch) -> None:
        right = lifetime._span

        def wrong(accesses: Any, ranges: dict[int, Span]) -> Span:
            first, last = right(accesses, {} if what == "loops" else ranges)
            return (first, max(first, last - 1)) if what == "last use" else (first, last)

        patch.setattr(lifetime, "_span", wrong)

    return apply


def outside_lives_of(ends: str) -> Patch:
    """Inputs that live from their first reading on, outputs that die when they are made."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        def wrong(schedule: Any) -> dict[str, Span]:
            found = lifetime.lifetimes(schedule)
            accesses = lifetime._accesses(schedule)
            for view in getattr(schedule, ends).values():
                indices = [access.index for access in accesses[view.storage]]
                found[view.storage] = (min(indices), max(indices))
            return found

        patch.setattr(demand, "lifetimes", wrong)

    return apply


def distances_less(by: int) -> Patch:
    def apply(patch: pytest.MonkeyPatch) -> None:
        right = dict(overwrite._DISTANCES)
        wrong = {
            op: lambda p, reading, rule=rule: max(0, (rule(p, reading) or 0) - by)
            for op, rule in right.items()
        }
        patch.setattr(overwrite, "_DISTANCES", wrong)

    return apply


def every_pair_allowed(patch: pytest.MonkeyPatch) -> None:
    def wrong(calls: Sequence[Any], _: Any, __: Any) -> dict[tuple[str, str], int]:
        return {(c.writes[0].storage, r.storage): 0 for c, _, _ in calls for r in c.reads}

    patch.setattr(demand, "overwrites_allowed", wrong)


def first_use_forgotten(patch: pytest.MonkeyPatch) -> None:
    right = overwrite.overwrites_allowed

    def wrong(calls: Any, lives: Mapping[str, Span], outside: set[str]) -> dict[Any, int]:
        found = {}
        for index, (call, _, _) in enumerate(calls):
            forged = {**lives, call.writes[0].storage: (index, index)}
            pairs = right(calls, forged, outside)
            found |= {k: v for k, v in pairs.items() if k[0] == call.writes[0].storage}
        return found

    patch.setattr(demand, "overwrites_allowed", wrong)


def half_the_scratch(patch: pytest.MonkeyPatch) -> None:
    right = demand._buffers

    def wrong(*given: Any, **named: Any) -> list[Buffer]:
        return [
            replace(b, size=b.size // 2) if b.name.startswith("scratch") else b
            for b in right(*given, **named)
        ]

    patch.setattr(demand, "_buffers", wrong)


def views_taken_for_injective(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(View, "is_injective", True)


def every_use_the_last(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(layout._Builder, "is_last_use", lambda *_: True)


def neighbours_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arena_heuristics, "_fits", lambda at, *_: at >= 0)


def rows_moved_by_one(patch: pytest.MonkeyPatch) -> None:
    right = stream.rows_of

    def wrong(view: View, loop: int | None, first: int, size: int, item: int = 1) -> View:
        found = right(view, loop, first, size, item)
        return replace(found, advances=tuple((n, by - item) for n, by in found.advances))

    patch.setattr(row_chain, "rows_of", wrong)


def strips_moved_by_one(patch: pytest.MonkeyPatch) -> None:
    right = window_chain.rows_at
    patch.setattr(
        window_chain,
        "rows_at",
        lambda v, start, count, loop, step: right(v, start, count, loop, max(0, step - 1)),
    )


def strips_padded_alike(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(window_chain, "padded", lambda window, *_: window)


MUTANTS: Mapping[str, tuple[Callable[[], Graph], Options, Patch]] = {
    "a life that ends a step too early": (streamed, GREEDY, spans_without("last use")),
    "lives that know no loops": (streamed, GREEDY, spans_without("loops")),
    "an input that is not there from the start": (layers, GREEDY, outside_lives_of("inputs")),
    "an output that is not kept": (layers, GREEDY, outside_lives_of("outputs")),
    "an overwriting distance too short": (layers, GREEDY, distances_less(40)),
    "overwriting whatever is read": (layers, GREEDY, every_pair_allowed),
    "overwriting under an earlier part": (joined, GREEDY, first_use_forgotten),
    "half the scratch": (streamed, GREEDY, half_the_scratch),
    "in place over a repeated row": (repeated, GREEDY, views_taken_for_injective),
    "in place over repeated tokens": (many_repeated, GREEDY, views_taken_for_injective),
    "in place over what is read again": (read_again, GREEDY, every_use_the_last),
    "addresses that look at no neighbour": (streamed, GREEDY, neighbours_missed),
    "tokens that move by a byte too little": (streamed, GREEDY, rows_moved_by_one),
    "strips that move by a row too little": (images, GREEDY, strips_moved_by_one),
    "strips that are all padded": (images, GREEDY, strips_padded_alike),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_planner_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, options, patch = MUTANTS[name]
    right = graph()
    assert fault(plan_graph(right, options=options)) == ""
    patch(monkeypatch)
    assert fault(plan_graph(right, options=options)).startswith("The plan is not sound: ")


def test_no_c_is_printed_of_a_plan_that_is_not_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = repeated()
    sample = bytes(32)
    assert emit_project(plan_graph(graph, options=NONE), sample).files
    views_taken_for_injective(monkeypatch)
    with pytest.raises(
        InternalError,
        match=r"step 1 \(n3\) writes two elements to one byte, within the bytes \[0, 8\)",
    ) as caught:
        emit_project(plan_graph(graph), sample)
    assert caught.value.exit_code == 6
