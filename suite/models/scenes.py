"""Synthetic pictures, keywords and machine sounds with classes, for the MLPerf Tiny networks.

As in `signals`: seeded, about standard deviation 1, on the grid of a 12-bit converter.
"""

from __future__ import annotations

import numpy as np

from tinyrig.suite.models.signals import Draw, Sample, digitise, image, smooth_noise

_FRAMES, _BANDS = 5, 128


def picture(side: int) -> Draw:
    """Return a draw of pictures [1, side, side, 3]: a coloured grating of the class over blobs."""
    background = image(side)

    def draw(rng: np.random.Generator, label: int) -> Sample:
        (behind,) = background(rng, 0).values()
        y, x = np.mgrid[0:side, 0:side] / side
        angle = 0.7 * label + rng.normal(0.0, 0.05)
        waves = 2.0 + label % 4 + rng.normal(0.0, 0.1)
        along = x * np.cos(angle) + y * np.sin(angle)
        stripes = np.sin(2 * np.pi * (waves * along + rng.uniform()))
        colour = np.cos(2.4 * label + np.array([0.0, 2.1, 4.2]))
        return {"image": digitise(0.5 * behind[0] + (stripes[..., None] + 0.4) * colour)[None]}

    return draw


def keyword(rng: np.random.Generator, label: int) -> Sample:
    """Draw the cepstrum of a second of speech [1, 49, 10, 1]: a word is a path of its own.

    The first coefficient is loudness: the word begins and ends within the second.
    """
    time = np.linspace(-1.0, 1.0, 49)[:, None]
    order = np.arange(10)
    centre, width = rng.normal(0.0, 0.1), rng.uniform(0.4, 0.5)
    voiced = np.exp(-(((time - centre) / width) ** 2))
    turn = 1.3 * label + 0.9 * order
    path = np.sin(turn + (1.0 + label % 3) * (time - centre))
    cepstrum = 2.2 * voiced * path + 0.2 * rng.standard_normal((49, 10))
    cepstrum[:, 0] += 2.0 * voiced[:, 0] - 1.0
    return {"mfcc": digitise(cepstrum)[None, ..., None]}


def machine(rng: np.random.Generator, label: int) -> Sample:
    """Draw five frames of a machine's log spectrum [1, 640]: hum, its harmonics and hiss."""
    del label
    band = np.arange(_BANDS)
    base = rng.uniform(9.0, 14.0)
    hum = sum(np.exp(-0.5 * ((band - base * k) / 1.5) ** 2) / np.sqrt(k) for k in range(1, 7))
    hiss = smooth_noise(rng, (_FRAMES, _BANDS), keep=0.6)
    spectrum = 2.5 * hum - band / 64 + rng.normal(0.0, 0.3) + 0.4 * hiss
    return {"spectra": digitise(spectrum).reshape(1, -1)}
