"""Random calls of every kernel operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from tinyrig.generator.operators.example import drawable
from tinyrig.suite.studies.kernels.checking.case import Case, Pick
from tinyrig.suite.studies.kernels.checking.cases_drawn import drawn_case
from tinyrig.suite.studies.kernels.checking.cases_elementwise import (
    add,
    copy,
    fill,
    gather,
    mul,
    unary,
)
from tinyrig.suite.studies.kernels.checking.cases_products import (
    attention,
    linear,
    linear_s32,
    matmul,
    requant_s32,
)
from tinyrig.suite.studies.kernels.checking.cases_rows import (
    layernorm,
    softmax,
    softmax_bitmap,
    softmax_masked,
)
from tinyrig.suite.studies.kernels.checking.cases_windows import avgpool2d, conv2d, maxpool2d, mean

Builder = Callable[[Pick, np.random.Generator], Case]

BUILDERS: Mapping[str, Builder] = {
    "linear_s8": linear,
    "linear_s8_s32": linear_s32,
    "requant_s32_s8": requant_s32,
    "matmul_s8": matmul,
    "attention_s8": attention,
    "softmax_s8": softmax,
    "softmax_bitmap_s8": softmax_bitmap,
    "softmax_masked_s8": softmax_masked,
    "layernorm_s8": layernorm,
    "conv2d_s8": conv2d,
    "maxpool2d_s8": maxpool2d,
    "avgpool2d_s8": avgpool2d,
    "mean_s8": mean,
    "copy_s8": copy,
    "fill_s8": fill,
    "unary_s8": unary,
    "add_s8": add,
    "mul_s8": mul,
    "gather_s8": gather,
    **{
        call.op: partial(drawn_case, operator)
        for operator in drawable().values()
        for call in operator.calls
    },
}


def sized_case(op: str, sizes: Sequence[int], seed: int) -> Case:
    """A random call of given sizes, in the order its builder asks for them."""
    left = iter(sizes)
    return BUILDERS[op](lambda _lo, _hi: next(left), np.random.default_rng(seed))


_POINTWISE = [(0, 9, 6, 1, 1, 3, 7, 1), (0, 8, 3, 1, 1, 4, 6, 2), (0, 3, 5, 1, 1, 1, 13, 1)]
_QUADS = [(0, 36, 4, 1, 1, 3, 7, 1), (0, 8, 8, 1, 1, 4, 5, 2), (0, 4, 12, 1, 1, 1, 13, 1)]
_EIGHTS = [(0, 8, 12, 1, 1, 3, 7, 1), (0, 8, 8, 1, 1, 4, 5, 2), (0, 8, 20, 1, 1, 1, 13, 1)]
_QUAD_ROWS = [(2, 4, 4), (5, 28, 8), (7, 32, 12), (4, 36, 4), (3, 96, 8)]
_QUADS_BY_PARTS = [*_QUADS, (0, 36, 36, 1, 1, 3, 7, 1), (0, 100, 20, 1, 1, 2, 3, 1)]
_QUAD_ROWS_BY_PARTS = [*_QUAD_ROWS, (5, 28, 20), (4, 68, 36), (3, 64, 16)]
_ONE_ROW = [(1, 8, 4), (1, 21, 7), (1, 40, 9), (1, 17, 8), (1, 32, 6)]
_PAIRS = [(1, 2, 5, 9, 2, 2), (1, 1, 4, 66, 2, 2), (2, 1, 3, 1, 2, 2), (1, 1, 6, 8, 2, 2)]
_QUERIES = [
    (1, 2, 9, 21, 32, 8),
    (1, 1, 11, 12, 16, 4),
    (2, 1, 2, 5, 8, 12),
    (1, 2, 3, 40, 36, 4),
    (1, 1, 17, 34, 44, 8),
]
_DEEP_3X3 = [
    (2, 2, 4, 3, 3, 7, 6, 1),
    (2, 3, 1, 3, 3, 1, 1, 2),
    (2, 6, 3, 3, 3, 4, 3, 1),
    (2, 5, 2, 3, 3, 2, 14, 1),
    (2, 9, 5, 3, 3, 5, 5, 1),
    (2, 11, 2, 3, 3, 2, 9, 1),
]
_WIDE_3X3 = [*_DEEP_3X3, (2, 2, 3, 3, 3, 8, 9, 1), (1, 3, 2, 3, 3, 7, 14, 1)]

SIZES: Mapping[str, Sequence[tuple[int, ...]]] = {
    "tr_attention_s8_1x8__xpulp": [
        (1, 8, 5, 5, 32, 32),
        (2, 1, 3, 4, 16, 1),
        (1, 3, 7, 8, 8, 20),
        (1, 1, 9, 7, 4, 3),
    ],
    "tr_attention_s8_pairs_kept__m4": _PAIRS,
    "tr_attention_s8_pairs_kept__m7": _PAIRS,
    "tr_attention_s8_w16_2x4__m4": _QUERIES,
    "tr_attention_s8_w16_2x4__m7": _QUERIES,
    "tr_conv2d_s8_eights__m4": _EIGHTS,
    "tr_conv2d_s8_sparse4__m4": _POINTWISE,
    "tr_conv2d_s8_sparse4__m7": _POINTWISE,
    "tr_conv2d_s8_w16_2x4__m4": _QUADS,
    "tr_conv2d_s8_w16_2x4_kept__m4": _QUADS,
    "tr_conv2d_s8_w16_2x4_parts__m4": _QUADS_BY_PARTS,
    "tr_conv2d_s8_w16_2x4__m7": [(0, 16, 4, 1, 1, 3, 7, 1), (0, 32, 8, 1, 1, 4, 5, 2)],
    "tr_conv2d_s8_winograd__m4": _DEEP_3X3,
    "tr_conv2d_s8_winograd__m7": _DEEP_3X3,
    "tr_conv2d_s8_winograd_kept__m4": _DEEP_3X3,
    "tr_conv2d_s8_winograd_12__m7": _WIDE_3X3,
    "tr_linear_s8_2x1__xpulp": [(5, 32, 256), (2, 32, 3), (8, 32, 9)],
    "tr_linear_s8_3x4__xpulp": [(5, 256, 32), (3, 4, 4), (7, 36, 52)],
    "tr_linear_s8_row__m4": _ONE_ROW,
    "tr_linear_s8_row__m7": _ONE_ROW,
    "tr_linear_s8_row__xpulp": [(1, 128, 37), (2, 12, 5), (1, 4, 3), (2, 20, 32), (1, 8, 31)],
    "tr_linear_s8_row_w8__m4": _ONE_ROW,
    "tr_linear_s8_row_w8__m7": _ONE_ROW,
    "tr_linear_s8_w16_2x4__m4": _QUAD_ROWS,
    "tr_linear_s8_w16_2x4_kept__m4": _QUAD_ROWS,
    "tr_linear_s8_w16_2x4_parts__m4": _QUAD_ROWS_BY_PARTS,
    "tr_linear_s8_w16_2x4__m7": [(2, 16, 4), (5, 16, 12), (7, 32, 8), (4, 32, 4)],
}
"""Sizes for kernels so choosy that random ones seldom suit them."""
