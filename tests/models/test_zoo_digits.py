from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tinyrig.suite.models import digits, load_zoo
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.models.tinyvit import WEIGHTS_FILE
from tinyrig.suite.models.train_digits import save, train


def accuracy(module: nn.Module) -> float:
    images, labels = digits.heldout()
    with torch.no_grad():
        logits = torch.vmap(module)(torch.from_numpy(images)).squeeze(1).numpy()
    return float((logits.argmax(axis=1) == labels).mean())


def test_the_split_is_fixed_and_disjoint() -> None:
    held, labels = digits.heldout()
    rest, _ = digits.training()
    assert held.shape == (200, 1, 1, 8, 8)
    assert len(rest) == 1597
    assert held.min() == 0.0
    assert held.max() == 1.0
    assert set(labels.tolist()) == set(range(10))
    by_content = {image.tobytes() for image in rest}
    assert sum(image.tobytes() in by_content for image in held) == 0


def test_the_committed_weights_reach_95_percent() -> None:
    assert accuracy(load_zoo("tinyvit-digits").module) >= 0.95
    assert WEIGHTS_FILE.stat().st_size < 100_000


def test_quantization_loses_at_most_one_point() -> None:
    model = load_zoo("tinyvit-digits")
    images, labels = model.heldout()
    import onnx

    session = float_session(onnx.load_model_from_string(model.qdq_bytes()))
    answers = [int(session.run(None, {"image": image})[0].argmax()) for image in images]
    assert float(np.mean(answers == labels)) >= accuracy(model.module) - 0.01


@pytest.fixture(scope="module")
def retrained() -> nn.Module:
    return train(epochs=12)


def test_retraining_reaches_the_same_level(retrained: nn.Module, tmp_path: Path) -> None:
    assert accuracy(retrained) >= 0.95
    save(retrained, tmp_path / "weights.npz")
    with np.load(WEIGHTS_FILE) as committed, np.load(tmp_path / "weights.npz") as made:
        assert committed.files == made.files
        assert all(committed[name].shape == made[name].shape for name in made.files)


def test_training_is_deterministic() -> None:
    first, second = (train(epochs=1).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
