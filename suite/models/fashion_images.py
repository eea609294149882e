"""Images of Fashion-MNIST that quantization observes: the first 16 of each class to train with.

`data/fashion_images.npz` holds them (Copyright 2017 Zalando SE, MIT licence); the whole set does
not come with the zoo (docs/accuracy.md).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyrig.suite.models.signals import FloatArray, Sample

IMAGES_FILE = Path(__file__).with_name("data") / "fashion_images.npz"


@cache
def _images() -> tuple[FloatArray, NDArray[np.int64]]:
    with np.load(IMAGES_FILE) as kept:
        pixels = kept["images"].astype(np.float32) / np.float32(255.0)
        return pixels[:, None, :, :, None], kept["labels"].astype(np.int64)


def training_samples(n: int, seed: int) -> tuple[list[Sample], NDArray[np.int64]]:
    """Return `n` seeded draws from the images, [1, 28, 28, 1] with values 0 to 1, and classes."""
    images, labels = _images()
    chosen = np.random.default_rng(seed).choice(len(labels), n, replace=n > len(labels))
    return [{"image": images[i]} for i in chosen], labels[chosen]
