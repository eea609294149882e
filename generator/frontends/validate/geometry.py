"""Operators against the shapes they are given: what each may ask of its operands.

ONNX's own inference lets through much that no implementation can run (a Conv whose groups do not
divide its channels, a Transpose of three axes of four). One rule a concept, one line an operator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.recurrent import GATES

# Windows, strides and pads are 16-bit numbers to a kernel.
_LARGEST_STEP = 2**15 - 1


@dataclass(frozen=True, eq=False)
class Site:
    """A node with its operands, None where one is absent."""

    node: SourceNode
    operands: tuple[Value | None, ...]

    def shape(self, slot: int) -> tuple[int, ...]:
        """Return an operand's shape. Raises InputError when it is absent."""
        value = self.operands[slot] if slot < len(self.operands) else None
        if value is None:
            raise InputError(f"{self.node} lacks its input {slot}.")
        return value.shape

    def constant(self, slot: int) -> Value | None:
        """Return a constant operand, None when it is absent or computed at run time."""
        value = self.operands[slot] if slot < len(self.operands) else None
        return value if value is not None and value.data is not None else None

    def numbers(self, slot: int, what: str) -> tuple[int, ...] | None:
        """Return a constant list of integers, None when it is absent or not constant."""
        value = self.constant(slot)
        if value is None or value.data is None:
            return None
        self.require(value.data.dtype.kind in "iu", f"{what} that are not integers", "integers")
        self.require(value.data.ndim == 1, f"{what} of shape {list(value.shape)}", "a list")
        return tuple(int(item) for item in value.data)

    def require(self, condition: bool, found: str, allowed: str) -> None:
        """Raise InputError naming the node unless `condition` holds."""
        if not condition:
            raise InputError(f"{self.node} has {found}; allowed: {allowed}.")


Rule = Callable[[Site], None]


def check_geometry(node: SourceNode, operands: Sequence[Value | None]) -> None:
    """Raise InputError, naming the node, when it cannot run on operands of these shapes."""
    site = Site(node, tuple(operands))
    for key, value in node.attributes.items():
        numbers = value if isinstance(value, tuple) else (value,)
        finite = all(math.isfinite(n) for n in numbers if isinstance(n, float))
        site.require(finite, f"the attribute {key} = {value}", "finite numbers")
    for operand in site.operands:
        if operand is not None and _holds_nan(operand):
            raise InputError(f"{node} reads the constant {operand.name!r}, which holds NaN.")
    for rule in RULES.get(node.op, ()):
        rule(site)


def _holds_nan(value: Value) -> bool:
    data = value.data
    return data is not None and data.dtype.kind == "f" and bool(np.isnan(data).any())


def check_outputs(
    node: SourceNode, operands: Sequence[Value | None], shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise InputError when the shapes found for a node's outputs do not hold its input."""
    site = Site(node, tuple(operands))
    if node.op in _SAME_COUNT:
        before, after = site.shape(0), shapes[node.outputs[0]]
        site.require(
            math.prod(before) == math.prod(after),
            f"an input of shape {list(before)} ({math.prod(before)} elements) and an output of "
            f"shape {list(after)} ({math.prod(after)})",
            "shapes of as many elements",
        )
    if node.op == "Split":
        axis = node.integer("axis", 0)
        extents = [shapes[name][axis] for name in node.outputs if name]
        site.require(
            sum(extents) == site.shape(0)[axis] and all(node.outputs),
            f"parts of extents {extents} along axis {axis} of {list(site.shape(0))}",
            "parts that together are the axis",
        )
    if node.op == "Gemm" and len(site.operands) > 2 and site.operands[2] is not None:
        shape, out = site.shape(2), shapes[node.outputs[0]]
        site.require(
            _broadcasts(shape, out), f"a bias of {list(shape)}", f"shapes into {list(out)}"
        )


def _broadcasts(shape: Sequence[int], target: Sequence[int]) -> bool:
    """Whether a shape broadcasts to the target without changing it."""
    aligned = target[len(target) - len(shape) :] if len(shape) <= len(target) else ()
    return len(aligned) == len(shape) and all(
        own in (1, extent) for own, extent in zip(shape, aligned, strict=True)
    )


_SAME_COUNT = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"})


def _axis(default: int, beyond: int = 0) -> Rule:
    """Return the rule that the attribute axis is one of the input's, or up to `beyond` after."""

    def rule(site: Site) -> None:
        rank = len(site.shape(0))
        axis = site.node.integer("axis", default)
        site.require(-rank <= axis < rank + beyond, f"axis {axis} on rank {rank}", "its own axes")

    return rule


def _axes(slot: int, inserted: bool = False) -> Rule:
    """Return the rule that axes (attribute or input `slot`) are the tensor's, each once."""

    def rule(site: Site) -> None:
        axes = site.node.integers("axes")
        axes = site.numbers(slot, "axes") if axes is None else axes
        if axes is None:
            return
        rank = len(site.shape(0)) + (len(axes) if inserted else 0)
        inside = all(-rank <= axis < rank for axis in axes)
        site.require(inside, f"axes {list(axes)} on rank {rank}", "axes of the tensor")
        distinct = len({axis % rank for axis in axes}) == len(axes)
        site.require(distinct, f"axes {list(axes)}, one of them twice", "distinct axes")

    return rule


def _squeeze(site: Site) -> None:
    axes = site.node.integers("axes")
    axes = site.numbers(1, "axes") if axes is None else axes
    shape = site.shape(0)
    ones = all(shape[axis] == 1 for axis in axes or ())
    site.require(ones, f"axes {list(axes or ())} on shape {list(shape)}", "axes of extent 1")


def _image(site: Site) -> None:
    shape = site.shape(0)
    site.require(len(shape) >= 3, f"an input of shape {list(shape)}", "[N, C, ...] with an image")


def _window(site: Site) -> None:
    """Kernel, strides, dilations and pads: one entry an axis, in range."""
    axes = len(site.shape(0)) - 2
    for key, count, least in (
        ("kernel_shape", axes, 1),
        ("strides", axes, 1),
        ("dilations", axes, 1),
        ("pads", 2 * axes, 0),
    ):
        numbers = site.node.integers(key)
        if numbers is None or (not numbers and key != "kernel_shape"):
            continue
        site.require(
            len(numbers) == count and all(least <= n <= _LARGEST_STEP for n in numbers),
            f"{key} {list(numbers[:8])} on an image of {axes} axes",
            f"{count} numbers of {least} to {_LARGEST_STEP}",
        )


def _pool(site: Site) -> None:
    given = site.node.integers("kernel_shape")
    site.require(bool(given), "no kernel_shape", "one number an image axis")


def _conv(site: Site) -> None:
    x, weight = site.shape(0), site.shape(1)
    site.require(
        len(weight) == len(x) and all(weight),
        f"a weight of shape {list(weight)} on an input of shape {list(x)}",
        "[out, in / group, kernel...] of the input's rank",
    )
    kernel = site.node.integers("kernel_shape")
    site.require(
        not kernel or kernel == weight[2:],
        f"kernel_shape {list(kernel or ())} and a weight of shape {list(weight)}",
        "the weight's own kernel",
    )
    group = site.node.integer("group", 1)
    site.require(
        group > 0 and x[1] % group == 0 and weight[0] % group == 0 and weight[1] * group == x[1],
        f"group {group} with {x[1]} input channels and a weight of shape {list(weight)} "
        f"(outputs, inputs of a group, kernel)",
        "a group that divides inputs and outputs, with a weight of inputs / group",
    )
    bias = site.operands[2] if len(site.operands) > 2 else None
    if bias is not None:
        site.require(
            bias.shape == weight[:1],
            f"the bias {bias.name!r} of shape {list(bias.shape)}",
            f"one number for each of {weight[0]} channels",
        )


def _transposed(site: Site) -> None:
    x, weight = site.shape(0), site.shape(1)
    group = site.node.integer("group", 1)
    site.require(
        len(weight) == len(x) and all(weight) and weight[0] == x[1],
        f"a weight of shape {list(weight)} on an input of shape {list(x)}",
        "[in, out / group, kernel...] of the input's rank",
    )
    kernel = site.node.integers("kernel_shape")
    site.require(
        not kernel or kernel == weight[2:],
        f"kernel_shape {list(kernel or ())} and a weight of shape {list(weight)}",
        "the weight's own kernel",
    )
    out = site.node.integers("output_shape")
    site.require(
        not out
        or (len(out) == len(x) - 2 and all(n >= m for n, m in zip(out, x[2:], strict=True))),
        f"output_shape {list(out or ())} of an input of shape {list(x)}",
        "one extent an image axis, none below the input's",
    )
    fits = group > 0 and x[1] % group == 0
    site.require(fits, f"group {group} with {x[1]} input channels", "a group that divides them")
    bias = site.operands[2] if len(site.operands) > 2 else None
    if bias is not None:
        channels = weight[1] * group
        site.require(
            bias.shape == (channels,),
            f"the bias {bias.name!r} of shape {list(bias.shape)}",
            f"one number for each of {channels} channels",
        )


def _recurrent(site: Site) -> None:
    """Steps go first (recurrent.py); all operands are of as many units and directions."""
    x, rows = site.shape(0), site.shape(2)
    directions = 2 if site.node.text("direction", "forward") == "bidirectional" else 1
    units = site.node.integer("hidden_size", rows[-1] if rows else 0)
    gates = GATES[site.node.op] * units
    site.require(len(x) == 3, f"an input of shape {list(x)}", "[steps, batch, columns]")
    wanted = {
        "W": (1, (directions, gates, x[2])),
        "R": (2, (directions, gates, units)),
        "B": (3, (directions, 2 * gates)),
        "sequence_lens": (4, (x[1],)),
        "initial_h": (5, (directions, x[1], units)),
        "initial_c": (6, (directions, x[1], units)),
        "P": (7, (directions, 3 * units)),
    }
    for name, (slot, shape) in wanted.items():
        value = site.operands[slot] if slot < len(site.operands) else None
        if value is not None or slot in (1, 2):
            found = site.shape(slot)
            site.require(found == shape, f"{name} of shape {list(found)}", f"{list(shape)}")


def _permutation(site: Site) -> None:
    rank = len(site.shape(0))
    perm = site.node.integers("perm")
    site.require(
        perm is None or sorted(perm) == list(range(rank)),
        f"perm {list(perm or ())} on rank {rank}",
        "each axis once",
    )


def _shape_list(what: str) -> Rule:
    def rule(site: Site) -> None:
        site.numbers(1, what)

    return rule


def _parts(site: Site) -> None:
    outputs = len(site.node.outputs)
    parts = site.node.integer("num_outputs", outputs)
    site.require(
        parts == outputs, f"num_outputs {parts} and {outputs} outputs", "as many parts as outputs"
    )


def _tile(site: Site) -> None:
    repeats = site.numbers(1, "repeats")
    rank = len(site.shape(0))
    site.require(
        repeats is None or (len(repeats) == rank and min(repeats, default=1) > 0),
        f"repeats {list(repeats or ())} on rank {rank}",
        "one of 1 or more for each axis",
    )


def _slice(site: Site) -> None:
    rank = len(site.shape(0))
    lists = [site.numbers(slot, what) for slot, what in enumerate(_BOUNDS, 1)]
    starts = lists[0]
    if starts is None:
        return
    same = all(numbers is None or len(numbers) == len(starts) for numbers in lists)
    site.require(same and len(starts) <= rank, "bounds of different lengths", "one each an axis")
    steps = lists[3] or ()
    site.require(all(steps), f"steps {list(steps)}", "steps other than 0")


_BOUNDS = ("starts", "ends", "axes", "steps")


def _pad(site: Site) -> None:
    rank = len(site.shape(0))
    axes = site.numbers(3, "axes")
    count = 2 * (rank if axes is None else len(axes))
    pads = site.numbers(1, "pads")
    fits = pads is None or (len(pads) == count and all(abs(n) <= _LARGEST_STEP for n in pads))
    site.require(
        fits, f"pads {list((pads or ())[:8])} on rank {rank}", f"{count} numbers, each in 16 bits"
    )
    _scalars(2)(site)


def _scalars(*slots: int) -> Rule:
    """Return the rule that operands are one real number each."""

    def rule(site: Site) -> None:
        for slot in slots:
            value = site.constant(slot)
            if value is not None and value.data is not None:
                single = value.data.size == 1 and value.data.dtype.kind == "f"
                found = f"the {value.data.dtype.name} input {value.name!r} of shape"
                site.require(single, f"{found} {list(value.shape)}", "one real number")

    return rule


RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "AveragePool": (_image, _pool, _window),
        "Clip": (_scalars(1, 2),),
        "Concat": (_axis(0),),
        "Conv": (_image, _window, _conv),
        "ConvTranspose": (_image, _window, _transposed),
        "Expand": (_shape_list("extents"),),
        "Flatten": (_axis(1, beyond=1),),
        "Gather": (_axis(0),),
        "GRU": (_recurrent,),
        "GlobalAveragePool": (_image,),
        "GlobalMaxPool": (_image,),
        "LSTM": (_recurrent,),
        "LayerNormalization": (_axis(-1),),
        "LogSoftmax": (_axis(-1),),
        "MaxPool": (_image, _pool, _window),
        "Pad": (_pad,),
        "RMSNormalization": (_axis(-1),),
        "ReduceMean": (_axes(1),),
        "Reshape": (_shape_list("extents"),),
        "Slice": (_axes(3), _slice),
        "Softmax": (_axis(-1),),
        "Split": (_axis(0), _parts),
        "Squeeze": (_axes(1), _squeeze),
        "Tile": (_tile,),
        "Transpose": (_permutation,),
        "Unsqueeze": (_axes(1, inserted=True),),
        "com.microsoft.SimplifiedLayerNormalization": (_axis(-1),),
    }
)
