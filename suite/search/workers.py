"""The workers of a Dask cluster, which measure the candidates of a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.bench.cluster import connected, source_key
from tinyrig.suite.search.space import Config, Space
from tinyrig.suite.search.supernet import Lesson, Supernet


class Workers:
    """Measures candidates where they have room; the answers come in the order that was asked."""

    def __init__(self, scheduler: str, space: Space, lesson: Lesson) -> None:
        """Send every worker the space and the images once.

        MissingToolError without Dask, InputError for an address that is none, BrokenRunError when
        nobody answers there or no worker is there.
        """
        self._client = connected(scheduler)
        self.count = sum(self._client.nthreads().values())
        if not self.count:
            self._client.close()
            raise BrokenRunError(
                f"The Dask scheduler at {scheduler} has no worker: start one with `dask worker "
                f"{scheduler} --nthreads 1`."
            )
        self._shared = self._sent((space, lesson))

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def accuracies(
        self, outer: Config, state: Mapping[str, Tensor], configs: Sequence[Config], tuned: int
    ) -> Iterator[float]:
        """Yield the accuracy of each candidate of the supernet that has these weights."""
        weights = self._sent(dict(state))
        futures = [
            self._client.submit(
                measured,
                self._shared,
                dict(outer),
                weights,
                dict(config),
                tuned,
                source_key(),
                pure=False,
            )
            for config in configs
        ]
        try:
            for future in futures:
                yield _answer(future)
        finally:
            self._client.cancel(futures)

    def _sent(self, value: object) -> Any:
        # In a list, for the items of a dict or tuple would each be sent by themselves.
        (future,) = self._client.scatter([value], broadcast=True, hash=False)
        return future


def measured(
    shared: tuple[Space, Lesson],
    outer: Config,
    state: Mapping[str, Tensor],
    config: Config,
    tuned: int,
    key: str,
) -> float:
    """Measure a candidate on a worker, on as many of PyTorch's threads as a task has cores.

    BrokenRunError when the worker's tinyrig is not the one whose `source_key` is given.
    """
    if source_key() != key:
        raise BrokenRunError("A worker runs another tinyrig than the one that asked.")
    torch.set_num_threads(1)
    space, lesson = shared
    return Supernet(space, outer, lesson, state).measured(config, tuned)


def _answer(future: Any) -> float:
    distributed = import_module("distributed")
    try:
        return float(future.result())
    except (distributed.client.FutureCancelledError, distributed.KilledWorker) as error:
        raise BrokenRunError(f"The cluster lost a candidate: {error}.") from error
