"""How the elements of views and tensors lie in memory, and in which order kernels go."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.ops import Node, Softmax
from tinyrig.generator.operators.accesses import Block
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.view import View


def dense(view: View) -> Block:
    """A model's input or output: its bytes follow each other."""
    return Block((math.prod(view.shape),), (1,))


def block_of(view: View) -> Block:
    """A tensor's elements in their own order, where its view has them."""
    return Block(view.shape, view.strides)


def by_byte(block: Block) -> NDArray[np.int64]:
    """The order of a block's elements in memory."""
    return np.argsort(block.addresses().ravel())


def as_walked(values: Ids, node: Node) -> Ids:
    """A tensor's values in the order of the axes in which its operator's kernel goes."""
    return np.moveaxis(values, node.axis, -1) if isinstance(node, Softmax) else values
