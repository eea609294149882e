"""The sketch of a vision transformer of low rank."""

from __future__ import annotations

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.lowrank_vit import VitShape, rank_of
from tinyrig.suite.search.sketch import Sketch
from tinyrig.suite.search.sketch_dot import attention


def sketch_vit(shape: VitShape) -> Graph:
    """Return the integer graph of a network."""
    sketch = Sketch("vit", (1, shape.side, shape.side, shape.bands))
    planes = sketch.transpose(sketch.image, (0, 3, 1, 2))
    maps = sketch.conv(planes, shape.embed, shape.patch, stride=shape.patch, padding=0)
    maps = sketch.reshape(maps, (shape.embed, shape.tokens - 1))
    patches = sketch.transpose(maps, (1, 0))
    x = sketch.below(sketch.constant((1, shape.embed)), patches)
    x = sketch.add(x, sketch.constant((shape.tokens, shape.embed)))
    for block, heads in enumerate(shape.heads):
        width = heads * shape.width
        x = sketch.add(x, attention(sketch, sketch.layer_norm(x), heads, width, {}, ""))
        out = _layer(sketch, sketch.layer_norm(x), shape.hidden(block), shape.rank)
        out = _layer(sketch, sketch.table(out, "gelu"), shape.embed, shape.rank)
        x = sketch.add(x, out)
    x = sketch.layer_norm(sketch.first_row(x))
    return sketch.graph(sketch.linear(x, shape.classes))


def _layer(sketch: Sketch, x: str, outputs: int, share: float) -> str:
    rank = rank_of(share, sketch.shape(x)[-1], outputs)
    return sketch.linear(x if rank is None else sketch.linear(x, rank), outputs)
