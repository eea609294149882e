"""Batches of a training: their order and their changes follow from the seed and the step alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinyrig.suite.training.data.images import FloatArray, Images
from tinyrig.suite.training.recipe import Recipe

_ORDER, _CHANGE = 0, 1


@dataclass(frozen=True, eq=False)
class Batch:
    """Images as they were changed, their classes, and which they are."""

    pixels: Tensor
    labels: Tensor
    chosen: Tensor
    flipped: Tensor


class Batches:
    """The batches of a training set, so that any step can be made again."""

    def __init__(self, images: Images, recipe: Recipe) -> None:
        self._images, self._recipe = images, recipe
        self.an_epoch = max(1, len(images) // recipe.batch)
        self._epoch, self._order = -1, np.empty(0, np.int64)

    def batch(self, step: int) -> Batch:
        """Return the images of a step."""
        epoch, place = divmod(step, self.an_epoch)
        if epoch != self._epoch:
            rng = np.random.default_rng((self._recipe.seed, _ORDER, epoch))
            self._epoch, self._order = epoch, rng.permutation(len(self._images))
        chosen = self._order[place * self._recipe.batch :][: self._recipe.batch]
        rng = np.random.default_rng((self._recipe.seed, _CHANGE, step))
        pixels, labels = self._images.values(chosen), self._images.labels[chosen]
        flipped = np.zeros(len(chosen), np.bool_)
        if self._recipe.flips:
            flipped = rng.random(len(chosen)) < 0.5
            pixels = np.where(flipped[:, None, None, None], pixels[:, :, ::-1], pixels)
        if self._recipe.shift:
            pixels = _moved(pixels, self._recipe.shift, rng)
        arrays = np.ascontiguousarray(pixels), labels, chosen, flipped
        return Batch(*map(torch.from_numpy, arrays))


def _moved(pixels: FloatArray, most: int, rng: np.random.Generator) -> FloatArray:
    """Return each image moved by up to `most` pixels, zeros behind it."""
    count, rows, columns, _ = pixels.shape
    padded = np.pad(pixels, ((0, 0), (most, most), (most, most), (0, 0)))

    def places(extent: int) -> NDArray[np.int64]:
        begin: NDArray[np.int64] = rng.integers(0, 2 * most + 1, (count, 1))
        return begin + np.arange(extent)

    down, right = places(rows), places(columns)
    image = np.arange(count)[:, None, None]
    moved: FloatArray = padded[image, down[:, :, None], right[:, None, :]]
    return moved
