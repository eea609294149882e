"""Quantizers of a value: one that all readers are behind is the value's own, others stay apart.

A value that is read in float too, or through two quantizers, is none of their codes: each is a
Requantize of it.
"""

from __future__ import annotations

from dataclasses import replace

from tinyrig.generator.frontends.source import Source
from tinyrig.generator.graph.tensor import Affine


def settled(source: Source) -> Source:
    """Return the source without quantizers that say what another one says of the same value.

    An input that is an output is shown as the codes that it is given in.
    """
    shown = {value for _, value in source.outputs}.difference(source.inputs)
    values = dict(source.values)
    names: dict[str, str] = {}
    for name, readers in source.consumers().items():
        if values[name].data is not None or values[name].affine is not None:
            continue
        made: dict[Affine, str] = {}
        outs = [node.outputs[0] for node in readers if node.op == "Requantize"]
        for out in outs:
            affine = values[out].affine
            if affine is not None:
                names[out] = made.setdefault(affine, out)
        if len(made) == 1 and len(outs) == len(readers) and name not in shown:
            (affine,) = made
            values[name] = replace(values[name], affine=affine)
            names.update(dict.fromkeys(outs, name))
    dropped = {out for out, name in names.items() if out != name}
    return replace(
        source,
        values={name: value for name, value in values.items() if name not in dropped},
        nodes=tuple(
            replace(node, inputs=tuple(names.get(read, read) for read in node.inputs))
            for node in source.nodes
            if not (node.op == "Requantize" and node.outputs[0] in dropped)
        ),
        outputs=tuple((own, names.get(value, value)) for own, value in source.outputs),
    )
