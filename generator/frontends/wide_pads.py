"""Convolutions with windows wholly in their padding: cells of it are made first, by a Pad."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.frontends.source import Source, SourceNode, Value


def pads_apart(source: Source) -> Source:
    """Return the source with such a Conv as a Pad and a Conv without pads; kernels need no more."""
    values = dict(source.values)
    nodes: list[SourceNode] = []
    for node in source.nodes:
        pads = node.integers("pads") if node.op.partition("+")[0] == "Conv" else None
        weight = values[node.inputs[1]] if pads else None
        if pads is None or weight is None or not _is_wide(node, pads, weight.shape[2:]):
            nodes.append(node)
            continue
        x = values[node.inputs[0]]
        axes = len(pads) // 2
        begins, ends = pads[:axes], pads[axes:]
        inner = (n + a + b for n, a, b in zip(x.shape[2:], begins, ends, strict=True))
        name, sizes = f"{node.outputs[0]}:padded", f"{node.outputs[0]}:pads"
        values[sizes] = Value(sizes, (2 * axes + 4,), np.array([0, 0, *begins, 0, 0, *ends]))
        values[name] = Value(name, (*x.shape[:2], *inner), affine=x.affine)
        nodes.append(SourceNode("Pad", f"{node.name}.pad", (x.name, sizes), (name,)))
        attributes = {**node.attributes, "pads": (0,) * len(pads)}
        nodes.append(replace(node, inputs=(name, *node.inputs[1:]), attributes=attributes))
    return replace(source, values=values, nodes=tuple(nodes))


def _is_wide(node: SourceNode, pads: tuple[int, ...], kernel: tuple[int, ...]) -> bool:
    apart = node.integers("dilations") or (1,) * len(kernel)
    reach = [(size - 1) * step + 1 for size, step in zip(kernel, apart, strict=True)]
    return len(pads) == 2 * len(kernel) and any(
        pad >= size for pad, size in zip(pads, reach * 2, strict=True)
    )
