"""The digits data: 1,797 images of 8x8 cells with values 0 to 16, 200 of them held out.

`data/digits.npz` holds the test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and
C. Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0), in the order scikit-learn has it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyrig.suite.models.signals import FloatArray, Sample

DIGITS_FILE = Path(__file__).with_name("data") / "digits.npz"
HELD_OUT = 200
_SPLIT_SEED = 1797


@cache
def _shuffled() -> tuple[FloatArray, NDArray[np.int64]]:
    with np.load(DIGITS_FILE) as digits:
        images, labels = digits["images"], digits["labels"]
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(labels))
    scaled = (images[order] / np.float32(16.0)).reshape(-1, 1, 1, 8, 8)
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
