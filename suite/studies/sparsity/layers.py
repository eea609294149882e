"""What the zeros of a network's weights are worth, layer by layer and form by form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.costs import cycles_of
from tinyrig.generator.planning.forms import Form, forms
from tinyrig.generator.planning.kernels import packs
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.search.offer import Offers
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS, SparseFormat
from tinyrig.suite.models.masks import block_mask

DENSE = "dense"
STEP = 0.1
"""The share of a layer's blocks that `more` prunes further."""

_PRUNED = SPARSE_FORMATS["sparse4"]


@dataclass(frozen=True)
class Cost:
    """Flash bytes of a layer's constants, and about how many cycles an inference spends in it."""

    bytes: int
    cycles: int


@dataclass(frozen=True)
class Layer:
    """A planned step with weights. `zeros` are shares of blocks without a weight, by size.

    `costs` are those of the best variant of every form that is legal, `planned` is the one the
    plan took, `more` its cost with a tenth of all blocks of four less, None where so many are not
    left.
    """

    name: str
    kernel: str
    weights: int
    zeros: Mapping[str, float]
    costs: Mapping[str, Cost]
    planned: str
    more: Cost | None


def sparse_layers(plan: Plan) -> Iterator[Layer]:
    """Yield the layers of a plan whose weights could be sparse on its board."""
    for step, planned in zip(plan.schedule.steps, plan.steps, strict=True):
        calls = bind(plan.graph, step)
        found = calls[0].params.get("weight")
        if not isinstance(found, Table) or found.values.ndim < 2:
            continue
        times = plan.schedule.executions(step)
        by_form = _costs(plan, calls, times)
        if len(by_form) < 2:
            continue
        rows = np.concatenate([_rows(call) for call in calls])
        yield Layer(
            name=planned.name,
            kernel=planned.kernel.name,
            weights=rows.size,
            zeros=zeros(rows),
            costs=by_form,
            planned=planned.kernel.pack if planned.kernel.pack in SPARSE_FORMATS else DENSE,
            more=_more(plan, calls, times),
        )


def zeros(rows: NDArray[Any]) -> Mapping[str, float]:
    """Return the share of zero weights ("1") and of zero blocks by their size."""
    single = SparseFormat("1", rows=1, size=1, step=1, order=(0,))
    along = {form.name: form for form in SPARSE_FORMATS.values() if not form.across}
    forms_ = {"1": single, **{name.removeprefix("sparse"): f for name, f in along.items()}}
    return {name: _zero_share(rows, form) for name, form in sorted(forms_.items())}


def _zero_share(rows: NDArray[Any], form: SparseFormat) -> float:
    n, k = rows.shape
    padded = np.pad(rows, ((0, -n % form.rows), (0, -k % form.size)))
    blocks = padded.reshape(-(-n // form.rows), form.rows, -1, form.size)
    return 1.0 - float(blocks.any(axis=(1, 3)).mean())


def _rows(call: Call) -> NDArray[Any]:
    table = call.params["weight"]
    assert isinstance(table, Table)
    return table.values.reshape(len(table.values), -1)


def _legal(plan: Plan, call: Call) -> tuple[Form, ...]:
    return forms(call, plan.board.isa, large=plan.options.large_scratch)


def _costs(plan: Plan, calls: tuple[Call, ...], times: int) -> Mapping[str, Cost]:
    best: dict[str, Form] = {}
    for form in _legal(plan, calls[0]):
        name = form.kernel.pack if form.kernel.pack in SPARSE_FORMATS else DENSE
        if name not in best or _cycles(plan, form) < _cycles(plan, best[name]):
            best[name] = form
    return {name: _cost(plan, form, calls, times) for name, form in sorted(best.items())}


def _cycles(plan: Plan, form: Form) -> int:
    return cycles_of(form.kernel, form.call, plan.board.core, plan.board.cores)


def _cost(plan: Plan, form: Form, calls: tuple[Call, ...], times: int) -> Cost:
    every = [replace(form, call=call) for call in calls]
    cycles = sum(_cycles(plan, one) for one in every) * times // len(calls)
    return Cost(sum(one.flash for one in every), cycles)


def _more(plan: Plan, calls: tuple[Call, ...], times: int) -> Cost | None:
    pruned = []
    for call in calls:
        rows = _rows(call)
        sparsity = _zero_share(rows, _PRUNED) + STEP
        if sparsity > 1.0:
            return None
        table = call.params["weight"]
        assert isinstance(table, Table)
        kept = np.where(block_mask(rows, _PRUNED.size, sparsity), rows, np.int8(0))
        weight = Table(kept.reshape(table.values.shape), table.kind)
        pruned.append(replace(call, params={**call.params, "weight": weight}))
    among = packs("auto", wide=True)
    large = plan.options.large_scratch
    offers = Offers(plan.board, plan.board.isa, among, large, seldom=False).of(pruned[0])
    fastest = min(offers, key=lambda offer: offer.cycles)
    return _cost(plan, Form(fastest.kernel, pruned[0]), tuple(pruned), times)
