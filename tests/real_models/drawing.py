"""Inputs with the statistics of real ones, drawn: pictures and sounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_RATE = 16000
_CHANNELS = 3


def drawn(rng: np.random.Generator, shape: tuple[int, ...], kind: str, low: float) -> Floats:
    """Return one input: a picture, a sound, or zeros for a state."""
    if kind == "picture":
        first = shape[1] == _CHANNELS
        high, wide = shape[2:] if first else shape[1:3]
        image = low + (1 - low) * _picture(rng, high, wide)
        return image.transpose(2, 0, 1)[None] if first else image[None]
    if kind == "sound" and np.prod(shape) == max(shape):
        return _sound(rng, max(shape)).reshape(shape)
    return np.zeros(shape, np.float32)


def _picture(rng: np.random.Generator, high: int, wide: int) -> Floats:
    """Noise whose power falls with the square of frequency, under ellipses and bars; 0 to 1."""
    down, across = np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None]
    steep = 1 / np.maximum(np.hypot(down, across), 1 / max(high, wide))
    mixed = np.tensordot(0.4 * np.eye(3) + 0.6, rng.standard_normal((3, high, wide)), 1)
    noise = np.fft.irfft2(np.fft.rfft2(mixed) * steep, (high, wide))
    image = (0.45 + 0.2 * noise / noise.std()).transpose(1, 2, 0)
    y, x = np.mgrid[:high, :wide] / np.array([high, wide]).reshape(2, 1, 1)
    for _ in range(12):
        (cy, cx), (ry, rx) = rng.uniform(0.1, 0.9, 2), rng.uniform(0.02, 0.35, 2)
        away = np.abs((y - cy) / ry), np.abs((x - cx) / rx)
        inside = np.hypot(*away) < 1 if rng.random() < 0.5 else np.maximum(*away) < 1
        image[inside] = 0.3 * image[inside] + 0.7 * rng.uniform(0, 1, 3)
    return np.clip(image + rng.normal(0, 0.02, image.shape), 0, 1).astype(np.float32)


def _sound(rng: np.random.Generator, count: int) -> Floats:
    """Decaying tones of a voice's pitches over a little noise."""
    t = np.arange(count) / _RATE
    tones = sum(
        np.sin(2 * np.pi * f * t + p) / n
        for f, p, n in zip(rng.uniform(90, 2000, 5), rng.uniform(0, 6, 5), range(1, 6), strict=True)
    )
    loud = 0.2 * rng.uniform(0.1, 1) * np.exp(-((t * 3) % 1) * 2)
    return (loud * tones + rng.normal(0, 0.003, count)).astype(np.float32)
