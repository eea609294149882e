"""Along which axis the constants of products and norms are quantized: that of the channels."""

from __future__ import annotations

from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.source import Source, SourceNode


def channel_axes(source: Source) -> dict[str, int | None]:
    """Return the axis of every constant that a product reads; None for one scale in all.

    One scale for all where the constant has no channels (a batch of matrices, a vector, a gain of
    several axes), and where two products see others in it.
    """
    view = View(source)
    found: dict[str, set[int | None]] = {}
    for node in source.nodes:
        if node.op not in ("MatMul", "Gemm", "ConvTranspose", "LayerNormalization"):
            continue
        for slot, name in enumerate(node.inputs[:2]):
            value = view.constant(name)
            if value is not None:
                found.setdefault(name, set()).add(_axis(node, slot, value.shape))
    return {name: axes.pop() if len(axes) == 1 else None for name, axes in found.items()}


def _axis(node: SourceNode, slot: int, shape: tuple[int, ...]) -> int | None:
    rank = len(shape)
    if node.op == "LayerNormalization":
        return None
    if node.op == "ConvTranspose":
        return 1 if slot == 1 and node.integer("group", 1) == 1 else None
    if node.op == "Gemm":
        return None if slot == 0 else int(node.integer("transB", 0) == 0)
    if rank < 2 or any(extent != 1 for extent in shape[:-2]):
        return None
    return rank - 2 if slot == 0 else rank - 1
