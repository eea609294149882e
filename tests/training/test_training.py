"""Trainings: their recipe, sparse weights, and going on after a kill."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tinyrig.generator.errors import InputError
from tinyrig.suite.models.dotnet import Dot, DotNet, DotShape, Transformer
from tinyrig.suite.models.lowrank_vit import LowRankVit, VitShape
from tinyrig.suite.models.masks import block_mask
from tinyrig.suite.models.pruning import prunable
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.training.batches import Batches
from tinyrig.suite.training.data.sources import load_source
from tinyrig.suite.training.finer import begin_from
from tinyrig.suite.training.networks import Training, complete, training_of, weights_bytes
from tinyrig.suite.training.recipe import PAPER, Recipe
from tinyrig.suite.training.teaching import Teaching
from tinyrig.suite.training.train import Standing, accuracy, train

_SHAPE = DotShape(8, 1, 10, (Dot("conv", 16, (2,), (Transformer(16, 2, 1, 1),)),), "average", 32)
_RECIPE = Recipe(epochs=2, batch=64, sparsity=0.5, flips=False, shift=1, warm_up=0.5)


def _network() -> DotNet:
    return DotNet(_SHAPE, Weights(3))


class _StoppedError(Exception):
    pass


@pytest.mark.parametrize(
    ("shape", "label", "words"),
    [
        ((4, 28, 28), 10, "tells 10 classes apart; given has 11"),
        ((4, 28, 28), 1 << 40, "at most 65536 classes"),
        ((4, 1, 28, 28), 9, r"images of \(1, 28, 28\) to train with, and of \(28, 28, 1\)"),
    ],
)
def test_data_that_do_not_fit(
    shape: tuple[int, ...], label: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "given.npz"
    images, labels = np.zeros((4, 28, 28), np.uint8), np.arange(4)
    trained = np.array([0, 1, 2, label])
    arrays = {"x_test": images, "y_test": labels, "y_train": trained}
    np.savez(path, x_train=np.zeros(shape, np.uint8), **arrays)
    with pytest.raises(InputError, match=words):
        training_of("tinyformer-fashion", load_source(str(path)))


def test_rate_rises_and_falls() -> None:
    assert PAPER.rate(0, 100) == pytest.approx(1e-6)
    assert PAPER.rate(1000, 100) == pytest.approx(5.5e-4)
    assert PAPER.rate(15_500, 100) == pytest.approx((5.5e-4 + 1e-5) / 2)
    assert PAPER.rate(30_000, 100) == pytest.approx(1e-5)


def test_a_training_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    images = load_source("digits").training.take(slice(0, 640))
    whole = train(_network(), images, _RECIPE).state_dict()

    def stop(standing: Standing) -> None:
        if standing.step == 11:
            raise _StoppedError

    place = tmp_path / "training.ckpt"
    with pytest.raises(_StoppedError), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tinyrig.suite.training.train._SAVE_EVERY_S", 0.0)
        train(_network(), images, _RECIPE, checkpoint=place, progress=stop)
    steps: list[int] = []
    resumed = train(
        _network(), images, _RECIPE, checkpoint=place, progress=lambda s: steps.append(s.step)
    )
    assert steps[0] == 12
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole[name]), name


def test_sparse_layers_lose_the_same_blocks_in_each_row() -> None:
    images = load_source("digits").training.take(slice(0, 640))
    network = train(_network(), images, _RECIPE)
    layers = prunable(network)
    assert len(layers) > 8
    for layer in layers.values():
        rows = layer.weight.detach().reshape(layer.weight.shape[0], -1).numpy()
        kept = block_mask(rows, 4, 0.5, "balanced")
        assert not rows[~kept].any()
        assert rows[kept].all()


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    images = load_source("digits").training.take(slice(0, 128))
    place = tmp_path / "training.ckpt"
    train(_network(), images, _RECIPE, checkpoint=place)
    with pytest.raises(InputError, match="another network, recipe or data"):
        train(_network(), images, replace(_RECIPE, seed=2), checkpoint=place)
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(InputError, match="damaged"):
        train(_network(), images, _RECIPE, checkpoint=place)


def test_digits_are_learned() -> None:
    source = load_source("digits")
    recipe = replace(_RECIPE, epochs=6, sparsity=0.3, peak_rate=1e-2, shift=0)
    network = train(_network(), source.training, recipe)
    assert accuracy(network, source.test) > 0.85


def test_the_average_of_weights_is_kept_and_stays_sparse(tmp_path: Path) -> None:
    images = load_source("digits").training.take(slice(0, 320))
    recipe = replace(_RECIPE, averaged=0.5)
    states: list[dict[str, torch.Tensor]] = []

    def keep(_: Standing) -> None:
        states.append({k: v.clone() for k, v in network.state_dict().items()})

    network = _network()
    start = {k: v.clone() for k, v in network.state_dict().items()}
    place = tmp_path / "training.ckpt"
    found = train(network, images, recipe, checkpoint=place, progress=keep).state_dict()
    average = start["head.weight"]
    for step, state in enumerate(states):
        left = min(0.5, (1 + step) / (10 + step))
        average = left * average + (1 - left) * state["head.weight"]
    assert torch.allclose(found["head.weight"], average, atol=1e-6)
    layers = prunable(network)
    for name, layer in layers.items():
        zero = states[-1][f"{name}.weight"] == 0
        assert zero.any()
        assert not layer.weight[zero].any()
    again = train(_network(), images, recipe, checkpoint=place).state_dict()
    assert all(torch.equal(again[name], value) for name, value in found.items())


@pytest.mark.parametrize("shift", [0, 1])
def test_who_is_taught_alone_follows_the_teacher_and_no_label(shift: int) -> None:
    images = load_source("digits").training.take(slice(0, 192))
    wrong = replace(images, labels=(images.labels + 1) % 10)
    teacher = DotNet(_SHAPE, Weights(4)).eval()
    recipe = replace(_RECIPE, epochs=1, peak_rate=1e-2, sparsity=0.0, taught=1.0, shift=shift)
    found = [train(_network(), one, recipe, teacher=teacher) for one in (images, wrong)]
    states = [network.state_dict() for network in found]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    batch = Batches(images, recipe).batch(0)
    teaching = Teaching(teacher, images, recipe, "cpu")
    with torch.no_grad():
        before, after = (
            float(teaching.loss(network.train()(batch.pixels), batch))
            for network in (_network(), found[0])
        )
    assert after < before
    with pytest.raises(InputError, match="teacher"):
        train(_network(), images, recipe)


def test_a_flipped_image_is_asked_about_as_it_is_shown() -> None:
    images = load_source("digits").training.take(slice(0, 64))
    recipe = replace(_RECIPE, flips=True, shift=0, taught=1.0)
    teacher = _network().eval()
    teaching = Teaching(teacher, images, recipe, "cpu")
    batch = Batches(images, recipe).batch(0)
    assert batch.flipped.any() and not batch.flipped.all()
    with torch.no_grad():
        assert float(teaching.loss(teacher(batch.pixels), batch)) < 1e-9
        assert float(teaching.loss(teacher(batch.pixels.flip(2)), batch)) > 1e-6


def test_finer_patches_begin_as_coarse_ones_end() -> None:
    shape = VitShape(28, 1, 10, 7, 16, (2,), (2.0,), 0.5, 8)
    coarse = LowRankVit(shape, Weights(1))
    fine = LowRankVit(replace(shape, patch=4), Weights(2))
    begin_from(fine, coarse)
    grey = torch.full((1, 28, 28, 1), 0.7).permute(0, 3, 1, 2)
    with torch.no_grad():
        answers = [network.patches(grey)[..., 0, 0] for network in (fine, coarse)]
    assert torch.allclose(*answers, atol=1e-5)
    assert torch.equal(fine.position[0], coarse.position[0])
    first, last = coarse.position[1], coarse.position[-1]
    assert torch.allclose(fine.position[1], first) and torch.allclose(fine.position[-1], last)
    assert torch.equal(fine.blocks[0].mhsa.q.weight, coarse.blocks[0].mhsa.q.weight)  # type: ignore[union-attr]


def test_recipes_follow_each_other_from_what_is_kept(tmp_path: Path) -> None:
    images = load_source("digits").training.take(slice(0, 320))
    first = replace(_RECIPE, epochs=1)
    second = replace(first, seed=2, prune_from=-1.0, prune_to=0.0)
    training = Training(_network(), (first, second), (8, 8, 1))
    whole = complete(training, images, tmp_path)
    alone = complete(replace(training, network=_network(), recipes=(first,)), images, tmp_path)
    assert torch.equal(alone.head.weight, alone.head.weight.half().float())  # type: ignore[union-attr,operator]
    following = train(alone, images, second)
    for name, value in weights_of(weights_bytes(following)).items():
        assert np.array_equal(value, weights_of(weights_bytes(whole))[name]), name
    for layer in prunable(whole).values():
        rows = layer.weight.detach().reshape(layer.weight.shape[0], -1)
        assert ((rows == 0).float().mean() > 0.4).item()


def weights_of(raw: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(raw)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="28 x 28"):
        training_of("tinyformer-fashion", load_source("digits"))
    with pytest.raises(InputError, match="no training of 'vit'"):
        training_of("vit", load_source("digits"))


def test_kill_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    place = tmp_path / "training.ckpt"
    script = textwrap.dedent(f"""
        from pathlib import Path
        import tinyrig.suite.training.train as training
        from training.test_training import _RECIPE, _network
        from tinyrig.suite.training.data.sources import load_source
        from dataclasses import replace
        training._SAVE_EVERY_S = 0.0
        recipe = replace(_RECIPE, epochs=200)
        training.train(_network(), load_source("digits").training, recipe,
                       checkpoint=Path({str(place)!r}))
    """)
    tests = str(Path(__file__).parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": tests}
    )
    try:
        while not place.exists():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(float(np.random.default_rng(os.getpid()).random()))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    recipe = replace(_RECIPE, epochs=200)

    def stop(standing: Standing) -> None:
        assert standing.step > 1
        raise _StoppedError

    with pytest.raises(_StoppedError):
        train(_network(), load_source("digits").training, recipe, checkpoint=place, progress=stop)
