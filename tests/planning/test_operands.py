"""What parts of a step take of its operands."""

from __future__ import annotations

import pytest

from tinyrig.generator.graph.ops import Attention
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.step import Compute, Schedule, Storage
from tinyrig.generator.planning.tiling.operands import takes_copies
from tinyrig.generator.planning.view import View
from tinyrig.suite.studies.kernels import graphs


@pytest.mark.parametrize(("keys", "takes"), [(5, False), (7, True)])
def test_a_copy_without_the_gaps_a_kernel_needs_is_none(keys: int, takes: bool) -> None:
    """Of five of eight bytes a copy leaves the other three out, of seven of eight not the one."""
    heads, s, t, p = 8, 5, keys, 32
    graph = graphs.attention(heads, (s, t), (p, p), rounded=True)
    node = next(one for one in graph.nodes if isinstance(one, Attention))
    q = View("q", 0, (1, heads, s, p), (0, p, heads * p, 1))
    k = View("k", 0, (1, heads, t, p), (0, p, heads * p, 1))
    v = View("v", 0, (1, heads, t, p), (0, 8 * p, 1, 8))
    step = Compute(name="a", nodes=(node,), reads=(q, k, v), writes=(q,))
    names = {"q": s, "k": t, "v": 8}
    storages = {name: Storage(name, heads * p * count, slow=True) for name, count in names.items()}
    schedule = Schedule((step,), storages, {}, {}, {})
    kernel = next(one for one in all_kernels() if one.name == "tr_attention_s8_1x8__xpulp")
    assert takes_copies(kernel, graph, schedule, [(step, 1)], 2) == takes
    assert takes_copies(kernel, graph, schedule, [(step, 1)], 1)
