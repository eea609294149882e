"""How a network is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinyrig.generator.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """AdamW with a warm-up and a cosine; pruning that rises between two shares of the steps.

    `sparsity` is the share of blocks of `block` weights that every prunable layer loses, the same
    number in each of its rows.
    """

    epochs: int
    batch: int = 128
    peak_rate: float = 2e-3
    first_rate: float = 1e-6
    last_rate: float = 1e-5
    warm_up: float = 1.0
    """Epochs in which the rate rises."""
    weight_decay: float = 0.05
    smoothing: float = 0.1
    flips: bool = True
    shift: int = 0
    """Pixels that an image is moved by at most, each way."""
    sparsity: float = 0.0
    block: int = 4
    prune_from: float = 0.2
    prune_to: float = 0.7
    """With both at 0 or less, the first step has all zeros already."""
    averaged: float = 0.0
    """What a step leaves of the running average of weights that is kept; 0 keeps the last ones."""
    taught: float = 0.0
    """The share of the loss that is the distance from a teacher's answers."""
    temperature: float = 2.0
    """What both's logits are divided by for that."""
    seed: int = 1

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise InputError("A training has one epoch or more, of one image a batch or more.")

    def rate(self, step: int, steps_an_epoch: int) -> float:
        """Return the learning rate of a step."""
        total, rising = self.epochs * steps_an_epoch, self.warm_up * steps_an_epoch
        if step < rising:
            return self.first_rate + (self.peak_rate - self.first_rate) * step / rising
        done = (step - rising) / max(1.0, total - rising)
        swing = 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
        return self.last_rate + (self.peak_rate - self.last_rate) * swing


PAPER = Recipe(
    epochs=300, batch=128, peak_rate=5.5e-4, warm_up=10.0, smoothing=0.1, shift=4, flips=True
)
"""TinyFormer's, section IV-A; the augmentation is the usual one for CIFAR-10, none is named."""
