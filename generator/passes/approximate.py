"""The papers' approximations of exp and GELU in place of the exact functions.

Both are functions of one int8 code, so either is a table here: what an approximation costs in
accuracy can be measured, what it saves elsewhere is saved already. The polynomials are those of
I-BERT's integer-only softmax and GELU (Kim et al., 2021); MCUFormer's GELU is Eq. 7 of its
supplement. TinyFormer's softmax has no table in flash: its kernel computes each exponential when a
row first needs it, by I-BERT's polynomial in integers. The integer reference computes the result,
which has other bytes than the exact one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.bitmap_exponentials import bitmap_table, halving_of
from tinyrig.generator.graph.exponentials import exp_table, fine_table, softmax_top
from tinyrig.generator.graph.gelu import gelu as exact_gelu
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Attention, Node, Softmax, Unary
from tinyrig.generator.graph.quantization import CODES, FloatArray, dequantise, quantise
from tinyrig.generator.graph.requant import row_scale
from tinyrig.generator.options import Exponential, Gelu

_Function = Callable[[FloatArray], FloatArray]

_EXACT = 1
"""Codes by which a table of GELU may differ from another way to write GELU."""


def approximate(graph: Graph, exponential: Exponential, gelu: Gelu) -> Graph:
    """Return the graph with other functions in the tables of softmax, attention and GELU."""

    def changed(node: Node) -> Node:
        if isinstance(node, Softmax) and node.kept is None and exponential == "bitmap":
            return _with_bitmap(graph, node)
        if isinstance(node, Softmax) and exponential == "i-bert":
            x = graph.tensors[node.inputs[0]]
            return _with_exp(node, x.affine.scale, x.shape[node.axis])
        if isinstance(node, Attention) and exponential == "i-bert":
            return _attention_with_exp(node, graph.tensors[node.inputs[1]].shape[-2])
        if isinstance(node, Unary) and gelu != "exact":
            return _with_gelu(graph, node, _GELUS[gelu])
        return node

    return graph.rewired([changed(node) for node in graph.nodes])


def i_bert_exp(x: FloatArray) -> FloatArray:
    """exp of x <= 0: a polynomial of what is left of x over ln 2, and a shift."""
    halvings = np.floor(-x / math.log(2.0))
    rest = x + halvings * math.log(2.0)
    polynomial: FloatArray = 0.3585 * (rest + 1.353) ** 2 + 0.344
    return polynomial * 2.0**-halvings


def i_bert_gelu(x: FloatArray) -> FloatArray:
    """GELU with erf as a polynomial of |x| up to 1.769 times the root of 2."""
    argument = x / math.sqrt(2.0)
    polynomial = 1.0 - 0.2888 * (np.minimum(np.abs(argument), 1.769) - 1.769) ** 2
    answer: FloatArray = 0.5 * x * (1.0 + np.sign(argument) * polynomial)
    return answer


def mcuformer_gelu(x: FloatArray) -> FloatArray:
    """x * sigmoid(1.702 x)."""
    return 0.5 * x * (1.0 + np.tanh(0.851 * x))


_GELUS: Mapping[Gelu, _Function] = {"i-bert": i_bert_gelu, "mcuformer": mcuformer_gelu}


def _with_exp(node: Softmax, scale: float, length: int) -> Softmax:
    exp = exp_table(scale, int(node.exp[0]), i_bert_exp)
    return replace(node, exp=exp, fine=_fine(node.fine, scale, length))


def _with_bitmap(graph: Graph, node: Softmax) -> Softmax:
    """Return the node with exponentials that its kernel computes; none are finer than others."""
    x, y = graph.tensors[node.inputs[0]], graph.tensors[node.outputs[0]]
    length = x.shape[node.axis]
    halving, top = halving_of(x.affine.scale), softmax_top(length)
    scale = row_scale(2.0**-8 / y.affine.scale, top, length)
    exp = bitmap_table(halving, top)
    return replace(node, exp=exp, fine=None, scale=scale, halving=halving)


def _attention_with_exp(node: Attention, length: int) -> Attention:
    exp, rounding = exp_table(node.score_scale, int(node.exp[0]), i_bert_exp), node.rounding
    if rounding is not None:
        rounding = replace(rounding, fine=_fine(rounding.fine, node.score_scale, length))
    return replace(node, exp=exp, rounding=rounding)


def _fine(exact: NDArray[np.uint32] | None, scale: float, length: int) -> NDArray[np.uint32] | None:
    return None if exact is None else fine_table(scale, length, i_bert_exp)


def _with_gelu(graph: Graph, node: Unary, function: _Function) -> Unary:
    """Return the node with another GELU; as it is when its table is something else."""
    x, y = graph.tensors[node.inputs[0]].affine, graph.tensors[node.outputs[0]].affine
    real = dequantise(CODES, x)
    exact = quantise(exact_gelu(real), y).astype(np.int16)
    if np.abs(node.lut.astype(np.int16) - exact).max() > _EXACT:
        return node
    return replace(node, lut=quantise(function(real), y))
