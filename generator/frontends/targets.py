"""Which affine a float tensor gets when its QuantizeLinear stands further down.

Operators that move elements, limit them or scale them by a constant commute with the
quantization, so the affine behind them can be used before them with the same result. Where a
value has readers behind no quantizer as well, it takes an affine only if that cuts nothing off
for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from tinyrig.generator.frontends.bounds import Bounds, Interval, span_of
from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.graph.quantization import fit_range
from tinyrig.generator.graph.tensor import Affine

_WHOLE = frozenset(
    {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Resize"}
    | {"DepthToSpace", "SpaceToDepth"}
)
_PARTIAL = frozenset({"Slice", "Split", "Gather", "MaxPool", "GlobalMaxPool", "Relu", "Clip"})
_JOINING = frozenset({"Concat", "Pad"})
_COARSEST = 2.0
"""How many steps of a quantizer one before it may have: two roundings are within two steps."""


def resolve_targets(
    source: Source, seen: Mapping[str, Interval] | None = None
) -> dict[str, Affine]:
    """Return the affine of every activation that has one of its own or by its readers.

    A value whose readers ask for affines that no single one can stand for has none. `seen` are
    ranges that calibration observed, by name.
    """
    return _Resolving(source, seen or {}).targets()


def precise_enough(affine: Affine, wanted: Collection[Affine]) -> bool:
    """Whether what is rounded to an affine first can be quantized to each of those wanted."""
    return all(affine.scale <= _COARSEST * one.scale for one in wanted)


def may_drop(inner: Affine, outer: Affine, added: Interval = (0.0, 0.0)) -> bool:
    """Whether a quantizer between two operators that become one shows nothing behind them.

    It does where it rounds to more than two steps of the outer one, and where it clips what that
    one could show after one of the constants within `added` is put to it: the greatest raises the
    least that is left, the least lowers the most.
    """
    low, high = span_of(inner)
    least, most = span_of(outer)
    # A calibrated range is rounded to whole steps at its ends.
    slack = inner.scale + outer.scale
    clips = least < low + added[1] - slack or most > high + added[0] + slack
    return precise_enough(inner, [outer]) and not clips


class _Resolving:
    """The targets of one source, found from its outputs on."""

    def __init__(self, source: Source, seen: Mapping[str, Interval]) -> None:
        self._source = source
        self._seen = seen
        self._found: dict[str, Affine] = {}

    def targets(self) -> dict[str, Affine]:
        """Return the affine of every value that has one."""
        consumers = self._source.consumers()
        # An input that is an output is shown as the codes that it is given in.
        shown = {value for _, value in self._source.outputs}.difference(self._source.inputs)
        nodes = reversed(self._source.nodes)
        written = [name for node in nodes for name in reversed(node.outputs) if name]
        for name in [*written, *self._source.inputs]:
            value = self._source.values[name]
            found = value.affine or self._by_readers(value, consumers[name], name in shown)
            if found is not None:
                self._found[name] = found
        return self._found

    @cached_property
    def _bounds(self) -> Bounds:
        return Bounds(self._source, self._seen)

    def _by_readers(
        self, value: Value, readers: list[SourceNode], is_output: bool
    ) -> Affine | None:
        wanted = wanted_of(self._source, value, readers, self._found)
        joint = _joint([one for one in wanted if one is not None])
        if joint is None or not (is_output or None in wanted):
            return joint
        interval = self._bounds.of(value.name)
        return joint if interval is not None and _covers(joint, interval, joint.scale) else None


def wanted_of(
    source: Source, value: Value, readers: list[SourceNode], targets: Mapping[str, Affine]
) -> set[Affine | None]:
    """Return the affines that readers ask of a value they read; None is in it where one asks none.

    A reader of several outputs, not all of them quantized alike, asks for each.
    """
    return {found for node in readers for found in _through(source, node, value, targets)}


def _joint(wanted: list[Affine]) -> Affine | None:
    """Return an affine that can be quantized to every one wanted, one of them where possible."""
    for one in sorted(set(wanted), key=lambda affine: affine.scale, reverse=True):
        covered = all(_covers(one, span_of(other), other.scale) for other in wanted)
        if covered and precise_enough(one, wanted):
            return one
    if not wanted:
        return None
    low, high = zip(*(span_of(one) for one in wanted), strict=True)
    hull = fit_range(min(low), max(high))
    return hull if precise_enough(hull, wanted) else None


def _covers(affine: Affine, interval: Interval, slack: float) -> bool:
    """Whether an affine cuts nothing off an interval, or less than `slack`."""
    low, high = span_of(affine)
    return low <= interval[0] + slack and interval[1] <= high + slack


def _through(
    source: Source, node: SourceNode, value: Value, targets: Mapping[str, Affine]
) -> set[Affine | None]:
    """Return the affines `node` asks of the value it reads, None for an output without one."""
    moves = node.op in _WHOLE | _PARTIAL | _JOINING and not _is_between(node)
    if moves or node.op == "Requantize":
        return {targets.get(name) for name in node.outputs if name}
    target = targets.get(node.outputs[0])
    factor = scale_factor(source, node, value.name)
    if target is None or factor is None:
        return {None}
    return {scaled_back(target, factor)}


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
