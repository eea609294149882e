"""Which rule lowers which operator: one line an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.lower_conv import lower_conv
from tinyrig.generator.frontends.lower_elementwise import (
    lower_binary,
    lower_clip,
    lower_reinterpret,
    lower_unary,
)
from tinyrig.generator.frontends.lower_image import (
    lower_depth_to_space,
    lower_resize,
    lower_space_to_depth,
)
from tinyrig.generator.frontends.lower_layout import (
    lower_concat,
    lower_expand,
    lower_gather,
    lower_pad,
    lower_reshape,
    lower_slice,
    lower_split,
    lower_transpose,
)
from tinyrig.generator.frontends.lower_linear import lower_gemm, lower_matmul
from tinyrig.generator.frontends.lower_norm import lower_layernorm, lower_rmsnorm, lower_softmax
from tinyrig.generator.frontends.lower_pool import (
    lower_avgpool,
    lower_global_average,
    lower_maxpool,
    lower_reduce_mean,
)
from tinyrig.generator.frontends.masks import refuse_alone
from tinyrig.generator.frontends.pointwise import BINARY, UNARY
from tinyrig.generator.frontends.source import SourceNode

Rule = Callable[[Lowering, SourceNode], None]

RULES: Mapping[str, Rule] = MappingProxyType(
    dict.fromkeys(UNARY, lower_unary)
    | dict.fromkeys(BINARY, lower_binary)
    | {
        "AveragePool": lower_avgpool,
        "Clip": lower_clip,
        "Concat": lower_concat,
        "Conv": lower_conv,
        "DepthToSpace": lower_depth_to_space,
        "Expand": lower_expand,
        "Flatten": lower_reshape,
        "Gather": lower_gather,
        "IsNaN": refuse_alone,
        "Gemm": lower_gemm,
        "GlobalAveragePool": lower_global_average,
        "GlobalMaxPool": lower_maxpool,
        "LayerNormalization": lower_layernorm,
        "MatMul": lower_matmul,
        "MaxPool": lower_maxpool,
        "Pad": lower_pad,
        "RMSNormalization": lower_rmsnorm,
        "ReduceMean": lower_reduce_mean,
        "Reinterpret": lower_reinterpret,
        "Reshape": lower_reshape,
        "Resize": lower_resize,
        "Slice": lower_slice,
        "SpaceToDepth": lower_space_to_depth,
        "Softmax": lower_softmax,
        "Split": lower_split,
        "Squeeze": lower_reshape,
        "Tile": lower_expand,
        "Transpose": lower_transpose,
        "Unsqueeze": lower_reshape,
        "Where": refuse_alone,
        "com.microsoft.SimplifiedLayerNormalization": lower_rmsnorm,
    }
)

# What a model may hold besides: the reader turns these into constants, or drops them.
READER_OPS = frozenset({"Cast", "Constant", "Dropout", "Identity", "Shape", "Size"})
SUPPORTED_OPS = (frozenset(RULES) | READER_OPS) - {"Reinterpret", "Requantize"}
