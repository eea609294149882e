"""Copies and fills: what layout operators come to that no kernel could absorb."""

from __future__ import annotations

from tinyrig.generator.operators.accesses import elementwise
from tinyrig.generator.operators.axes import block
from tinyrig.generator.operators.operator import KernelCall
from tinyrig.generator.planning.call import Call, Params
from tinyrig.generator.planning.view import View


def copy_call(name: str, read: View, write: View) -> Call:
    """tr_copy_s8."""
    extent, (x, y) = block([read, write], name)
    params: Params = {"extent": extent, "x_stride": x, "y_stride": y}
    return Call("copy_s8", params, (read,), (write,))


def fill_call(name: str, value: int, write: View) -> Call:
    """tr_fill_s8."""
    extent, (y,) = block([write], name)
    params: Params = {"extent": extent, "y_stride": y, "value": value}
    return Call("fill_s8", params, (), (write,))


COPY = KernelCall("copy_s8", elementwise("x"), order="same")
FILL = KernelCall("fill_s8", elementwise())
