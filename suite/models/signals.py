"""Synthetic inputs with classes: seeded signals shaped like the ones the networks are made for.

Each function draws one example of a class. Values are about standard deviation 1 and lie on the
grid of a 12-bit converter (steps of 2^-10), so a last-bit difference between two processors' sine
or exponential does not change an input.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Sample = dict[str, NDArray[Any]]
"""One array an input: float32, or the codes of an input that is INT8 or UINT8 in the model."""
Draw = Callable[[np.random.Generator, int], Sample]

_STEP = 2.0**-10
_MEMORY = 40
_BLOBS = 12
_EEG_RATE = 256.0
_ECG_RATE = 360.0


def digitise(signal: NDArray[np.float64]) -> FloatArray:
    """Round to the converter's grid; float32."""
    return (np.round(signal / _STEP) * _STEP).astype(np.float32)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], keep: float
) -> NDArray[np.float64]:
    """Return rows of noise of standard deviation 1 whose memory fades by `keep` a step."""
    taps = keep ** np.arange(_MEMORY)
    taps /= math.sqrt(float(np.sum(taps * taps)))
    white = rng.standard_normal((shape[0], shape[1] + _MEMORY - 1))
    smooth: NDArray[np.float64] = sliding_window_view(white, _MEMORY, axis=1) @ taps
    return smooth


def eeg(rng: np.random.Generator, label: int) -> Sample:
    """Draw 8 s of EEG [1, 4, 2048]: 0 background with an alpha rhythm, 1 seizure.

    The seizure is a rhythm of spikes and slow waves at 3 to 5 Hz that all channels share.
    """
    time = np.arange(2048) / _EEG_RATE
    gains = rng.uniform(0.7, 1.3, (4, 1))
    noise = smooth_noise(rng, (4, time.size), keep=0.9)
    if label == 0:
        envelope = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.1, 0.4) * time + rng.uniform(0, 6))
        alpha = np.sin(2 * np.pi * rng.uniform(8.5, 11.5) * time + rng.uniform(0, 2 * np.pi))
        return {"eeg": digitise(0.8 * noise + 0.6 * gains * envelope * alpha)[None]}
    phase = 2 * np.pi * rng.uniform(3.0, 5.0) * time + rng.uniform(0, 2 * np.pi)
    rhythm = np.sin(phase) + 1.5 * np.exp(8.0 * (np.cos(phase - 1.0) - 1.0))
    return {"eeg": digitise(0.4 * noise + 1.1 * gains * rhythm)[None]}


# Waves of a beat by class: (centre, width) in seconds from the R peak, and amplitude.
_BEATS: tuple[tuple[tuple[float, float, float], ...], ...] = (
    ((-0.16, 0.020, 0.5), (0.0, 0.010, 4.0), (0.025, 0.010, -0.9), (0.20, 0.035, 0.9)),
    ((-0.09, 0.012, -0.5), (0.0, 0.010, 3.4), (0.025, 0.010, -0.9), (0.16, 0.030, 0.6)),
    ((-0.01, 0.045, 3.6), (0.07, 0.030, -1.5), (0.19, 0.050, -1.6)),
    ((-0.16, 0.020, 0.4), (0.0, 0.024, 3.2), (0.045, 0.020, -1.8), (0.20, 0.045, -0.4)),
    ((-0.06, 0.004, 4.0), (0.02, 0.050, -2.6), (0.20, 0.050, 1.6)),
)
# Mean interval to the beat before and to the beat after, in standard deviations of the data set.
_INTERVALS = ((0.2, 0.1), (-1.8, 0.8), (-1.5, 1.8), (-0.6, 0.4), (0.8, 0.8))


def ecg(rng: np.random.Generator, label: int) -> Sample:
    """Draw one beat [1, 1, 198] and its RR intervals [1, 2] of a class of AAMI: N, S, V, F, Q."""
    time = (np.arange(198) - 99) / _ECG_RATE
    beat = np.zeros_like(time)
    for centre, width, amplitude in _BEATS[label]:
        where = centre * rng.uniform(0.93, 1.07)
        spread = width * rng.uniform(0.9, 1.1)
        height = amplitude * rng.uniform(0.85, 1.15)
        beat += height * np.exp(-0.5 * ((time - where) / spread) ** 2)
    drift = rng.normal(0.0, 0.15) + rng.normal(0.0, 0.4) * time
    noise = 0.08 * rng.standard_normal(time.size)
    intervals = np.array(_INTERVALS[label]) + 0.25 * rng.standard_normal(2)
    return {"ecg": digitise(beat + drift + noise)[None, None], "rr": digitise(intervals)[None]}


def radar(rng: np.random.Generator, label: int) -> Sample:
    """Draw 5 range-Doppler maps of two sensors [1, 5, 2, 32, 32] of one of 11 gestures.

    A gesture is a reflector (the hand) on a path of its own through range and Doppler, seen
    stronger by one sensor than by the other; odd gestures show a second reflector (the fingers).
    """
    turn = 2 * np.pi * label / 11
    progress = np.linspace(-1.0, 1.0, 5) + rng.normal(0.0, 0.05)
    rows = 16 + 9 * np.sin(turn + 1.2 * progress) + rng.normal(0.0, 0.3)
    columns = 16 + 9 * np.cos(turn * 2 + 0.8 * progress) + rng.normal(0.0, 0.3)
    balance = 0.5 + 0.4 * np.cos(3 * turn)
    y, x = np.mgrid[0:32, 0:32]
    maps = 0.15 * np.abs(rng.standard_normal((5, 2, 32, 32)))
    for step in range(5):
        blob = np.exp(-((y - rows[step]) ** 2 + (x - columns[step]) ** 2) / (2 * 2.2**2))
        if label % 2:
            mirrored = np.exp(-((y - 31 + rows[step]) ** 2 + (x - columns[step]) ** 2) / 8.0)
            blob = blob + 0.7 * mirrored
        strength = 5.0 * rng.uniform(0.85, 1.15)
        maps[step, 0] += strength * balance * blob
        maps[step, 1] += strength * (1.0 - balance) * blob
    return {"radar": digitise(maps)[None]}


def image(side: int) -> Draw:
    """Return a draw of pictures [1, side, side, 3]: coloured blobs on a coloured gradient."""

    def draw(rng: np.random.Generator, label: int) -> Sample:
        del label
        y, x = np.mgrid[0:side, 0:side] / side - 0.5
        slope, shade = 0.8 * rng.standard_normal((2, 3)), 0.4 * rng.standard_normal(3)
        picture = shade + y[..., None] * slope[0] + x[..., None] * slope[1]
        for _ in range(_BLOBS):
            row, column = rng.uniform(-0.5, 0.5, 2)
            reach = rng.uniform(0.04, 0.16)
            blob = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * reach**2))
            picture += blob[..., None] * rng.standard_normal(3)
        return {"image": digitise(picture + 0.05 * rng.standard_normal(picture.shape))[None]}

    return draw


def tokens(S: int, E: int) -> Draw:
    """Return a draw of tokens [1, S, E]: neighbours are alike, examples differ in their mean."""

    def draw(rng: np.random.Generator, label: int) -> Sample:
        del label
        offset = 0.5 * rng.standard_normal((E, 1))
        return {"x": digitise((offset + 0.85 * smooth_noise(rng, (E, S), keep=0.8)).T)[None]}

    return draw
