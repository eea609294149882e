"""LSTM and GRU, step by step; elements of the batch, and samples, beside one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tinyrig.generator.graph.recurrent import Fixed
from tinyrig.generator.operators.gru import Gru
from tinyrig.generator.operators.lstm import Lstm
from tinyrig.generator.operators.recurrent import Recurrent
from tinyrig.suite.reference.call import Call, accumulator, constant, defines, exact
from tinyrig.suite.reference.requant import saturate

_ONE = 2**15


@defines(Lstm)
def lstm(call: Call[Lstm]) -> torch.Tensor:
    """x [steps, batch, 4 * units], states and cells [batch, units]; samples may go before."""
    node = call.node
    x, h = _operands(call)
    cells = _states(call, 2).long() - call.operands[2].affine.zero_point
    cell = _state(_moved(cells, node.cell))
    rows = {}
    for step in _steps(node, x):
        gates = _gates(node, x[:, step], _sums(node, h))
        opened, shown, kept = (_sigmoid(node, gates[..., i]) for i in range(3))
        added = (opened * _tanh_half(node, gates[..., 3])) >> 4
        cell = _state((kept * cell + added + _ONE // 2) >> 15)
        state = (shown * _tanh_half(node, _state(4 * cell)) + _ONE // 2) >> 15
        h = rows[step] = _codes(call, state)
    last = []
    if node.shown is not None:
        last.append(saturate(_moved(cell, node.shown.factor) + node.shown.zero_point))
    return _stacked(call, rows, last)


@defines(Gru)
def gru(call: Call[Gru]) -> torch.Tensor:
    """x [steps, batch, 3 * units] and states [batch, units]; samples may go before."""
    node = call.node
    x, h = _operands(call)
    state = _state(_moved(h.long() - call.output.affine.zero_point, node.state))
    rows = {}
    for step in _steps(node, x):
        codes = x[:, step]
        sums = _sums(node, h)
        gates = _gates(node, codes, sums)
        update, reset = (_sigmoid(node, gates[..., i]) for i in range(2))
        if node.held is None:
            inner = _codes(call, (reset * state + _ONE // 2) >> 15)
            hidden = _gates(node, codes, _sums(node, inner))[..., 2]
        else:
            moved = _scaled(node, sums * _by_unit(node, "h_multiplier"))
            held = constant(node.held) + moved[..., 2]
            more = (accumulator(held, node.name) * reset + _ONE // 2) >> 15
            sums[..., 2] = 0
            more = torch.stack([torch.zeros_like(more), torch.zeros_like(more), more], dim=-1)
            hidden = _gates(node, codes, sums, more)[..., 2]
        new = _tanh_half(node, hidden)
        state = (update * state + (_ONE - update) * new + _ONE // 2) >> 15
        h = rows[step] = _codes(call, state)
    return _stacked(call, rows, [])


def _operands(call: Call[Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """Input codes [samples, steps, batch, columns], hidden codes [samples, batch, units]."""
    x = call.operands[0].codes
    return x.reshape(-1, *x.shape[-3:]), _states(call, 1)


def _states(call: Call[Any], index: int) -> torch.Tensor:
    codes = call.operands[index].codes
    return codes.reshape(-1, *codes.shape[-2:])


def _steps(node: Recurrent, x: torch.Tensor) -> Iterator[int]:
    steps = range(x.shape[1])
    return iter(reversed(steps) if node.reverse else steps)


def _sums(node: Recurrent, h: torch.Tensor) -> torch.Tensor:
    """What hidden codes give every gate of every unit, [..., units, gates]."""
    weight = constant(node.gates.weight, torch.float64)
    sums = h.double() @ weight.flatten(0, 1).T
    return accumulator(exact(sums), node.name).reshape(*h.shape[:-1], *weight.shape[:2])


def _by_unit(node: Recurrent, name: str) -> torch.Tensor:
    return constant(getattr(node.gates, name))


def _scaled(node: Recurrent, products: torch.Tensor) -> torch.Tensor:
    return (products + (1 << (node.gates.shift - 1))) >> node.gates.shift


def _gates(
    node: Recurrent, x: torch.Tensor, sums: torch.Tensor, more: torch.Tensor | int = 0
) -> torch.Tensor:
    """Gates of 16 bits by the input's codes [..., gates * units] and the sums."""
    units, count = sums.shape[-2:]
    codes = x.long().reshape(*x.shape[:-1], count, units).transpose(-1, -2)
    products = sums * _by_unit(node, "h_multiplier") + codes * _by_unit(node, "x_multiplier")
    whole = _scaled(node, products) + _by_unit(node, "bias") + more
    return _state(accumulator(whole, node.name))


def _sigmoid(node: Recurrent, gate: torch.Tensor) -> torch.Tensor:
    table = constant(node.table)
    place = (gate >> 8) + 128
    rise = table[place + 1] - table[place]
    return table[place] + ((rise * (gate & 255) + 128) >> 8)


def _tanh_half(node: Recurrent, gate: torch.Tensor) -> torch.Tensor:
    return 2 * _sigmoid(node, gate) - _ONE


def _moved(value: torch.Tensor, factor: Fixed) -> torch.Tensor:
    return (value * factor.multiplier + (1 << (factor.shift - 1))) >> factor.shift


def _state(value: torch.Tensor) -> torch.Tensor:
    return value.clamp(-_ONE, _ONE - 1)


def _codes(call: Call[Any], state: torch.Tensor) -> torch.Tensor:
    return saturate(_moved(state, call.node.y) + call.output.affine.zero_point)


def _stacked(
    call: Call[Any], rows: dict[int, torch.Tensor], last: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Rows in the order of steps, or the last that was taken, and what goes behind them."""
    taken = [rows[step] for step in sorted(rows)] if call.node.sequence else [[*rows.values()][-1]]
    return torch.stack([*taken, *last], dim=1).reshape(call.output.shape)
