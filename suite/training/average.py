"""The running average of a network's weights, which generalises better than its last ones."""

from __future__ import annotations

from torch import Tensor, nn

_WARM = 10
"""A step leaves at most (1 + n) / (10 + n) of the average, so that it forgets the seeds soon."""


class Average:
    """The exponential average of every number of a network's state, statistics included."""

    def __init__(self, network: nn.Module, left: float) -> None:
        self._left = left
        self.values = {name: value.detach().clone() for name, value in _numbers(network).items()}

    def take(self, network: nn.Module, step: int) -> None:
        """Add what the network is behind a step."""
        left = min(self._left, (1 + step) / (_WARM + step))
        for name, value in _numbers(network).items():
            self.values[name].lerp_(value, 1.0 - left)

    def give(self, network: nn.Module) -> None:
        """Make the network what it was on average."""
        network.load_state_dict(self.values, strict=False)


def _numbers(network: nn.Module) -> dict[str, Tensor]:
    state = network.state_dict()
    return {name: value for name, value in state.items() if value.is_floating_point()}
