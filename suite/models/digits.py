"""The digits data: scikit-learn's bundled 1,797 images, 200 of them held out."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from suite.models.signals import FloatArray, Sample

HELD_OUT = 200
_SPLIT_SEED = 1797


@cache
def _shuffled() -> tuple[FloatArray, NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(labels))
    scaled = (images[order] / 16.0).astype(np.float32).reshape(-1, 1, 1, 8, 8)
    return scaled, labels[order].astype(np.int64)


def training() -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the 1,597 training images [n, 1, 1, 8, 8] with values 0 to 1, and their digits."""
    images, labels = _shuffled()
    return images[HELD_OUT:], labels[HELD_OUT:]


def heldout() -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the 200 held-out images [200, 1, 1, 8, 8] and their digits."""
    images, labels = _shuffled()
    return images[:HELD_OUT], labels[:HELD_OUT]


def training_samples(n: int, seed: int) -> tuple[list[Sample], NDArray[np.int64]]:
    """Return `n` seeded draws from the training images, and their digits."""
    images, labels = training()
    chosen = np.random.default_rng(seed).choice(len(labels), n, replace=n > len(labels))
    return [{"image": images[i]} for i in chosen], labels[chosen]
