"""How long the parts of a search take here and now, measured before they begin."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.reference.batched import run_batch
from tinyrig.suite.search.space import Config, Space
from tinyrig.suite.search.supernet import Lesson

_TIMED = 6
_BATCH = 64
_BUILD_S = 20.0
"""A firmware's build and boot, and what else a proof does beside counting right answers."""

_MARGIN = 1.15
"""Other work on the machine comes and goes; the optimiser's own step is not in what is timed."""


def step_seconds(space: Space, lesson: Lesson) -> float:
    """Return how long a step of a supernet takes."""
    rng = np.random.default_rng(lesson.seed)
    outer: Config = space.outer.draw(rng)
    shared = space.supernet(outer, lesson.seed)
    return _timed(
        lambda x: shared.forward({**outer, **space.inner.draw(rng)}, x), shared.parameters(), lesson
    )


def path_seconds(network: nn.Module, lesson: Lesson) -> float:
    """Return how long a step of one network's training takes."""
    return _timed(network.train(), list(network.parameters()), lesson)


def _timed(
    forward: Callable[[Tensor], Tensor], parameters: list[nn.Parameter], lesson: Lesson
) -> float:
    pixels = torch.zeros((lesson.recipe.batch, *lesson.images.shape))
    optimiser = torch.optim.AdamW(parameters, lr=1e-6)
    found = []
    for _ in range(_TIMED):
        begin = time.monotonic()
        optimiser.zero_grad()
        torch.autograd.backward(forward(pixels).sum())
        optimiser.step()
        found.append(time.monotonic() - begin)
    # The first ones also allocate.
    return _MARGIN * float(np.mean(found[2:]))


def proof_seconds(graph: Graph, images: int) -> float:
    """Return about how long the proof of a network takes that answers so many images."""
    (name,) = graph.inputs
    sample = np.zeros((_BATCH, *graph.tensors[name].shape), np.int8)
    begin = time.monotonic()
    run_batch(graph, {name: sample})
    return _BUILD_S + _MARGIN * (time.monotonic() - begin) * images / _BATCH
