"""Which rule lowers which operator: what the modules `lower_*` of this folder mark."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tinyrig.generator.discovery import modules_below
from tinyrig.generator.frontends.channel_norms import CHANNEL_NORMS
from tinyrig.generator.frontends.dialect.fusing import JOINED, MEAN
from tinyrig.generator.frontends.rules import MARKED, Rule


def _rules() -> Mapping[str, Rule]:
    for _ in modules_below("tinyrig.generator.frontends", "lower_"):
        pass
    return MappingProxyType(MARKED)


RULES = _rules()

# What a model may hold besides: the reader turns these into constants or others, or drops them.
READER_OPS = CHANNEL_NORMS | frozenset(
    {"Cast", "CastLike", "Constant", "Dropout", "Einsum", "Identity", "If", "Shape", "Size"}
)
_MADE_OPS = {"Reinterpret", "Requantize", MEAN, *(name for name in RULES if name.endswith(JOINED))}
"""What readers and the dialect's fusing make of others: no file holds them."""
SUPPORTED_OPS = (frozenset(RULES) | READER_OPS) - _MADE_OPS
