"""How a float model is quantized: the method of its ranges, and what is done before and after.

The words of `--calibration-method`: a method, or `best`, then `+equalize`, `+bias` or both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.ranges import METHODS, Method

BEST = "best"
_EQUALIZE, _BIAS = "equalize", "bias"


@dataclass(frozen=True)
class Recipe:
    """A method, with channels of unlike size equalized before, and biases corrected after."""

    method: Method = "minmax"
    equalize: bool = False
    correct: bool = False

    @property
    def word(self) -> str:
        """What `recipe_of` takes."""
        more = ((_EQUALIZE, self.equalize), (_BIAS, self.correct))
        return "+".join([self.method, *(word for word, wanted in more if wanted)])


def recipe_of(word: str) -> Recipe:
    """Return the recipe of a word other than `best`. Raises InputError for any other."""
    first, *more = word.split("+")
    methods = {str(method): method for method in METHODS}
    known = first in methods and set(more) <= {_EQUALIZE, _BIAS} and len(set(more)) == len(more)
    if not known:
        raise InputError(
            f"The calibration method {word!r} is none of {', '.join(METHODS)}, {BEST}; "
            f"+{_EQUALIZE} and +{_BIAS} may follow any but the last."
        )
    return Recipe(methods[first], _EQUALIZE in more, _BIAS in more)


def choice_of(word: str) -> str:
    """Return the word of a recipe in its usual order, or `best`. Raises InputError for another."""
    return word if word == BEST else recipe_of(word).word
