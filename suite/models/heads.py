"""Fits the classifier head of a seeded network, so that its logits mean something.

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

from suite.models.signals import Sample
from suite.models.threads import one_thread

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
    body = cast("Featured", copy.deepcopy(model).double())  # type: ignore[attr-defined]
    with torch.no_grad(), one_thread():
        features = [
            body.features(*(torch.from_numpy(x).double() for x in sample.values())).numpy()
            for sample in samples
        ]
    rows = np.concatenate(features)
    targets = np.repeat(labels, features[0].shape[0])
    weight, bias = _least_squares(rows, targets, classes=model.head.out_features)
    model.head.weight = nn.Parameter(torch.from_numpy(weight))
    model.head.bias = nn.Parameter(torch.from_numpy(bias))


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
    return (
        (np.round(scale * weight / _STEP) * _STEP).astype(np.float32),
        (np.round(scale * bias / _STEP) * _STEP).astype(np.float32),
    )
