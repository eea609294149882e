"""A float model quantized by the recipe that keeps it nearest to the float one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx

from tinyrig.suite.models.equalize import pairs_of
from tinyrig.suite.models.floating import float_source
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.ranges import METHODS
from tinyrig.suite.models.recipe import BEST, Recipe, recipe_of
from tinyrig.suite.models.sessions import Feed, answers, checked_feed, float_session
from tinyrig.suite.reference.compare import sqnr_db

_MOST_FEEDS = 64
"""Samples that recipes are judged by."""
_POOR_DB = 20.0
"""Below this, which is an error of a tenth, other recipes are worth their time."""


@dataclass(frozen=True, eq=False)
class Quantized:
    """A model in QDQ form, by the word of which recipe, and a line on what others gave."""

    model: onnx.ModelProto
    method: str
    notes: tuple[str, ...] = ()


def quantize_by(model: onnx.ModelProto, calibration: Sequence[Feed], choice: str) -> Quantized:
    """Quantize by a recipe's word, or by that of the highest SQNR on the calibration inputs.

    The SQNR is that of all outputs in ONNX Runtime, against the float model's. Raises InputError
    as `quantize_static` does.
    """
    if choice != BEST:
        recipe = recipe_of(choice)
        plain = Recipe(recipe.method)
        if recipe == plain:
            return Quantized(quantize_static(model, calibration, choice), choice)
        tried = _Trial(model, calibration)
        levels = {one.word: tried.level(one) for one in (plain, recipe)}
        note = f"calibrated by {recipe.word}: SQNR on {tried.count} calibration inputs of "
        return Quantized(tried.made[recipe], recipe.word, (f"{note}{_told(levels)}.",))
    tried = _Trial(model, calibration)
    ways = (False, True) if pairs_of(float_source(model)) else (False,)
    best = max((Recipe(one, way) for way in ways for one in METHODS), key=tried.level)
    best = max((best, replace(best, correct=True)), key=tried.level)
    levels = {recipe.word: tried.level(recipe) for recipe in tried.made}
    note = f"calibrated by {best.word}, the best on {tried.count} calibration inputs: SQNR of "
    return Quantized(tried.made[best], best.word, (f"{note}{_told(levels)}.",))


def level_note(model: onnx.ModelProto, made: Quantized, calibration: Sequence[Feed]) -> str:
    """Say how far a quantized model is from the float one on the calibration inputs."""
    tried = _Trial(model, calibration)
    level = tried.measured(made.model)
    advice = "; --calibration-method best tries all methods" if level < _POOR_DB else ""
    return (
        f"calibrated by {made.method}: SQNR on {tried.count} calibration inputs {level:.1f} dB"
        f"{advice}."
    )


def _told(levels: dict[str, float]) -> str:
    return ", ".join(f"{word} {level:.1f} dB" for word, level in levels.items())


class _Trial:
    """Recipes tried on one model, each once."""

    def __init__(self, model: onnx.ModelProto, calibration: Sequence[Feed]) -> None:
        self.made: dict[Recipe, onnx.ModelProto] = {}
        self._model, self._calibration = model, calibration
        step = max(1, len(calibration) // _MOST_FEEDS)
        self._judged = calibration[::step][:_MOST_FEEDS]
        self.count = len(self._judged)
        self._levels: dict[Recipe, float] = {}
        self._wanted = _answers(model, self._judged) if calibration else np.zeros(0)

    def level(self, recipe: Recipe) -> float:
        """Return the SQNR of a recipe."""
        if recipe not in self._levels:
            made = quantize_static(self._model, self._calibration, recipe.word)
            self.made[recipe] = made
            self._levels[recipe] = self.measured(made)
        return self._levels[recipe]

    def measured(self, made: onnx.ModelProto) -> float:
        """Return the SQNR of a quantized model."""
        return sqnr_db(self._wanted, _answers(made, self._judged))


def _answers(model: onnx.ModelProto, feeds: Sequence[Feed]) -> np.ndarray:
    session = float_session(model)
    found = [
        np.ravel(output).astype(np.float64)
        for feed in feeds
        for output in answers(session, None, checked_feed(model.graph, feed))
    ]
    return np.concatenate(found)
