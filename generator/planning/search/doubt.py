"""How surely one plan is predicted to be faster than another, by the residuals of their kernels.

What both have of a kernel is wrong by as much on both sides. Of what only one has, a kernel's
prediction is off by its mean residual, and kernels are off independently of each other.
"""

from __future__ import annotations

import math
from collections import Counter

from tinyrig.generator.planning.costs import fitted_costs
from tinyrig.generator.planning.search.frontier import Candidate

_UNFITTED = 10.0
"""Per cent that a cost is taken to be off where none was fitted."""


def doubt(one: Candidate, other: Candidate, core: str) -> float:
    """Return by how many cycles the difference of two plans on a core may be mispredicted."""
    known = fitted_costs(core)
    cycles = _cycles(one)
    cycles.subtract(_cycles(other))
    return math.hypot(
        *(
            part * (known[name].mean if name in known else _UNFITTED) / 100
            for name, part in cycles.items()
        )
    )


def _cycles(one: Candidate) -> Counter[str]:
    """Return the predicted cycles of each kernel of a candidate."""
    found: Counter[str] = Counter()
    for choices, kernel in zip(one.found.steps, one.selection.kernels, strict=True):
        found[kernel.name] += next(each.cycles for each in choices if each.kernel is kernel)
    return found
