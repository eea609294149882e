"""How sparse a network is at a step of its training."""

from __future__ import annotations


def agp_sparsity(step: int, final: float, *, begin: int, steps: int, initial: float = 0.0) -> float:
    """Return the sparsity after `step` by automated gradual pruning, a cubic from `begin` on.

    It rises from `initial` to `final` in `steps` steps, at least one, fast first (Zhu and Gupta,
    arXiv 1710.01878, eq. 1).
    """
    progress = min(max(step - begin, 0), steps) / steps
    return final + (initial - final) * (1.0 - progress) ** 3
