"""What marks a function as the rule that lowers operators of ONNX."""

from __future__ import annotations

from collections.abc import Callable

from tinyrig.generator.errors import InternalError
from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.source import SourceNode

Rule = Callable[[Lowering, SourceNode], None]

MARKED: dict[str, Rule] = {}
"""By operator, what `lowers` marked; filled when a module is imported."""


def lowers(*names: str) -> Callable[[Rule], Rule]:
    """Mark a function as the rule of operators; those of other domains are `domain.Name`."""

    def mark(rule: Rule) -> Rule:
        for name in names:
            if name in MARKED:
                raise InternalError(f"Two rules lower {name}: one of {rule.__module__}.")
            MARKED[name] = rule
        return rule

    return mark
