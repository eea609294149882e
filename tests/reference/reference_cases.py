"""One-node graphs from real numbers, and the float64 answer every operator is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node, Window
from tinyrig.generator.graph.requant import Requant, requantise, wide_shift
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.suite.reference.executor import run_reference

Codes = NDArray[np.int8]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Quantized:
    """Int8 codes and their affine."""

    codes: Codes
    affine: Affine

    @property
    def real(self) -> Real:
        return self.affine.scale * (self.codes.astype(np.float64) - self.affine.zero_point)


def random_quantized(rng: np.random.Generator, shape: Sequence[int]) -> Quantized:
    """Uniform codes over all of int8 under a random affine."""
    affine = Affine(float(rng.uniform(0.005, 0.1)), int(rng.integers(-128, 128)))
    return Quantized(rng.integers(-128, 128, shape, dtype=np.int8), affine)


def fitted_affine(rng: np.random.Generator, real: Real, steps: float = 220.0) -> Affine:
    """An affine under which `real` spans about `steps` codes."""
    span = float(np.ptp(real)) or abs(float(real.flat[0])) or 1.0
    scale = span / steps * float(rng.uniform(0.9, 1.1))
    zero_point = np.clip(np.rint(-float(np.mean(real)) / scale), -128, 127)
    return Affine(scale, int(zero_point))


def run_one(node: Node, inputs: Sequence[Quantized], shape: Sequence[int], to: Affine) -> Codes:
    """Run one node through the executor; its inputs are named x0, x1, ... and its output y."""
    names = tuple(f"x{i}" for i in range(len(inputs)))
    tensors = {
        name: Tensor(name, given.codes.shape, given.affine)
        for name, given in zip(names, inputs, strict=True)
    }
    tensors["y"] = Tensor("y", tuple(shape), to)
    graph = Graph("one", tensors, (node,), names, ("y",))
    graph.validate()
    return run_reference(graph, {n: g.codes for n, g in zip(names, inputs, strict=True)})["y"]


def wires(count: int) -> dict[str, object]:
    """The names `run_one` expects of a node with `count` inputs."""
    return {"name": "n", "inputs": tuple(f"x{i}" for i in range(count)), "outputs": ("y",)}


def assert_close(
    got: Codes,
    real: Real,
    to: Affine,
    fraction: float,
    clamp: tuple[int, int] = (-128, 127),
) -> None:
    """Every code within one step of exact rounding, at most `fraction` of them different."""
    exact = np.clip(np.rint(real / to.scale) + to.zero_point, *clamp)
    assert got.dtype == np.int8
    assert got.shape == real.shape
    difference = np.abs(got - exact)
    assert difference.max() <= 1
    allowed = fraction * difference.size
    # One more, and three standard deviations of a count, so that small tensors are judged fairly.
    assert np.count_nonzero(difference) <= 1.0 + allowed + 3.0 * np.sqrt(allowed)


def rounding_fraction(requant: Requant, real_multiplier: float) -> float:
    """The share of outputs that may differ from exact rounding: half a fold's unit, or ties."""
    return real_multiplier / 2.0 + 1e-4 if requant.narrow else 1e-4


def both_forms(
    multiplier: Real, start: NDArray[np.int64], reach: NDArray[np.int64], zero_point: int
) -> tuple[tuple[Requant, NDArray[np.int32]], tuple[Requant, NDArray[np.int32]]]:
    """The narrow form the generator picks, and the wide form of the same multipliers."""
    narrow, folded = requantise(multiplier, start, reach, zero_point)
    assert narrow.narrow
    shift = wide_shift(float(multiplier.max()))
    integers = np.floor(multiplier * 2.0**shift + 0.5).astype(np.int32)
    wide = Requant(integers, shift, False, zero_point)
    return (narrow, folded), (wide, start.astype(np.int32))


def output_extent(extent: int, before: int, after: int, kernel: int, stride: int) -> int:
    """Positions of a window along one axis."""
    return (extent + before + after - kernel) // stride + 1


def windowed_shape(shape: Sequence[int], channels: int, window: Window) -> tuple[int, ...]:
    """The shape a window gives over [N, C, H, W] or [N, C, W]."""
    top, left, bottom, right = window.pads
    width = output_extent(shape[-1], left, right, window.kernel[1], window.strides[1])
    if len(shape) == 3:
        return (shape[0], channels, width)
    height = output_extent(shape[2], top, bottom, window.kernel[0], window.strides[0])
    return (shape[0], channels, height, width)
