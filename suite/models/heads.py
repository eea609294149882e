"""Fits or centres the head of a seeded network, so that its logits depend on the input.

The body keeps its seeded weights. Least squares in float64 on features of labelled synthetic
signals, then rounding to steps of 2^-10, far above the solver's noise: the same head on every host.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tinyrig.suite.models.signals import Sample
from tinyrig.suite.reference.threads import one_thread

_STEP = 2.0**-10
_RIDGE = 0.05


class Featured(Protocol):
    """A network that shows what its head reads, one row a prediction."""

    head: nn.Linear

    def features(self, *inputs: Tensor) -> Tensor:
        """Return [rows, width]."""
        ...


def fit_head(model: Featured, samples: Sequence[Sample], labels: NDArray[np.int64]) -> None:
    """Replace the head's weights by the least-squares classifier of the samples."""
    rows = _features(model, samples)
    targets = np.repeat(labels, len(rows) // len(samples))
    weight, bias = _least_squares(rows, targets, classes=model.head.out_features)
    model.head.weight = nn.Parameter(torch.from_numpy(weight))
    model.head.bias = nn.Parameter(torch.from_numpy(bias))


def centre_head(model: Featured, samples: Sequence[Sample]) -> None:
    """Set the head's bias so that its seeded weights answer 0 to the samples' mean features.

    What all inputs have in common would else decide the greatest logit alone.
    """
    weight = model.head.weight.detach().double().numpy()
    bias = -weight @ _features(model, samples).mean(axis=0)
    model.head.bias = nn.Parameter(torch.from_numpy(_rounded(bias)))


def _features(model: Featured, samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Return what the head reads, [samples * rows, width], in float64 on one thread."""
    body = cast("Featured", copy.deepcopy(model).double())  # type: ignore[attr-defined]
    with torch.no_grad(), one_thread():
        features = [
            body.features(*(torch.from_numpy(x).double() for x in sample.values())).numpy()
            for sample in samples
        ]
    return np.concatenate(features)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return (np.round(values / _STEP) * _STEP).astype(np.float32)


def _least_squares(
    rows: NDArray[np.float64], targets: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    mean = rows.mean(axis=0)
    centred = rows - mean
    wanted = np.eye(classes)[targets] - 1.0 / classes
    covariance = centred.T @ centred / len(rows)
    ridge = _RIDGE * np.trace(covariance) / rows.shape[1] * np.eye(rows.shape[1])
    weight = np.linalg.solve(covariance + ridge, centred.T @ wanted / len(rows)).T
    bias = wanted.mean(axis=0) - weight @ mean
    scale = 8.0
    return _rounded(scale * weight), _rounded(scale * bias)
