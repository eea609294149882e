"""Which operators of ONNX run, and how: what the registry, folding and advice say together."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import onnx.defs

from tinyrig.generator.frontends.advice import GENERAL, refused_operators
from tinyrig.generator.frontends.check import QUANTIZATION_OPS
from tinyrig.generator.frontends.dialect.fusing import MEAN
from tinyrig.generator.frontends.dialect.standard import DOMAIN, OWN_OPS
from tinyrig.generator.frontends.folding import FOLDABLE_OPS
from tinyrig.generator.frontends.lower_elementwise import lower_unary
from tinyrig.generator.frontends.masks import refuse_alone
from tinyrig.generator.frontends.parts import CONTRIBUTED_DOMAIN, RENAMED, WRITTEN_IN_PARTS
from tinyrig.generator.frontends.registry import READER_OPS, RULES, SUPPORTED_OPS
from tinyrig.generator.frontends.rules import Rule

Status = Literal["run", "table", "fused", "parts", "folded", "refused"]
_READ = {
    "Cast": "To float32 it is dropped; on constants it is folded.",
    "CastLike": "As the Cast it stands for.",
    "Constant": "A constant.",
    "Dropout": "Dropped; training mode is refused.",
    "Identity": "Dropped.",
    "If": "Its branch, where extents, constants and --constant decide it or both are the same.",
    "Shape": "Folded: shapes are static.",
    "Size": "Folded: shapes are static.",
}
_FUSED = {refuse_alone: "Masks of a softmax become part of it."}
_DEFINED = "As the operators of its definition."
_PARTS = {
    "BatchNormalization": "Float models: a 1x1 convolution, or a part of the Conv before it.",
    "Einsum": "Of two tensors: MatMul or Mul of both laid out anew; without diagonals.",
    "GroupNormalization": "Float models: a norm of rows, one a group, and a 1x1 convolution.",
    "InstanceNormalization": "Float models: a norm of rows, one a channel, and a 1x1 convolution.",
}


@dataclass(frozen=True)
class Operator:
    """An operator, what becomes of it on activations, and in words how or what to do instead.

    `constants` says whether it is folded where it reads constants alone.
    """

    name: str
    status: Status
    words: str
    constants: bool


def operators() -> Iterator[Operator]:
    """Yield every operator of ONNX, the contributed ones that are known, and the dialect's."""
    schemas = onnx.defs.get_all_schemas()
    names = {schema.name for schema in schemas if schema.domain == "" and not schema.deprecated}
    known = {*SUPPORTED_OPS, *refused_operators()}
    own = {name for name in known if name.startswith(f"{CONTRIBUTED_DOMAIN}.")}
    own |= {f"{CONTRIBUTED_DOMAIN}.{name}" for name in RENAMED}
    own |= {name for name in WRITTEN_IN_PARTS if name.startswith(f"{CONTRIBUTED_DOMAIN}.")}
    for name in sorted(names | own):
        yield _operator(name)
    for name in sorted(OWN_OPS):
        rule = RULES.get(f"{DOMAIN}.{name}", RULES[MEAN])
        yield Operator(f"{DOMAIN}.{name}", *_ruled(rule), False)


def _operator(name: str) -> Operator:
    constants = name in FOLDABLE_OPS
    if name in QUANTIZATION_OPS or name.partition(".")[2] in RENAMED:
        words = "Its scale and zero point become those of the tensor; per channel for weights."
        return Operator(name, "run", words, True)
    if name in _PARTS or name in WRITTEN_IN_PARTS:
        return Operator(name, "parts", _PARTS.get(name, _DEFINED), constants)
    if name in READER_OPS:
        return Operator(name, "folded", _READ[name], True)
    if name in RULES:
        return Operator(name, *_ruled(RULES[name]), constants)
    found = refused_operators().get(name)
    if found is None and constants:
        return Operator(name, "folded", "Folded on constants alone.", True)
    return Operator(name, "refused", found or GENERAL, constants)


def _ruled(rule: Rule) -> tuple[Status, str]:
    if rule is lower_unary:
        return "table", "Part of a table of 256 bytes."
    if rule in _FUSED:
        return "fused", _FUSED[rule]
    return "run", inspect.getdoc(rule) or ""
