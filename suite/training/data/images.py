"""Labelled images as arrays, and what a source of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Images:
    """Images [n, rows, columns, bands], uint8 of 0 to 255 or float32, and a class of each."""

    pixels: NDArray[np.uint8] | FloatArray
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4 or 0 in self.pixels.shape:
            raise InputError(
                f"Images are [n, rows, columns, bands], not of shape {self.pixels.shape}."
            )
        if self.labels.shape != self.pixels.shape[:1]:
            raise InputError(
                f"{len(self.pixels)} images have labels of shape {self.labels.shape}; each needs "
                "one class."
            )
        if self.labels.min() < 0:
            raise InputError("A class is a number from 0 on; a label is negative.")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and bands of one image."""
        _, rows, columns, bands = self.pixels.shape
        return rows, columns, bands

    def values(self, chosen: slice | NDArray[np.int64] = slice(None)) -> FloatArray:
        """Return the chosen images as float32: bytes as 0 to 1, floats as they are."""
        pixels = self.pixels[chosen]
        if pixels.dtype == np.uint8:
            return pixels.astype(np.float32) / np.float32(255.0)
        return pixels.astype(np.float32)

    def take(self, chosen: slice | NDArray[np.int64]) -> Images:
        """Return some of the images."""
        return Images(self.pixels[chosen], self.labels[chosen])


@dataclass(frozen=True, eq=False)
class Source:
    """A data set: images to train with (None where there are none) and to judge by."""

    name: str
    classes: tuple[str, ...]
    test: Images
    train: Images | None = None

    def __post_init__(self) -> None:
        if self.train is not None and self.train.shape != self.test.shape:
            raise InputError(
                f"{self.name} has images of {self.train.shape} to train with, and of "
                f"{self.test.shape} to judge by."
            )
        for images in filter(None, (self.test, self.train)):
            if images.labels.max() >= len(self.classes):
                raise InputError(
                    f"{self.name} has {len(self.classes)} classes, and a label "
                    f"{images.labels.max()}."
                )

    @property
    def training(self) -> Images:
        """Return the images to train with; InputError without them."""
        if self.train is None:
            raise InputError(f"{self.name} has images to judge by, and none to train with.")
        return self.train
