"""What marks a function as the rule that translates operators of TensorFlow Lite."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tinyrig.generator.assets import asset_root
from tinyrig.generator.discovery import modules_below
from tinyrig.generator.errors import InternalError
from tinyrig.generator.frontends.tflite.file import FileOperator
from tinyrig.generator.frontends.tflite.translation import Translation

Translate = Callable[[Translation, FileOperator], None]
GENERAL = "Run it outside the model, or write it with operators that run."


@dataclass(frozen=True)
class Rule:
    """How an operator is translated, and how many of its first inputs it reads (None: all).

    The others say a shape, which the file declares as well.
    """

    translate: Translate
    reads: int | None


_MARKED: dict[str, Rule] = {}


def translates(*names: str, reads: int | None = None) -> Callable[[Translate], Translate]:
    """Mark a function as the rule of operators."""

    def mark(translate: Translate) -> Translate:
        for name in names:
            if name in _MARKED:
                raise InternalError(f"Two rules translate {name}: one of {translate.__module__}.")
            _MARKED[name] = Rule(translate, reads)
        return translate

    return mark


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Return the rule of every operator that runs: what the modules `translate_*` mark."""
    for _ in modules_below("tinyrig.generator.frontends.tflite", "translate_"):
        pass
    return MappingProxyType(_MARKED)


@functools.cache
def ways_out() -> Mapping[str, str]:
    """Return what to do about each operator that does not run and has an answer of its own."""
    place = asset_root("generator") / "frontends" / "tflite" / "operators.toml"
    groups = tomllib.loads(place.read_text(encoding="utf-8"))["refused"]
    return MappingProxyType({op: group["way_out"] for group in groups for op in group["operators"]})
