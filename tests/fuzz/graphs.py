"""Random QDQ networks, each named by a seed and the blocks that are kept of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from frontends.qdq_models import Case
from fuzz import blocks_layout, blocks_products, blocks_rows
from fuzz.net import Net

BLOCKS = blocks_layout.BLOCKS | blocks_products.BLOCKS | blocks_rows.BLOCKS
_MOST_BLOCKS = 9


@dataclass(frozen=True)
class Recipe:
    """What a network is drawn from. Block `n` depends on the seed, `n` and the blocks before."""

    seed: int
    blocks: tuple[int, ...]

    def without(self, block: int) -> Recipe:
        return replace(self, blocks=tuple(n for n in self.blocks if n != block))


@dataclass(frozen=True)
class Network:
    """A drawn network: the model with its inputs, and the blocks it has."""

    recipe: Recipe
    case: Case
    made: tuple[str, ...]


def recipe(seed: int) -> Recipe:
    """Return the whole recipe of a seed."""
    count = int(np.random.default_rng((seed, 0)).integers(2, _MOST_BLOCKS + 1))
    return Recipe(seed, tuple(range(1, count + 1)))


def network(drawn: Recipe) -> Network:
    """Build the network of a recipe, the same on every machine."""
    net = Net(np.random.default_rng((drawn.seed, 1)), opset=21)
    for _ in range(net.some(1, 1, 1, 2, 3)):
        net.add_input(_input_shape(net))
    made = []
    for number in drawn.blocks:
        net.rng = np.random.default_rng((drawn.seed, 2, number))
        for _ in range(8):
            name = net.some(*BLOCKS)
            if BLOCKS[name](net) is not None:
                made.append(name)
                break
    net.rng = np.random.default_rng((drawn.seed, 3))
    return Network(drawn, net.finished(), tuple(made))


def _input_shape(net: Net) -> tuple[int, ...]:
    match net.some("image", "image", "sequence", "sequence", "signal", "matrix", "vector"):
        case "image":
            return (
                net.some(1, 1, 1, 2),
                net.between(1, 8),
                net.between(2, 12),
                net.between(2, 12),
            )
        case "sequence":
            return (net.some(1, 1, 1, 2), net.between(1, 20), net.between(1, 24))
        case "signal":
            return (1, net.between(1, 6), net.between(4, 64))
        case "matrix":
            return (net.between(1, 12), net.between(1, 40))
        case _:
            return (net.between(1, 300),)
