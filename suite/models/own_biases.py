"""A bias of its own for every product: ONNX Runtime's quantizer copies one that several read.

It numbers the copies by the bias's name alone, and may so call one as another tensor is called.
"""

from __future__ import annotations

from dataclasses import replace

from tinyrig.generator.frontends.source import Source

_BIAS = {"Conv": 2, "ConvTranspose": 2, "Gemm": 2}


def with_own_biases(source: Source) -> Source:
    """Return a float source in which no constant is the bias of two products."""
    values, nodes, taken = dict(source.values), [], set[str]()
    for node in source.nodes:
        slot = _BIAS.get(node.op, 0)
        name = node.input(slot) if slot else ""
        if name not in taken:
            taken.update(filter(None, (name,)))
            nodes.append(node)
            continue
        own = f"{node.outputs[0]}:bias"
        values[own] = replace(values[name], name=own)
        inputs = (*node.inputs[:slot], own, *node.inputs[slot + 1 :])
        nodes.append(replace(node, inputs=inputs))
    return replace(source, nodes=tuple(nodes), values=values)
