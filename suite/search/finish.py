"""The network that a search chose: trained whole, quantized, and proved on the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from torch import nn

from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case, case_of
from tinyrig.suite.models.export import export_onnx
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Record
from tinyrig.suite.reference.batched import run_batch
from tinyrig.suite.reference.boundary import int8_codes
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.space import Space
from tinyrig.suite.search.supernet import Lesson, Supernet
from tinyrig.suite.toolchain.toolchain import Toolchain
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.recipe import Recipe
from tinyrig.suite.training.train import Standing, accuracy, train

Progress = Callable[[str], None]
_CALIBRATION = 64
_BATCH = 64
INPUT, OUTPUT = "image", "logits"


class _LateError(Exception):
    """Ends a training."""


@dataclass(frozen=True, eq=False)
class Found:
    """A chosen network: its trial, its quantized model, its record and its test accuracies."""

    trial: Trial
    model: onnx.ModelProto
    record: Record
    floating: float
    integer: float
    images: int


def train_chosen(
    space: Space,
    supernet: Supernet,
    trial: Trial,
    lesson: Lesson,
    steps: int,
    progress: Progress,
    late: Callable[[], bool] = lambda: False,
) -> nn.Module:
    """Return the network of a trial, trained from its inherited weights and pruned on the way.

    When it gets late, what is left to prune is pruned at once.
    """
    network = supernet.path(trial.config)
    epochs = max(1, round(steps * lesson.recipe.batch / len(lesson.images)))

    def tell(standing: Standing) -> None:
        if standing.step % 50 == 0:
            progress(f"last training: step {standing.step} of {standing.steps}")
        if standing.step < standing.steps and late():
            raise _LateError

    recipe: Recipe = replace(lesson.recipe, epochs=epochs, warm_up=min(1.0, epochs / 4))
    place = lesson.folder / f"final-{trial.number}.ckpt"
    sparsity = space.sparsity(trial.config)
    try:
        train(network, lesson.images, recipe, sparsity=sparsity, checkpoint=place, progress=tell)
    except _LateError:
        progress("last training: ends early, for it is late")
        return supernet.pruned(network, trial.config)
    return network


def prove(
    network: nn.Module,
    trial: Trial,
    source: Source,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: Options,
    progress: Progress,
    late: Callable[[], bool] = lambda: False,
) -> Found:
    """Return a trained network quantized and run on the board, its accuracy on the test images.

    When it gets late, on the first of them.
    """
    progress("quantizing")
    model, case = quantized(network, source)
    progress("running on the board")
    samples = _samples(source.test.take(slice(0, 1)))
    named = [dict(zip(case.graph.inputs, one.values(), strict=True)) for one in samples]
    outcome = run_case(case, board, backend, toolchain, named, RunOptions(options), progress)
    progress("counting right answers")
    right, count = integer_answers(case, source.test, late)
    floating = accuracy(network, source.test.take(slice(0, count)))
    return Found(trial, model, outcome.record, floating, right / count, count)


def quantized(network: nn.Module, source: Source) -> tuple[onnx.ModelProto, Case]:
    """Return a network in QDQ form, calibrated on training images, and its case."""
    folded = getattr(network.eval(), "fold", None)
    if folded is not None:
        folded()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    images = source.training
    shape = (1, *images.shape)
    model = export_onnx(network, {INPUT: shape}, [OUTPUT], "network")
    qdq = quantize_static(model, _samples(images.take(slice(0, _CALIBRATION))))
    return qdq, case_of(qdq, "network")


def integer_answers(case: Case, images: Images, late: Callable[[], bool]) -> tuple[int, int]:
    """Return how many images the integer reference classifies rightly, and of how many.

    It ends after the first ones when it is late.
    """
    graph = case.graph
    (name,) = graph.inputs
    tensor = graph.tensors[name]
    right = count = 0
    for begin in range(0, len(images), _BATCH):
        part = images.values(slice(begin, begin + _BATCH)).reshape(-1, *tensor.shape)
        answers = run_batch(graph, {name: int8_codes(part, tensor.affine)})[graph.outputs[0]]
        classes = answers.reshape(len(part), -1).argmax(axis=1)
        right += int((classes == images.labels[begin : begin + _BATCH]).sum())
        count += len(part)
        if late():
            break
    return right, count


def _samples(images: Images) -> list[Sample]:
    return [{INPUT: np.ascontiguousarray(one[None])} for one in images.values()]


def place_of(folder: Path) -> Path:
    """Return where a search writes its network."""
    return folder / "network.onnx"
