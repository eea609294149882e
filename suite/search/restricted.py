"""A space in which some choices are fixed: what an ablation searches."""

from __future__ import annotations

from torch import nn

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.search.space import Choices, Config, Shared, Space, Value


class Restricted:
    """A space with choices fixed by name; a name that ends with a dot fixes all that begin so."""

    def __init__(self, space: Space, fixed: Config) -> None:
        self._space, self.name, self.frame = space, space.name, space.frame
        self.outer, self.inner = _fixed(space.outer, fixed), _fixed(space.inner, fixed)

    def supernet(self, outer: Config, seed: int) -> Shared:
        """See `Space`."""
        return self._space.supernet(outer, seed)

    def plain(self, config: Config, seed: int) -> nn.Module:
        """See `Space`."""
        return self._space.plain(config, seed)

    def sparsity(self, config: Config) -> dict[str, Sparsity]:
        """See `Space`."""
        return self._space.sparsity(config)

    def graph(self, config: Config) -> Graph:
        """See `Space`."""
        return self._space.graph(config)

    def words(self, config: Config) -> list[tuple[str, str]]:
        """See `Space`."""
        return self._space.words(config)


def _fixed(choices: Choices, fixed: Config) -> Choices:
    values: dict[str, Value] = {}
    for name in choices.values:
        for word, value in fixed.items():
            if name == word or (word.endswith(".") and name.startswith(word)):
                values[name] = value
    return choices.fixed(values)
