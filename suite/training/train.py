"""The training of one network, which goes on where a kill left it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.store import content_key
from tinyrig.suite.models.pruning import Sparsity, apply, masks, prunable
from tinyrig.suite.training.average import Average
from tinyrig.suite.training.batches import Batch, Batches
from tinyrig.suite.training.checkpoint import load_checkpoint, save_checkpoint
from tinyrig.suite.training.data.images import Images
from tinyrig.suite.training.recipe import Recipe
from tinyrig.suite.training.schedule import agp_sparsity
from tinyrig.suite.training.teaching import Teaching

_PRUNE_EVERY = 25
_LARGEST_GRADIENT = 1.0
_EVALUATED = 500
_SAVE_EVERY_S = 20.0


@dataclass(frozen=True)
class Standing:
    """How far a training is."""

    step: int
    steps: int
    loss: float


Progress = Callable[[Standing], None]


def train(
    network: nn.Module,
    images: Images,
    recipe: Recipe,
    *,
    sparsity: Mapping[str, Sparsity] | None = None,
    teacher: nn.Module | None = None,
    checkpoint: Path | None = None,
    device: str = "cpu",
    progress: Progress = lambda _: None,
) -> nn.Module:
    """Train a network in place and return it in eval mode, on the CPU.

    With a `checkpoint` file it goes on from where that stands; the result is that of a training
    that was not interrupted. A recipe that is taught needs the `teacher`, in eval mode.
    """
    layers = sparsity if sparsity is not None else uniform(network, recipe)
    teaching = _teaching(teacher, images, recipe, device) if recipe.taught else None
    learner = _Learner(network.to(device).train(), recipe, teaching)
    run = _Run(learner, Batches(images, recipe), layers, device)
    key = _key(network, images, recipe, layers)
    if checkpoint is not None:
        run.resume(load_checkpoint(checkpoint, key))
    saved = time.monotonic()
    while run.step < run.steps:
        loss = run.advance()
        done = run.step == run.steps
        if checkpoint is not None and (done or time.monotonic() - saved > _SAVE_EVERY_S):
            save_checkpoint(checkpoint, key, run.state())
            saved = time.monotonic()
        progress(Standing(run.step, run.steps, loss))
    run.finish()
    return network.to("cpu").eval()


def uniform(network: nn.Module, recipe: Recipe) -> dict[str, Sparsity]:
    """Return the recipe's sparsity for every layer that can have it."""
    if recipe.sparsity == 0.0:
        return {}
    return dict.fromkeys(prunable(network), (recipe.sparsity, recipe.block))


def _teaching(teacher: nn.Module | None, images: Images, recipe: Recipe, device: str) -> Teaching:
    if teacher is None:
        raise InputError("This recipe is taught: give it a teacher.")
    return Teaching(teacher, images, recipe, device)


class _Learner:
    """A network that learns: its loss, its optimiser, and the average of its weights."""

    def __init__(self, network: nn.Module, recipe: Recipe, teaching: Teaching | None) -> None:
        self.network, self.recipe, self._teaching = network, recipe, teaching
        self.average = Average(network, recipe.averaged) if recipe.averaged else None
        decayed = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ]
        )

    def learn(self, batch: Batch, rate: float, device: str) -> float:
        """Take one step and return its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = self._loss(batch, device)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        self.optimiser.step()
        return float(loss.detach())

    def _loss(self, batch: Batch, device: str) -> Tensor:
        taught, logits = self.recipe.taught, self.network(batch.pixels.to(device))
        labels, smoothing = batch.labels.to(device), self.recipe.smoothing
        loss = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
        if self._teaching is None:
            return loss
        return (1.0 - taught) * loss + taught * self._teaching.loss(logits, batch)


class _Run:
    def __init__(
        self, learner: _Learner, batches: Batches, sparsity: Mapping[str, Sparsity], device: str
    ) -> None:
        self._learner, self._network, self._recipe = learner, learner.network, learner.recipe
        self._batches, self._sparsity, self._device = batches, sparsity, device
        self.step, self.steps = 0, self._recipe.epochs * batches.an_epoch
        self._masks: dict[str, Tensor] = {}
        self._prune_from, end = (
            int(share * self.steps) for share in (self._recipe.prune_from, self._recipe.prune_to)
        )
        self._prune_span = max(1, end - self._prune_from)
        # A short training prunes more often, so that it reaches its sparsity.
        self._prune_every = max(1, min(_PRUNE_EVERY, self._prune_span // 4))

    def advance(self) -> float:
        """Take one step and return its loss."""
        if self._sparsity and self.step % self._prune_every == 0:
            self._masks = masks(self._network, self._shares())
            apply(self._network, self._masks)
        rate = self._recipe.rate(self.step, self._batches.an_epoch)
        loss = self._learner.learn(self._batches.batch(self.step), rate, self._device)
        apply(self._network, self._masks)
        if self._learner.average is not None:
            self._learner.average.take(self._network, self.step)
        self.step += 1
        return loss

    def finish(self) -> None:
        """Leave the weights that are kept in the network."""
        if self._learner.average is not None:
            self._learner.average.give(self._network)
            # Weights that were pruned on the way are in the average still.
            apply(self._network, self._masks)

    def _shares(self) -> dict[str, Sparsity]:
        begin, span = self._prune_from, self._prune_span
        return {
            name: (agp_sparsity(self.step, share, begin=begin, steps=span), block)
            for name, (share, block) in self._sparsity.items()
        }

    def state(self) -> dict[str, object]:
        average = self._learner.average
        return {
            "step": self.step,
            "network": self._network.state_dict(),
            "optimiser": self._learner.optimiser.state_dict(),
            "masks": self._masks,
            "average": average.values if average is not None else {},
        }

    def resume(self, state: Mapping[str, object] | None) -> None:
        if state is None:
            return
        self._network.load_state_dict(state["network"])  # type: ignore[arg-type]
        self._learner.optimiser.load_state_dict(state["optimiser"])  # type: ignore[arg-type]
        self._masks = state["masks"]  # type: ignore[assignment]
        if self._learner.average is not None:
            self._learner.average.values = state["average"]  # type: ignore[assignment]
        self.step = state["step"]  # type: ignore[assignment]


def _key(
    network: nn.Module, images: Images, recipe: Recipe, sparsity: Mapping[str, Sparsity]
) -> str:
    shapes = [f"{name}{tuple(value.shape)}" for name, value in network.state_dict().items()]
    first = images.pixels[:64].tobytes() + images.labels.tobytes()
    return content_key([*shapes, str(astuple(recipe)), str(sorted(sparsity.items())), first])


def predict(network: nn.Module, images: Images) -> NDArray[np.int64]:
    """Return the class that a network in eval mode gives each image."""
    found = []
    with torch.inference_mode():
        for begin in range(0, len(images), _EVALUATED):
            pixels = torch.from_numpy(images.values(slice(begin, begin + _EVALUATED)))
            found.append(network(pixels).argmax(dim=1).numpy())
    return np.concatenate(found)


def accuracy(network: nn.Module, images: Images) -> float:
    """Return the share of images whose class a network in eval mode finds."""
    return float((predict(network, images) == images.labels).mean())
