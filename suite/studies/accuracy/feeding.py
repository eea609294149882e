"""Images as a model reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.case import Case
from tinyrig.suite.reference.boundary import int8_codes
from tinyrig.suite.training.data.images import FloatArray, Source

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Feeding:
    """How images [rows, columns, bands] become a model's one input.

    `planes` says that bands come first. Values are (image - mean) / std.
    """

    shape: Shape
    planes: bool
    mean: float = 0.0
    std: float = 1.0

    def reals(self, images: FloatArray) -> FloatArray:
        """Return images [n, rows, columns, bands] as inputs [n, *shape]."""
        placed = images.transpose(0, 3, 1, 2) if self.planes else images
        scaled = (placed - np.float32(self.mean)) / np.float32(self.std)
        return np.ascontiguousarray(scaled.reshape(-1, *self.shape), np.float32)

    def codes(self, case: Case, images: FloatArray) -> NDArray[np.int8]:
        """Return images as the codes of the model's input, [n, *shape]."""
        (name,) = case.graph.inputs
        return int8_codes(self.reals(images), case.graph.tensors[name].affine)


def feeding(case: Case, source: Source, mean: float = 0.0, std: float = 1.0) -> Feeding:
    """Return how a model reads a source's images.

    InputError when it has other inputs than one image of their size, or no class for every one of
    the source's.
    """
    if len(case.graph.inputs) != 1:
        raise InputError(
            f"{case.name!r} reads {', '.join(case.input_names)}; accuracy on images needs a model "
            "with one input."
        )
    if not std > 0.0:
        raise InputError(f"A standard deviation is above 0, not {std:g}.")
    (name,) = case.graph.inputs
    shape = case.graph.tensors[name].shape
    rows, columns, bands = source.test.shape
    inner = tuple(extent for extent in shape if extent != 1)
    for planes, wanted in ((False, (rows, columns, bands)), (True, (bands, rows, columns))):
        if inner == tuple(extent for extent in wanted if extent != 1):
            _check_classes(case, source)
            return Feeding(shape, planes, mean, std)
    raise InputError(
        f"{case.name!r} reads {case.input_names[0]} of shape {shape}; an image of {source.name} "
        f"is {rows} x {columns} with {bands} band{'s' if bands > 1 else ''}."
    )


def _check_classes(case: Case, source: Source) -> None:
    output = case.graph.tensors[case.graph.outputs[0]]
    answers = math.prod(output.shape)
    if answers < len(source.classes):
        raise InputError(
            f"{case.name!r} answers {answers} numbers; {source.name} has "
            f"{len(source.classes)} classes."
        )
