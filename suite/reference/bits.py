"""Integer building blocks on int64 tensors: bit length and the inverse square root."""

from __future__ import annotations

import torch

NEWTON_STEPS = 3


def bit_length(values: torch.Tensor) -> torch.Tensor:
    """Return the bit length of each positive int64 below 2^62."""
    bits = torch.frexp(values.double())[1].to(torch.int64)
    # The conversion to float64 may have rounded up to the next power of two.
    return bits - ((values >> (bits - 1)) == 0).to(torch.int64)


def inverse_sqrt(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (r, h) with `(x * r) >> h` = 2^7 * x / sqrt(V), for V in [1, 2^62).

    r is below 2^31, h in 24..54; docs/arithmetic.md gives the iteration.
    """
    zeros = (64 - bit_length(values)) & ~1
    # (V << zeros) >> 32 without the 64th bit: one of the two shifts is by 0.
    v = (values << (zeros - 32).clamp(min=0)) >> (32 - zeros).clamp(min=0)
    r = 2_300_000_000 - ((v >> 2) + (v >> 4))
    for _ in range(NEWTON_STEPS):
        u = (((r * r) >> 32) * v) >> 32
        r = (r * (3 * 2**28 - u)) >> 29
    return r, 55 - (zeros >> 1)
