"""The zoo's networks that are trained here: what each is made of, how, and from what data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from tinyrig.generator.errors import InputError
from tinyrig.suite.data.images import Source
from tinyrig.suite.files.npz import npz_bytes
from tinyrig.suite.models.dotnet import DotNet
from tinyrig.suite.models.fashion import untrained
from tinyrig.suite.models.members import TINYFORMER_120K, TINYFORMER_300K, mixed
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.training.recipe import PAPER, Recipe

Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Training:
    """A network with seeded weights, its recipe and sparsity, and the images it takes.

    `sparsity` None leaves it to the recipe.
    """

    network: nn.Module
    recipe: Recipe
    shape: Shape
    sparsity: dict[str, Sparsity] | None = None


def _tinyformer_fashion() -> Training:
    recipe = Recipe(epochs=8, peak_rate=3e-3, sparsity=0.5, seed=28)
    return Training(untrained("tinyformer-fashion"), recipe, (28, 28, 1))


def _mcuformer_fashion() -> Training:
    recipe = Recipe(epochs=14, peak_rate=2e-3, warm_up=2.0, shift=1, seed=27)
    return Training(untrained("mcuformer-fashion"), recipe, (28, 28, 1))


def _tinyformer_300k() -> Training:
    network = DotNet(TINYFORMER_300K, Weights(300))
    return Training(network, PAPER, (32, 32, 3), dict(mixed(network)))


def _tinyformer_120k() -> Training:
    network = DotNet(TINYFORMER_120K, Weights(120))
    return Training(network, PAPER, (32, 32, 3), dict(mixed(network)))


_TRAININGS: dict[str, Callable[[], Training]] = {
    "tinyformer-fashion": _tinyformer_fashion,
    "mcuformer-fashion": _mcuformer_fashion,
    "tinyformer-300k": _tinyformer_300k,
    "tinyformer-120k": _tinyformer_120k,
}
NAMES = tuple(_TRAININGS)


def training_of(name: str, source: Source, epochs: int | None = None) -> Training:
    """Return how a network is trained, for other epochs than its own where they are given.

    InputError for an unknown name and for images of another size.
    """
    if name not in _TRAININGS:
        raise InputError(f"There is no training of {name!r}: name {', '.join(NAMES)}.")
    found = _TRAININGS[name]()
    if source.test.shape != found.shape:
        rows, columns, bands = found.shape
        raise InputError(
            f"{name} takes images of {rows} x {columns} with {bands} bands; {source.name}'s are "
            f"{source.test.shape}."
        )
    if epochs is None:
        return found
    warm_up = min(found.recipe.warm_up, epochs / 4)
    return replace(found, recipe=replace(found.recipe, epochs=epochs, warm_up=warm_up))


def weights_bytes(network: nn.Module) -> bytes:
    """Return a network's weights as a file: matrices in half precision, the rest in single."""
    arrays = {
        name: value.numpy().astype(np.float16 if value.ndim > 1 else np.float32)
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    return npz_bytes(arrays)
