"""Plans of LSTM and GRU: sound, and a walk that goes otherwise is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from chain.test_recurrent_nets import net
from verify.plans import fault, plan_graph

from tinyrig.generator.planning.plan import Plan


@pytest.mark.parametrize("board", ["stm32f427", "gap9"])
def test_plans_are_sound(board: str) -> None:
    assert fault(plan_graph(net(6), board)) == ""


def changed(plan: Plan, op: str, field: str, value: Any) -> Plan:
    """Return the plan with one field of its first call of an op another."""
    step = next(step for step in plan.steps if step.call.op == op)
    run = {**step.call.params["run"], field: value}  # type: ignore[dict-item]
    call = replace(step.call, params={**step.call.params, "run": run})
    steps = tuple(replace(s, calls=(call,)) if s is step else s for s in plan.steps)
    return replace(plan, steps=steps)


@pytest.mark.parametrize(
    ("op", "field", "value"),
    [
        ("lstm_s8", "reverse", 1),
        ("lstm_s8", "steps", 6),
        ("lstm_s8", "x_stride", (49, 24, 1)),
        ("lstm_s8", "h_stride", (0, 1)),
        ("gru_s8", "h_stride", (5, 1)),
        ("gru_s8", "y_stride", (12, 0, 1)),
    ],
)
def test_another_walk_is_seen(op: str, field: str, value: object) -> None:
    assert fault(changed(plan_graph(net(6), "stm32f427"), op, field, value)) != ""


def test_a_missing_scratch_is_seen() -> None:
    plan = plan_graph(net(6), "stm32f427")
    steps = (replace(plan.steps[0], scratch=None), *plan.steps[1:])
    assert "scratch" in fault(replace(plan, steps=steps))
