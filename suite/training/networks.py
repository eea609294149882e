"""The zoo's networks that are trained here: what each is made of, how, and from what data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from torch import Tensor, nn

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import check_folder
from tinyrig.suite.files.npz import npz_bytes
from tinyrig.suite.models import load_zoo
from tinyrig.suite.models.dotnet import DotNet
from tinyrig.suite.models.fashion import MCUFORMER, untrained
from tinyrig.suite.models.lowrank_vit import LowRankVit
from tinyrig.suite.models.members import TINYFORMER_120K, TINYFORMER_300K, mixed
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.finer import begin_from
from tinyrig.suite.training.recipe import PAPER, Recipe
from tinyrig.suite.training.train import Standing, train

Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Training:
    """A network with seeded weights, its recipes in turn and sparsity, and the images it takes.

    `sparsity` None leaves it to the recipe. `teacher` is the zoo's name of what teaches it. Where
    there is a `coarse` training, this one begins as that ends, with other patches.
    """

    network: nn.Module
    recipes: tuple[Recipe, ...]
    shape: Shape
    sparsity: dict[str, Sparsity] | None = None
    teacher: str | None = None
    coarse: Training | None = None


def _tinyformer_fashion() -> Training:
    sparse = Recipe(epochs=8, peak_rate=3e-3, sparsity=0.5, seed=28)
    tuned = Recipe(
        epochs=4,
        peak_rate=1e-3,
        warm_up=0.25,
        shift=1,
        sparsity=0.5,
        prune_from=-1.0,
        prune_to=0.0,
        averaged=0.998,
        seed=29,
    )
    return Training(untrained("tinyformer-fashion"), (sparse, tuned), (28, 28, 1))


def _mcuformer_fashion() -> Training:
    coarse = LowRankVit(replace(MCUFORMER, patch=7), Weights(27))
    first = Recipe(epochs=14, peak_rate=2e-3, warm_up=2.0, shift=1, seed=27)
    taught = Recipe(epochs=24, peak_rate=1.5e-3, warm_up=0.5, averaged=0.998, taught=0.7, seed=4)
    return Training(
        untrained("mcuformer-fashion"),
        (taught,),
        (28, 28, 1),
        teacher="tinyformer-fashion",
        coarse=Training(coarse, (first,), (28, 28, 1)),
    )


def _tinyformer_300k() -> Training:
    network = DotNet(TINYFORMER_300K, Weights(300))
    return Training(network, (PAPER,), (32, 32, 3), dict(mixed(network)))


def _tinyformer_120k() -> Training:
    network = DotNet(TINYFORMER_120K, Weights(120))
    return Training(network, (PAPER,), (32, 32, 3), dict(mixed(network)))


_TRAININGS: dict[str, Callable[[], Training]] = {
    "tinyformer-fashion": _tinyformer_fashion,
    "mcuformer-fashion": _mcuformer_fashion,
    "tinyformer-300k": _tinyformer_300k,
    "tinyformer-120k": _tinyformer_120k,
}
_CLASSES = 10  # of every one of these networks
_COARSE = "coarse"
NAMES = tuple(_TRAININGS)


def training_of(name: str, source: Source, epochs: int | None = None) -> Training:
    """Return how a network is trained, each recipe for `epochs` where they are given.

    InputError for an unknown name, for images of another size, and for more classes.
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
    if len(source.classes) > _CLASSES:
        raise InputError(
            f"{name} tells {_CLASSES} classes apart; {source.name} has {len(source.classes)}."
        )
    if epochs is None:
        return found
    return _shorter(found, epochs)


def _shorter(training: Training, epochs: int) -> Training:
    recipes = (
        replace(recipe, epochs=epochs, warm_up=min(recipe.warm_up, epochs / 4))
        for recipe in training.recipes
    )
    coarse = training.coarse and _shorter(training.coarse, epochs)
    return replace(training, recipes=tuple(recipes), coarse=coarse)


def complete(
    training: Training,
    images: Images,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[str], None] = lambda _: None,
) -> nn.Module:
    """Train by all recipes in turn, each from the weights that the one before would keep.

    Checkpoints lie in `folder`.
    """
    network, recipes = training.network, training.recipes
    if training.coarse is not None:
        check_folder(folder / _COARSE)
        earlier = complete(
            training.coarse, images, folder / _COARSE, device=device, progress=progress
        )
        begin_from(cast("LowRankVit", network), cast("LowRankVit", earlier))
    teacher = None if training.teacher is None else load_zoo(training.teacher).module

    for n, recipe in enumerate(recipes, 1):
        words = f"recipe {n} of {len(recipes)}, " if len(recipes) > 1 else ""

        def tell(now: Standing, words: str = words) -> None:
            progress(f"{words}step {now.step} of {now.steps}, loss {now.loss:.3f}")

        train(
            network,
            images,
            recipe,
            sparsity=training.sparsity,
            teacher=teacher,
            checkpoint=folder / ("training.ckpt" if n == 1 else f"training-{n}.ckpt"),
            device=device,
            progress=tell,
        )
        network.load_state_dict(network.state_dict() | _kept(network))
    return network


def weights_bytes(network: nn.Module) -> bytes:
    """Return a network's weights as a file: matrices in half precision, the rest in single."""
    return npz_bytes({name: value.numpy() for name, value in _halved(network).items()})


def _kept(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.float() for name, value in _halved(network).items()}


def _halved(network: nn.Module) -> dict[str, Tensor]:
    return {
        name: value.half() if value.ndim > 1 else value.float()
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
