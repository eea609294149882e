"""A space of networks: named choices, and what becomes of one value of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor, nn

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.pruning import Sparsity

Value = int | float | str
Config = Mapping[str, Value]
"""One value of every choice: a candidate."""


@dataclass(frozen=True)
class Frame:
    """What the data say of every network: the images and the classes."""

    side: int
    bands: int
    classes: int


@dataclass(frozen=True)
class Choices:
    """The values that each name may have."""

    values: Mapping[str, tuple[Value, ...]]

    def __post_init__(self) -> None:
        empty = [name for name, values in self.values.items() if not values]
        if empty:
            raise InputError(f"A choice needs a value: {', '.join(empty)} has none.")

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return math.prod(len(values) for values in self.values.values())

    def draw(self, rng: np.random.Generator) -> dict[str, Value]:
        """Return a value of each, all equally likely."""
        return {name: values[rng.integers(len(values))] for name, values in self.values.items()}

    def fixed(self, values: Config) -> Choices:
        """Return the choices with one value left where `values` names one."""
        return Choices({n: (values[n],) if n in values else v for n, v in self.values.items()})


class Shared(Protocol):
    """The weights that the candidates of a supernet share."""

    def parameters(self) -> list[nn.Parameter]:
        """Return all of them, to be trained."""
        ...

    def forward(
        self, config: Config, pixels: Tensor, sparsity: Mapping[str, Sparsity] = ...
    ) -> Tensor:
        """Run a candidate on images, in training mode, without the blocks that it is to lose."""
        ...

    def extract(self, config: Config) -> nn.Module:
        """Return a candidate as a plain module with a copy of its weights."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Return everything shared, by name."""
        ...

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take everything shared from `state`."""
        ...


class Space(Protocol):
    """A space of networks for images of a frame.

    `outer` are the choices that make a supernet, `inner` those of a candidate in it. A user's own
    space is one module with a function `space(frame)` that returns one.
    """

    name: str
    frame: Frame
    outer: Choices
    inner: Choices

    def supernet(self, outer: Config, seed: int) -> Shared:
        """Return seeded weights for all candidates with these outer values."""
        ...

    def plain(self, config: Config, seed: int) -> nn.Module:
        """Return a candidate with seeded weights."""
        ...

    def sparsity(self, config: Config) -> dict[str, Sparsity]:
        """Return which layers of the plain network lose blocks, and how many."""
        ...

    def graph(self, config: Config) -> Graph:
        """Return the integer graph of a candidate, drawn constants in place of trained ones."""
        ...

    def words(self, config: Config) -> list[tuple[str, str]]:
        """Return a candidate's parts and what they are, for people."""
        ...
