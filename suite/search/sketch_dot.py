"""The sketch of a network of DoTs: node by node what its export becomes."""

from __future__ import annotations

from collections.abc import Mapping

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.dotnet import DotShape, Transformer
from tinyrig.suite.models.pruning import Sparsity
from tinyrig.suite.search.sketch import Sketch

_DENSE: Sparsity = (0.0, 4)


def sketch_dot(shape: DotShape, sparsity: Mapping[str, Sparsity]) -> Graph:
    """Return the integer graph of a network whose named layers have zero blocks."""
    sketch = Sketch("dotnet", (1, shape.side, shape.side, shape.bands))
    drawing = _Drawing(sketch, sparsity)
    x = sketch.transpose(sketch.image, (0, 3, 1, 2))
    place = 0
    for dot in shape.dots:
        x = sketch.conv(x, dot.channels, 3, stride=2 if dot.down == "conv" else 1)
        if dot.down == "pool":
            x = sketch.max_pool(x)
        place += 1
        for expansion in dot.mobile:
            x = drawing.mobile(x, f"body.{place}", expansion)
            place += 1
        for of in dot.transformers:
            x = drawing.transformer(x, f"body.{place}", of)
            place += 1
    x = drawing.pooled(x) if shape.pooling == "seq" else sketch.mean(x, (2, 3))
    if shape.last:
        x = sketch.linear(x, shape.last, sparsity.get("last", _DENSE))
    return sketch.graph(sketch.linear(x, shape.classes))


class _Drawing:
    def __init__(self, sketch: Sketch, sparsity: Mapping[str, Sparsity]) -> None:
        self._sketch, self._sparsity = sketch, sparsity

    def mobile(self, x: str, name: str, expansion: int) -> str:
        """Draw an inverted residual."""
        sketch, channels = self._sketch, self._sketch.shape(x)[1]
        wide = channels * expansion
        out = self._point(x, wide, f"{name}.layers.0")
        out = sketch.conv(out, wide, 3, groups=wide)
        return sketch.add(x, self._point(out, channels, f"{name}.layers.2"))

    def transformer(self, x: str, name: str, of: Transformer) -> str:
        """Draw a transformer module."""
        sketch = self._sketch
        _, channels, rows, columns = sketch.shape(x)
        out = x if of.kernel == 1 else sketch.conv(x, channels, of.kernel)
        out = self._point(out, of.embed, f"{name}.embed")
        out = sketch.reshape(out, (of.embed, rows * columns))
        tokens = sketch.transpose(out, (1, 0))
        tokens = self._encoder(tokens, f"{name}.encoder", of)
        maps = sketch.reshape(sketch.transpose(tokens, (1, 0)), (1, of.embed, rows, columns))
        out = self._point(maps, channels, f"{name}.project")
        return out if of.kernel == 1 else sketch.conv(out, channels, of.kernel)

    def pooled(self, x: str) -> str:
        """Draw the pooling of tokens by their scores."""
        sketch = self._sketch
        _, channels, rows, columns = sketch.shape(x)
        tokens = sketch.reshape(x, (1, channels, rows * columns))
        tokens = sketch.transpose(tokens, (0, 2, 1))
        scores = sketch.transpose(sketch.linear(tokens, 1), (0, 2, 1))
        return sketch.reshape(sketch.matmul(sketch.softmax(scores), tokens), (1, channels))

    def _point(self, x: str, channels: int, name: str) -> str:
        sparsity = self._sparsity.get(f"{name}.conv", _DENSE)
        return self._sketch.conv(x, channels, 1, sparsity=sparsity)

    def _linear(self, x: str, width: int, name: str) -> str:
        return self._sketch.linear(x, width, self._sparsity.get(name, _DENSE))

    def _encoder(self, x: str, name: str, of: Transformer) -> str:
        sketch = self._sketch
        width = of.embed // of.heads * of.heads
        attended = attention(
            sketch, sketch.layer_norm(x), of.heads, width, self._sparsity, f"{name}.mhsa"
        )
        x = sketch.add(x, attended)
        out = self._linear(sketch.layer_norm(x), of.ratio * of.embed, f"{name}.ff.up")
        return sketch.add(x, self._linear(out, of.embed, f"{name}.ff.down"))


def attention(
    sketch: Sketch, x: str, heads: int, width: int, sparsity: Mapping[str, Sparsity], name: str
) -> str:
    """Draw multi-head self-attention on x [S, E], `width` of all heads together."""
    tokens, embed = sketch.shape(x)
    parts = [sketch.linear(x, width, sparsity.get(f"{name}.{part}", _DENSE)) for part in "qkv"]
    q, k, v = (sketch.reshape(part, (tokens, heads, width // heads)) for part in parts)
    q = sketch.transpose(q, (1, 0, 2))
    k = sketch.transpose(k, (1, 2, 0))
    v = sketch.transpose(v, (1, 0, 2))
    out = sketch.matmul(sketch.softmax(sketch.matmul(q, k)), v)
    out = sketch.reshape(sketch.transpose(out, (1, 0, 2)), (tokens, width))
    return sketch.linear(out, embed, sparsity.get(f"{name}.out", _DENSE))
