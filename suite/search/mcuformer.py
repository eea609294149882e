"""MCUFormer's space: a vision transformer whose MLPs are of low rank, whose weights are entangled.

All candidates of a supernet take the leading rows and columns of the largest one's weights, as in
AutoFormer. Rank and patch size are the supernet's own.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import cast

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.toml_text import load_toml
from tinyrig.suite.models.lowrank_vit import LowRankVit, VitShape, rank_of
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.search.sharing import SharedWeights
from tinyrig.suite.search.sketch_vit import sketch_vit
from tinyrig.suite.search.space import Choices, Config, Frame, Shared, Value

_FILE = Path(__file__).with_name("mcuformer.toml")
_SMALL, _MEDIUM = 16, 32


class McuFormerSpace:
    """The space of `mcuformer.toml` for images of a frame."""

    name = "mcuformer"

    def __init__(self, frame: Frame, *, composed: bool = False) -> None:
        """Take the space; `composed`, of one supernet for all ranks and patch sizes."""
        self.frame = frame
        table = load_toml(_FILE, "search space")
        sizes = {**table["outer"], **table["inner"], **table["size"]}
        if frame.side <= _MEDIUM:
            sizes |= table["small" if frame.side <= _SMALL else "medium"]
        self._width = int(sizes["width"])
        self.outer = Choices({name: tuple(sizes[name]) for name in table["outer"]})
        inner: dict[str, tuple[Value, ...]] = {
            name: tuple(sizes[name]) for name in ("embed", "depth")
        }
        for block in range(max(cast("list[int]", sizes["depth"]))):
            inner[f"heads.{block}"] = tuple(sizes["heads"])
            inner[f"ratio.{block}"] = tuple(sizes["ratio"])
        self.inner = Choices(inner)
        if composed:
            self.outer, self.inner = Choices({}), Choices({**self.outer.values, **inner})

    def shape(self, config: Config) -> VitShape:
        """Return a candidate's network."""
        frame, blocks = self.frame, range(int(config["depth"]))
        return VitShape(
            side=frame.side,
            bands=frame.bands,
            classes=frame.classes,
            patch=int(config["patch"]),
            embed=int(config["embed"]),
            heads=tuple(int(config[f"heads.{block}"]) for block in blocks),
            ratios=tuple(float(config[f"ratio.{block}"]) for block in blocks),
            rank=float(config["rank"]),
            width=self._width,
        )

    def supernet(self, outer: Config, seed: int) -> Shared:
        """Return the seeded weights of the largest candidate, and of whole and split layers."""
        values = self.inner.values
        most = {name: max(cast("tuple[float, ...]", v)) for name, v in values.items()}
        blocks = [name for name in values if name.startswith("ratio.")]
        largest: list[Config] = []
        axes = {name: values[name] for name in ("rank", "patch", "embed") if name in values}
        for chosen in product(*axes.values(), values["ratio.0"]):
            some = dict(zip(axes, chosen, strict=False))
            largest.append({**outer, **most, **some, **dict.fromkeys(blocks, chosen[-1])})
        return SharedWeights(lambda config: self.plain(config, seed), lambda _, n: n, largest)

    def plain(self, config: Config, seed: int) -> LowRankVit:
        """Return a candidate with seeded weights."""
        return LowRankVit(self.shape(config), Weights(seed))

    def sparsity(self, config: Config) -> dict[str, Sparsity]:
        """Return nothing: these networks are dense."""
        del config
        return {}

    def graph(self, config: Config) -> Graph:
        """Return the integer graph of a candidate, drawn constants in place of trained ones."""
        return sketch_vit(self.shape(config))

    def words(self, config: Config) -> list[tuple[str, str]]:
        """Return a candidate's parts and what they are, for people."""
        shape = self.shape(config)
        found = [
            ("patches", f"{shape.patch} x {shape.patch} pixels, {shape.tokens} tokens"),
            ("embedding", str(shape.embed)),
            ("rank", f"{shape.rank:g} of the smaller side"),
        ]
        for block, heads in enumerate(shape.heads):
            hidden = shape.hidden(block)
            rank = rank_of(shape.rank, shape.embed, hidden)
            split = "whole" if rank is None else f"of rank {rank}"
            found.append((f"block {block}", f"{heads} heads, an MLP of {hidden}, {split}"))
        return found


def space(frame: Frame) -> McuFormerSpace:
    """Return the space for images of a frame."""
    return McuFormerSpace(frame)
