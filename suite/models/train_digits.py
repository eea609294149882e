"""Trains tinyvit-digits; `.ci/train_digits.py` writes its weights.

Seeded and on one thread. Another processor may round differently, which is why the result is
committed; its accuracy level is what a new run must reach.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tinyrig.suite.models.digits import training
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.models.tinyvit import TinyVit
from tinyrig.suite.reference.threads import one_thread

_SEED = 8
_EPOCHS = 30
_BATCH = 64
_PEAK_RATE = 3e-3


def train(epochs: int = _EPOCHS) -> TinyVit:
    """Return a network trained on the training digits."""
    with one_thread():
        return _train(epochs)


def _train(epochs: int) -> TinyVit:
    images, labels = (torch.from_numpy(array) for array in training())
    generator = torch.Generator().manual_seed(_SEED)
    model = TinyVit(Weights(_SEED)).train()
    batches = len(labels) // _BATCH
    optimiser = torch.optim.AdamW(model.parameters(), lr=_PEAK_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _PEAK_RATE, total_steps=epochs * batches
    )
    forward = torch.vmap(model)
    for _ in range(epochs):
        order = torch.randperm(len(labels), generator=generator)
        for i in range(batches):
            rows = order[i * _BATCH : (i + 1) * _BATCH]
            logits: Tensor = forward(images[rows]).squeeze(1)
            loss = functional.cross_entropy(logits, labels[rows], label_smoothing=0.05)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return model.eval()


def save(model: TinyVit, path: Path) -> None:
    """Write the weights as half-precision numbers."""
    arrays = {name: value.numpy().astype(np.float16) for name, value in model.state_dict().items()}
    np.savez_compressed(path, allow_pickle=False, **arrays)
