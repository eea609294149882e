"""A model's classes for labelled images, found in three ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.data.images import Images, Source
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.fall import Drop, drops
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.measuring import boot_image
from tinyrig.suite.rig.oracle import oracle_outputs
from tinyrig.suite.rig.verdict import answers, sample_bytes
from tinyrig.suite.studies.accuracy.feeding import Feeding
from tinyrig.suite.studies.accuracy.share import Share

Classes = NDArray[np.int64]
Progress = Callable[[str], None]
_BATCH = 64
_DROP_SAMPLES = 8


@dataclass(frozen=True, eq=False)
class Answers:
    """The classes found for the first images of a source, by who found them.

    `labels` are right. `firmware` has fewer, for the first images; none were booted where it is
    empty. `firmware_equal` says whether its output bytes are the reference's.
    """

    model: str
    source: Source
    labels: Classes
    floating: Classes
    reference: Classes
    firmware: Classes
    firmware_equal: bool
    costs: tuple[Drop, ...]

    def share(self, found: Classes) -> Share:
        """Return how often classes found for the first images are right."""
        return Share(int((found == self.labels[: len(found)]).sum()), len(found))

    def confusion(self, found: Classes) -> NDArray[np.int64]:
        """Return how often an image of a class (row) was taken for one (column)."""
        count = len(self.source.classes)
        table = np.zeros((count, max(count, int(found.max(initial=0)) + 1)), np.int64)
        np.add.at(table, (self.labels[: len(found)], found), 1)
        return table


def measure(
    case: Case,
    source: Source,
    feeding: Feeding,
    firmware: Firmware,
    backend: Backend,
    *,
    images: int | None,
    boots: int,
    budget: int,
    progress: Progress,
) -> Answers:
    """Classify images in float and in integers, boot the firmware with the first, and compare."""
    from tinyrig.suite.reference.batched import run_batch

    chosen = source.test if images is None else source.test.take(slice(0, images))
    graph = firmware.plan.graph
    floating, reference = list[Classes](), list[NDArray[np.int8]]()
    for begin in range(0, len(chosen), _BATCH):
        progress(f"classifying image {begin + 1} of {len(chosen)}")
        part = chosen.values(slice(begin, begin + _BATCH))
        floating.append(_float_classes(case, feeding.reals(part)))
        codes = run_batch(graph, {graph.inputs[0]: feeding.codes(case, part)})
        reference.append(codes[graph.outputs[0]].reshape(len(part), -1))
    integers = np.concatenate(reference)
    booted = _booted(case, graph, firmware, backend, feeding, chosen, boots, budget, progress)
    progress("comparing layers")
    return Answers(
        model=case.name,
        source=source,
        labels=chosen.labels,
        floating=np.concatenate(floating),
        reference=integers.argmax(axis=1),
        firmware=booted.argmax(axis=1) if len(booted) else np.empty(0, np.int64),
        firmware_equal=bool((booted == integers[: len(booted)]).all()),
        costs=_costs(case, graph, feeding, chosen),
    )


def _float_classes(case: Case, reals: NDArray[np.float32]) -> Classes:
    samples = [{case.graph.inputs[0]: one} for one in reals]
    outputs = oracle_outputs(case.oracle_model, samples)
    return np.array([one[0].reshape(-1).argmax() for one in outputs], np.int64)


def _booted(
    case: Case,
    graph: Graph,
    firmware: Firmware,
    backend: Backend,
    feeding: Feeding,
    images: Images,
    boots: int,
    budget: int,
    progress: Progress,
) -> NDArray[np.int8]:
    found = []
    board = firmware.plan.board
    for index, real in enumerate(feeding.reals(images.values(slice(0, boots)))):
        progress(f"booting image {index + 1} of {min(boots, len(images))}")
        sample = sample_bytes(graph, {graph.inputs[0]: real})
        boot = boot_image(backend, firmware.clean, board, case.name, sample, budget, profile=False)
        codes = answers(graph, boot.transcript.outputs)
        found.append(codes[graph.outputs[0]].reshape(-1))
    return np.stack(found) if found else np.empty((0, 1), np.int8)


def _costs(case: Case, graph: Graph, feeding: Feeding, images: Images) -> tuple[Drop, ...]:
    """Return the layers that take most off the SQNR, the mean of a few images, largest first."""
    found: dict[str, list[Drop]] = {}
    for real in feeding.reals(images.values(slice(0, _DROP_SAMPLES))):
        for drop in drops(case, graph, {graph.inputs[0]: real}):
            found.setdefault(drop.layer, []).append(drop)
    means = [
        Drop(
            layer,
            parts[0].op,
            float(np.mean([part.before_db for part in parts])),
            float(np.mean([part.behind_db for part in parts])),
        )
        for layer, parts in found.items()
    ]
    return tuple(sorted(means, key=lambda drop: drop.behind_db - drop.before_db))
