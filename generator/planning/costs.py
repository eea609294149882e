"""What a call of a kernel costs in cycles: fitted to the cycle model, or the registry's word.

`tinyrig bench kernels --fit` writes a table for each kernel of a core, CORE/KERNEL.toml: terms over
the fields of the parameter struct with a coefficient each. A kernel without one goes by its
registry's formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import with_config

from tinyrig.generator.assets import roots
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.settings import Number, Text, Word, parse_settings
from tinyrig.generator.toml_text import read_toml

FOLDER = "kernels/costs"

STEP_CYCLES = 12
"""Cycles of a call beside its work on one core: arguments, the call, and the loop around it."""

SMALL_CODE_CACHE = 1024
"""Bytes up to which a cache of code is smaller than the loops of some kernels, as that of a flash
accelerator is: `Fitted.fetched` tells what they then wait."""

NARROW_LINE = 8
"""Bytes of a line of code up to which `Fitted.narrow` tells the waits: a flash read by 64 bits."""

CALL_CYCLES = 2000
"""Cycles of a call beside its work on a cluster: parameters, cold instructions, a barrier."""


@with_config(extra="forbid")
@dataclass(frozen=True)
class Fitted:
    """Cycles of one kernel as a sum of terms, and how far from `points` modelled ones it is.

    `mean` and `worst` are per cent of the modelled cycles. `fetched` are the terms of what it waits
    for its code beside them where that comes through a small cache, `narrow` the same where a line
    of it is narrow. `words` name what terms, and words behind them, are made of beside the fields.
    """

    points: Word
    mean: Number
    worst: Number
    terms: Mapping[Text, Number]
    fetched: Mapping[Text, Number] = field(default_factory=dict)
    narrow: Mapping[Text, Number] = field(default_factory=dict)
    words: Mapping[Text, Text] = field(default_factory=dict)

    def cycles(self, fields: Mapping[str, Any]) -> int:
        """Return about how many cycles a call of these fields takes."""
        return max(1, _sum(self.terms, with_words(fields, self.words)))

    def waits(self, fields: Mapping[str, Any], *, narrow: bool) -> int:
        """Return about how many cycles it waits for its code beside them, with a small cache.

        `narrow` tells that its lines are.
        """
        terms = (narrow and self.narrow) or self.fetched
        return _sum(terms, with_words(fields, self.words)) if terms else 0


def with_words(fields: Mapping[str, Any], words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return fields with the values of words beside them, each made of those before it."""
    known = dict(fields)
    for word, text in words.items():
        known[word] = evaluate(text, known)
    return known


def fitted_costs(core: str) -> Mapping[str, Fitted]:
    """Return the fitted kernels of a core by name; InputError for a bad table."""
    return _read(core, roots())


@cache
def _read(core: str, places: tuple[Path, ...]) -> Mapping[str, Fitted]:
    found: dict[str, Fitted] = {}
    for root in places:
        for path in sorted((root / FOLDER / core).glob("*.toml")):
            found[path.stem] = parse_settings(Fitted, read_toml(path, "table of costs"), str(path))
    return found


def cycles_of(kernel: Kernel, call: Call, core: str, cores: int = 1) -> int:
    """Return about how many cycles one call takes on a core."""
    fitted = fitted_costs(core).get(kernel.name)
    if fitted is None:
        return kernel.cost_of(call, cores)
    return fitted.cycles(kernel.cost_fields(call, cores))


def has_small_cache(board: Board) -> bool:
    """True where code comes through a cache that loops of kernels may not fit."""
    point = board.operating_point
    return point is not None and point.code_cache.size <= SMALL_CODE_CACHE


def fetch_waits(kernel: Kernel, call: Call, board: Board) -> int:
    """Return about how many cycles one call waits for its code on a board.

    0 where the cache of code is not a small one: it keeps the loops of kernels.
    """
    point = board.operating_point
    if point is None or not has_small_cache(board):
        return 0
    fitted = fitted_costs(board.core).get(kernel.name)
    if fitted is None:
        return 0
    narrow = point.code_cache.line_bytes <= NARROW_LINE
    return fitted.waits(kernel.cost_fields(call, board.cores), narrow=narrow)


def _sum(terms: Mapping[str, float], fields: Mapping[str, Any]) -> int:
    return round(sum(factor * evaluate(term, fields) for term, factor in terms.items()))
