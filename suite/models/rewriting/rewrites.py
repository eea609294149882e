"""Which rewrites the options ask for, and their application."""

from __future__ import annotations

from dataclasses import dataclass

import onnx

from tinyrig.generator.options import FusedWeights, Options
from tinyrig.suite.models.rewriting.fused_weights import fuse_weights
from tinyrig.suite.models.rewriting.low_rank import factor_layers


@dataclass(frozen=True)
class Rewrites:
    """The settings of the rewrites alone; the default leaves a model as it is."""

    fused_weights: FusedWeights = "never"
    low_rank: float = 1.0

    @property
    def key(self) -> str:
        """A word for each that is on, empty when none is."""
        words = [] if self.fused_weights == "never" else [f"fused-weights={self.fused_weights}"]
        return "+".join(words + ([f"low-rank={self.low_rank:g}"] if self.low_rank < 1.0 else []))

    def apply(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """Return the rewritten float model. Fusing comes first: its layers may be factored."""
        if self.fused_weights != "never":
            model = fuse_weights(model, always=self.fused_weights == "always")
        return factor_layers(model, self.low_rank) if self.low_rank < 1.0 else model


def rewrites_of(options: Options) -> Rewrites:
    """Return the rewrites that options ask for."""
    return Rewrites(options.fused_weights, options.low_rank)
