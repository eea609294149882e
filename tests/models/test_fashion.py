"""The networks trained on Fashion-MNIST: their kept weights, zeros and images."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tinyrig.generator.errors import MissingToolError
from tinyrig.suite.models import load_zoo
from tinyrig.suite.models.fashion import weights_file
from tinyrig.suite.models.fashion_images import IMAGES_FILE
from tinyrig.suite.models.pruning import prunable
from tinyrig.suite.training.data.fashion import fashion_mnist
from tinyrig.suite.training.train import accuracy

NAMES = ("tinyformer-fashion", "mcuformer-fashion")


@pytest.mark.parametrize("name", NAMES)
def test_kept_weights_know_the_classes(name: str) -> None:
    assert weights_file(name).stat().st_size <= 400_000
    model = load_zoo(name)
    samples, labels = model.labelled(100, seed=4)
    images = torch.from_numpy(np.concatenate([sample["image"] for sample in samples]))
    with torch.inference_mode():
        right = (model.module(images).argmax(dim=1).numpy() == labels).mean()
    assert right > 0.8


def test_half_of_the_blocks_are_zero_in_every_row() -> None:
    layers = prunable(load_zoo("tinyformer-fashion").module)
    assert len(layers) > 8
    for layer in layers.values():
        rows = layer.weight.reshape(layer.weight.shape[0], -1, 4).numpy()
        zeros = (~rows.any(axis=2)).mean(axis=1)
        assert zeros.min() == zeros.max() == 0.5


def test_kept_images_are_the_first_of_each_class() -> None:
    try:
        images = fashion_mnist().training
    except MissingToolError:
        pytest.skip("Fashion-MNIST is not installed")
    first = [np.flatnonzero(images.labels == label)[:16] for label in range(10)]
    chosen = np.sort(np.concatenate(first))
    with np.load(IMAGES_FILE) as kept:
        assert np.array_equal(kept["images"], images.pixels[chosen, ..., 0])
        assert np.array_equal(kept["labels"], images.labels[chosen])


@pytest.mark.parametrize(
    ("name", "least"), [("tinyformer-fashion", 0.9), ("mcuformer-fashion", 0.88)]
)
def test_float_accuracy_on_test_images(name: str, least: float) -> None:
    try:
        images = fashion_mnist().test.take(slice(0, 2000))
    except MissingToolError:
        pytest.skip("Fashion-MNIST is not installed")
    assert accuracy(load_zoo(name).module, images) > least
