"""Which affine a float tensor gets when its QuantizeLinear stands further down.

Operators that move elements, limit them or scale them by a constant commute with the
quantization, so the affine behind them can be used before them with the same result.
"""

from __future__ import annotations

from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.graph.tensor import Affine

_WHOLE = frozenset(
    {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Resize"}
    | {"DepthToSpace", "SpaceToDepth"}
)
_PARTIAL = frozenset({"Slice", "Split", "Gather", "MaxPool", "GlobalMaxPool", "Relu", "Clip"})
_JOINING = frozenset({"Concat", "Pad"})


def resolve_targets(source: Source) -> dict[str, Affine]:
    """Return the affine of every activation that has one of its own or by its readers.

    A value whose readers ask for different affines has none.
    """
    consumers = source.consumers()
    shown = {value for _, value in source.outputs}
    targets: dict[str, Affine] = {}
    written = [name for node in reversed(source.nodes) for name in reversed(node.outputs) if name]
    for name in [*written, *source.inputs]:
        value = source.values[name]
        found = value.affine or _by_readers(source, value, consumers[name], targets, name in shown)
        if found is not None:
            targets[name] = found
    return targets


def _by_readers(
    source: Source,
    value: Value,
    readers: list[SourceNode],
    targets: dict[str, Affine],
    is_output: bool,
) -> Affine | None:
    wanted: set[Affine] = set()
    partial = open_ended = False
    for node in readers:
        found = _through(source, node, value, targets)
        open_ended |= found is None
        partial |= found is not None and node.op in _PARTIAL
        if found is not None:
            wanted.add(found)
    if len(wanted) != 1 or (partial and (open_ended or is_output)):
        return None
    return wanted.pop()


def _through(
    source: Source, node: SourceNode, value: Value, targets: dict[str, Affine]
) -> Affine | None:
    """Return the affine `node` asks of the value it reads, None when it asks for none."""
    if node.op in _WHOLE | _PARTIAL | _JOINING and not _is_between(node):
        behind = {targets.get(name) for name in node.outputs if name and name in targets}
        return behind.pop() if len(behind) == 1 else None
    target = targets.get(node.outputs[0])
    factor = scale_factor(source, node, value.name)
    if target is None or factor is None:
        return None
    return scaled_back(target, factor)


def scaled_back(affine: Affine, factor: float) -> Affine:
    """Return the affine whose codes, times a factor, have `affine`: mirrored where it is negative.

    Code q then becomes -1 - q, and none is lost.
    """
    zero = affine.zero_point if factor > 0 else -1 - affine.zero_point
    return Affine(affine.scale / abs(factor), zero)


def _is_between(node: SourceNode) -> bool:
    """Whether a Resize makes values that its input has not."""
    return node.op == "Resize" and node.text("mode", "nearest") != "nearest"


def scale_factor(source: Source, node: SourceNode, name: str) -> float | None:
    """Return the constant, not 0, by which a Mul or Div scales `name`, None for another node."""
    if node.op not in ("Mul", "Div") or node.inputs.count(name) != 1:
        return None
    slot = node.inputs.index(name)
    other = source.values[node.inputs[1 - slot]]
    if other.data is None or not other.is_scalar or (node.op == "Div" and slot == 1):
        return None
    factor = float(other.data.reshape(-1)[0])
    if not 1e-30 < abs(factor) < 1e30:
        return None
    return factor if node.op == "Mul" else 1.0 / factor
