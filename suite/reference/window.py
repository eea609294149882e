"""Sliding windows over images, shared by convolution and pooling."""

from __future__ import annotations

import torch
from torch.nn.functional import pad

from tinyrig.generator.graph.ops import Window


def as_image(values: torch.Tensor) -> torch.Tensor:
    """Return [N, C, W] as [N, C, 1, W]; [N, C, H, W] unchanged."""
    return values.unsqueeze(2) if values.dim() == 3 else values


def windows(image: torch.Tensor, window: Window, outside: float) -> torch.Tensor:
    """Return the cells each output sees: [N, C, H, W] to [N, C, out_h, out_w, kh * kw].

    Cells outside the image read `outside`.
    """
    top, left, bottom, right = window.pads
    padded = pad(image, (left, right, top, bottom), value=outside)
    rows = padded.unfold(2, window.kernel[0], window.strides[0])
    return rows.unfold(3, window.kernel[1], window.strides[1]).flatten(-2)


def cells_inside(image: torch.Tensor, window: Window) -> torch.Tensor:
    """Return how many cells of each window lie inside the image, int64 [out_h, out_w]."""
    inside = torch.ones(1, 1, *image.shape[2:], dtype=torch.int64)
    return windows(inside, window, 0)[0, 0].sum(dim=-1)
