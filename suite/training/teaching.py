"""What a network learns from another's answers (Hinton et al., arXiv 1503.02531)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinyrig.suite.training.batches import Batch
from tinyrig.suite.training.data.images import Images
from tinyrig.suite.training.recipe import Recipe

_ASKED = 500


class Teaching:
    """A teacher's answers to images of a training.

    Where images are but flipped, each is asked about once, before the first step.
    """

    def __init__(self, teacher: nn.Module, images: Images, recipe: Recipe, device: str) -> None:
        self._teacher = teacher.to(device).eval()
        self._recipe, self._device = recipe, device
        self._known = None if recipe.shift else self._answers(images)

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Return how far the answers to a batch are from the teacher's.

        The divergence of both softmaxes at the recipe's temperature, times its square, so that
        gradients are as large as those of labels.
        """
        wanted = self._wanted(batch).to(logits.device)
        temperature = self._recipe.temperature
        found, aim = (functional.log_softmax(x / temperature, dim=1) for x in (logits, wanted))
        apart = functional.kl_div(found, aim, reduction="batchmean", log_target=True)
        return apart * temperature**2

    def _wanted(self, batch: Batch) -> Tensor:
        if self._known is not None:
            return self._known[batch.flipped.long(), batch.chosen]
        with torch.no_grad():
            answers: Tensor = self._teacher(batch.pixels.to(self._device))
        return answers

    def _answers(self, images: Images) -> Tensor:
        """Return the logits of all images [1 or 2, n, classes], as they are and flipped."""
        forms = (False, True) if self._recipe.flips else (False,)
        with torch.no_grad():
            return torch.stack([self._of_all(images, flipped=flipped) for flipped in forms])

    def _of_all(self, images: Images, *, flipped: bool) -> Tensor:
        found = []
        for begin in range(0, len(images), _ASKED):
            pixels = torch.from_numpy(images.values(slice(begin, begin + _ASKED)))
            asked = (pixels.flip(2) if flipped else pixels).to(self._device)
            found.append(self._teacher(asked).cpu())
        return torch.cat(found)
