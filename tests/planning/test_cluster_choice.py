"""Which plan a cluster of little L1 takes."""

from __future__ import annotations

from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.suite.models.case import resolve


def test_tiles_stand_beside_a_plan_that_fits_where_a_faster_one_waits_for_weights() -> None:
    """With all heads at once weights stay in slow memory; four at a time fit, in more calls."""
    graph = resolve("trformer-mhsa", {}).rewritten(ALL).graph
    plan = cheapest_plan(graph, load_board("gap9").with_l1(16384), options=ALL)
    assert len(plan.layers) == 4
    assert plan.schedule.parts
    assert plan.residents is not None
    assert not plan.residents.outside


def test_attention_writes_words_to_slow_memory_where_copies_would_take_room() -> None:
    graph = resolve("mhsa", {}).rewritten(ALL).graph
    plan = cheapest_plan(graph, load_board("gap9").with_l1(32768), options=ALL)
    answers = {step.call.writes[0].storage for step in plan.steps if step.call.op == "attention_s8"}
    assert [plan.schedule.storages[name].slow for name in answers] == [True]


def test_an_attention_that_writes_over_its_queries_answers_a_head_at_once() -> None:
    graph = resolve("mhsa", {"S": 81, "E": 32, "P": 32, "H": 2}).rewritten(ALL).graph
    plan = cheapest_plan(graph, load_board("gap9").with_l1(16384), options=ALL)
    attentions = [step for step in plan.steps if step.call.op == "attention_s8"]
    assert {step.kernel.name for step in attentions} == {"tr_attention_s8_once__xpulp"}
    for step in attentions:
        queries, output = (view.storage for view in (step.call.reads[0], step.call.writes[0]))
        sizes = {buffer.name: buffer.size for buffer in plan.buffers}
        starts = plan.clean.offsets
        low, high = sorted((queries, output), key=starts.__getitem__)
        assert starts[low] + sizes[low] > starts[high]
