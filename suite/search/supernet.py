"""Trains a supernet one path at a time, and measures paths of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.files.store import content_key
from tinyrig.suite.models.pruning import apply, masks
from tinyrig.suite.search.space import Config, Shared, Space
from tinyrig.suite.training.batches import Batches
from tinyrig.suite.training.checkpoint import load_checkpoint, save_checkpoint
from tinyrig.suite.training.data.images import Images
from tinyrig.suite.training.recipe import Recipe
from tinyrig.suite.training.train import accuracy, train

Progress = Callable[[str], None]
_SETTLING = 6
"""Batches from which a path's BatchNorms learn what they see without the other paths."""

_SAVE_EVERY = 50
_PATHS = 5


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learned from and judged by: images, a recipe, a seed, and where checkpoints lie."""

    images: Images
    judged: Images
    recipe: Recipe
    seed: int
    folder: Path


class Supernet:
    """The shared weights of one set of outer values."""

    def __init__(
        self,
        space: Space,
        outer: Config,
        lesson: Lesson,
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Take the weights of `state`, or those of the lesson's folder, or seeded ones."""
        self._space, self._outer, self._lesson = space, dict(outer), lesson
        self._shared: Shared = space.supernet(outer, lesson.seed)
        self._batches = Batches(lesson.images, lesson.recipe)
        self._optimiser = torch.optim.AdamW(
            self._shared.parameters(), lr=lesson.recipe.peak_rate, weight_decay=0.05
        )
        self._step = 0
        self._ended = 0
        if state is None:
            self._resume()
        else:
            self._shared.load(state)

    def train(self, steps: int, progress: Progress, late: Callable[[], bool]) -> None:
        """Train until so many steps are done in all, or it is late: each a path drawn by itself.

        What was asked for once, and ended early, is not gone on with.
        """
        while max(self._step, self._ended) < steps:
            if self._step and late():
                self._ended = steps
                self._save()
                return
            rng = np.random.default_rng((self._lesson.seed, _PATHS, self._step))
            config = {**self._outer, **self._space.inner.draw(rng)}
            batch = self._batches.batch(self._step)
            # Every other path is trained pruned: one-shot pruning leaves paths that were never
            # so at chance, whichever they are.
            sparsity = self._space.sparsity(config) if self._step % 2 else {}
            logits = self._shared.forward(config, batch.pixels, sparsity)
            loss = functional.cross_entropy(logits, batch.labels, label_smoothing=0.1)
            self._optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._shared.parameters(), 1.0)
            self._optimiser.step()
            self._step += 1
            if self._step == steps or self._step % _SAVE_EVERY == 0:
                progress(f"supernet: step {self._step} of {steps}")
                self._save()

    def path(self, config: Config) -> nn.Module:
        """Return a path with its inherited weights, pruned in one shot, its BatchNorms settled."""
        return self.pruned(self._shared.extract(config), config)

    def pruned(self, network: nn.Module, config: Config) -> nn.Module:
        """Return a candidate's network pruned in one shot, its BatchNorms settled."""
        apply(network, masks(network, self._space.sparsity(config)))
        return self._settled(network)

    def tuned(self, config: Config, steps: int) -> nn.Module:
        """Return a path trained for some steps while it is pruned."""
        network = self._shared.extract(config)
        few = self._lesson.images.take(slice(0, steps * self._lesson.recipe.batch))
        recipe = replace(self._lesson.recipe, epochs=1, warm_up=0.1)
        return train(network, few, recipe, sparsity=self._space.sparsity(config))

    def measured(self, config: Config, tuned: int) -> float:
        """Return a path's share of right answers on the images that are judged by.

        Its weights are the inherited ones, trained on for `tuned` steps.
        """
        path = self.tuned(config, tuned) if tuned else self.path(config)
        return accuracy(path, self._lesson.judged)

    def state(self) -> dict[str, Tensor]:
        """Return the shared weights, by name."""
        return self._shared.state()

    def _settled(self, network: nn.Module) -> nn.Module:
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        if norms:
            for norm in norms:
                norm.reset_running_stats()
                norm.momentum = None
            network.train()
            with torch.no_grad():
                for step in range(_SETTLING):
                    network(self._batches.batch(step).pixels)
        return network.eval()

    def _place(self) -> tuple[Path, str]:
        key = content_key([self._space.name, repr(sorted(self._outer.items()))])
        return self._lesson.folder / f"supernet-{key[:12]}.ckpt", key

    def _save(self) -> None:
        path, key = self._place()
        state = {
            "step": self._step,
            "ended": self._ended,
            "shared": self._shared.state(),
            "optimiser": self._optimiser.state_dict(),
        }
        save_checkpoint(path, key, state)

    def _resume(self) -> None:
        state = load_checkpoint(*self._place())
        if state is not None:
            self._shared.load(state["shared"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._step, self._ended = state["step"], state["ended"]
