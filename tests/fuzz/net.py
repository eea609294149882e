"""A QDQ network under construction: values that may be read, and how they are quantized."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from frontends.qdq_models import Array, Case, QdqModel
from onnx import TensorProto, helper

MOST_ELEMENTS = 6000
MOST_MACS = 400_000


class Net(QdqModel):
    """A QdqModel with a pool of quantized activations to draw from.

    `held` has, by name, what the model computes on the feeds for every value of the pool.
    """

    def __init__(self, rng: np.random.Generator, opset: int = 21) -> None:
        super().__init__(rng, opset)
        self.pool: list[str] = []
        self.held: dict[str, Array] = {}

    def flip(self, share: float = 0.5) -> bool:
        return bool(self.rng.random() < share)

    def some(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, low: int, high: int) -> int:
        """Draw an integer of [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def shape(self, value: str) -> tuple[int, ...]:
        return tuple(self.held[value].shape)

    def elements(self, value: str) -> int:
        return math.prod(self.shape(value))

    def hold(self, value: str) -> str:
        """Remember what a value turns out to be; returns it."""
        self.held[value] = self.measured(value)
        return value

    def keep(self, value: str) -> str:
        """Let later blocks read a quantized value; returns it."""
        if value not in self.held:
            self.hold(value)
        if self.elements(value) <= MOST_ELEMENTS and value not in self.pool:
            self.pool.append(value)
        return value

    def draw(self, *ranks: int, most: int = MOST_ELEMENTS) -> str | None:
        """Draw a value of one of these ranks (any without them), late ones more often."""
        fitting = [
            name
            for name in self.pool
            if (not ranks or len(self.shape(name)) in ranks) and self.elements(name) <= most
        ]
        if not fitting:
            return None
        return fitting[-1 - int(min(self.rng.geometric(0.5) - 1, len(fitting) - 1))]

    def add_input(self, shape: tuple[int, ...]) -> str:
        """Add a model input of float values, or (seldom) of codes, and the tensor behind it."""
        name = self.name("x")
        scale = float(np.float32(10.0 ** self.rng.uniform(-3.5, 0.5)))
        if self.flip(0.05):
            scale = float(np.float32(10.0 ** self.rng.uniform(-9, 6)))
        zero = self._zero_point()
        unsigned = self.flip(0.4)
        codes = self._codes(shape)
        if self.flip(0.08):
            kind = TensorProto.UINT8 if unsigned else TensorProto.INT8
            self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
            stored = (codes + 128).astype(np.uint8) if unsigned else codes.astype(np.int8)
            self.feeds[name] = stored
            point = np.asarray(zero + 128, np.uint8) if unsigned else np.asarray(zero, np.int8)
            read = self.node("DequantizeLinear", name, self.floats(scale), self.constant(point))
            return self.keep(read)
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        real = (codes - zero) * scale + self.rng.uniform(-0.4, 0.4, shape) * scale
        self.feeds[name] = real.astype(np.float32)
        return self.keep(self.pair(name, scale, zero, unsigned))

    def settle(self, value: str, *, keep: bool = True, least: float = 1e-12) -> str:
        """Quantize a value to a range drawn around what it holds; returns the tensor behind it.

        Most often the range fits; sometimes it clips, is far too wide, or has its zero point at
        one end. It is not narrower than `least`, below which a float32 result would be noise.
        """
        found = self.measured(value)
        low, high = min(float(found.min()), 0.0), max(float(found.max()), 0.0)
        width = max(high - low, least)
        match self.some(*["fit"] * 7, "clip", "wide", "low_end", "high_end", "symmetric"):
            case "clip":
                low, high = low * self.rng.uniform(0.3, 0.9), high * self.rng.uniform(0.3, 0.9)
            case "wide":
                grow = 10.0 ** self.rng.uniform(0.3, 1.3)
                low, high = low * grow, high * grow
            case "low_end":
                low = 0.0
            case "high_end":
                high = 0.0
            case "symmetric":
                low, high = -max(-low, high), max(-low, high)
        scale = float(np.float32(max(high - low, 1e-3 * width, least) / 255.0))
        zero = int(np.clip(round(-128 - low / scale), -128, 127))
        settled = self.hold(self.pair(value, scale, zero, self.flip(0.4)))
        return self.keep(settled) if keep else settled

    def weight_like(self, shape: tuple[int, ...], axis: int, fan_in: int) -> str:
        """Add weights whose products keep the size of their input, per tensor or per channel."""
        per_channel = self.flip(0.6)
        codes = np.clip(np.rint(self.rng.normal(0, 45, shape)), -127, 127)
        if self.flip(0.1):
            codes = self.rng.choice([-127, 0, 127], shape)
        if self.flip(0.05):
            codes = np.where(self.rng.random(shape) < 0.1, -128, codes)
        count = shape[axis] if per_channel else 1
        scale = 1.0 / (45.0 * math.sqrt(fan_in)) * 2.0 ** self.rng.uniform(-2, 2, count)
        if per_channel and self.flip(0.15):
            scale[int(self.rng.integers(count))] *= 10.0 ** self.rng.uniform(-5, -2)
        scale = scale.astype(np.float32) if per_channel else scale.astype(np.float32)[0]
        zero = self.constant(np.zeros_like(scale, dtype=np.int8))
        attributes = {"axis": axis} if per_channel else {}
        stored = self.constant(codes.astype(np.int8), "w")
        return self.node("DequantizeLinear", stored, self.floats(scale), zero, **attributes)

    def bias(self, count: int, reach: float) -> str:
        """Add a bias of int32 codes behind a DequantizeLinear, or a float one."""
        real = self.rng.uniform(-reach, reach, count)
        if self.flip(0.4):
            return self.floats(real)
        scale = np.float32(max(reach, 1e-20) / 10.0 ** self.rng.uniform(3, 6))
        zero = self.constant(np.asarray(0, dtype=np.int32))
        codes = np.rint(real / scale).astype(np.int32)
        return self.node("DequantizeLinear", self.constant(codes), self.floats(scale), zero)

    def reach(self, value: str) -> float:
        """Return the largest magnitude a value holds on the feeds."""
        return float(np.abs(self.held[value]).max())

    def finished(self) -> Case:
        """Return the model with its last value and up to two others as outputs."""
        others = [name for name in self.pool[:-1] if name not in self.feeds]
        count = min(int(self.rng.choice([0, 0, 0, 1, 2])), len(others))
        picked = [others[int(i)] for i in self.rng.choice(len(others), count, replace=False)]
        return self.case(self.pool[-1], *picked)

    def _zero_point(self) -> int:
        return int(self.some(-128, 127, 0, 0, self.rng.integers(-128, 128)))

    def _codes(self, shape: tuple[int, ...]) -> Array:
        """Draw codes: spread, peaked around one value, or at the ends only."""
        match self.some("spread", "spread", "spread", "peaked", "ends"):
            case "peaked":
                centre = self.rng.integers(-100, 100)
                return np.clip(np.rint(self.rng.normal(centre, 8, shape)), -128, 127)
            case "ends":
                return self.rng.choice(np.array([-128, 127]), shape)
            case _:
                return self.rng.integers(-128, 128, shape)
