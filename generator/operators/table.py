"""Every operator there is, by the class of its nodes, and every kernel call, by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from tinyrig.generator.discovery import modules_below
from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.operators.accesses import Accesses
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View

_Kind = TypeVar("_Kind")


@cache
def operators() -> Mapping[type[Node], Operator]:
    """Return the operators that modules of this package declare."""
    return MappingProxyType({operator.node: operator for operator in _declared(Operator)})


@cache
def kernel_calls() -> Mapping[str, KernelCall]:
    """Return what is known of the kernels of every op: an operator's, or a copy's."""
    ofs = [call for operator in operators().values() for call in operator.calls]
    return MappingProxyType({call.op: call for call in (*ofs, *_declared(KernelCall))})


def operator_of(node: Node) -> Operator:
    """Return a node's operator; InternalError for one that nothing declares."""
    found = operators().get(type(node))
    if found is None:
        raise InternalError(f"No module of generator/operators declares {type(node).__name__}.")
    return found


def walkable(node: Node, view: View) -> bool:
    """True when the kernels of a node can go through an operand that lies so."""
    return operator_of(node).walkable(node, view)


def call_of(op: str) -> KernelCall:
    """Return what is known of the kernels of `op`; InternalError for one that nothing declares."""
    found = kernel_calls().get(op)
    if found is None:
        raise InternalError(f"No module of generator/operators declares the kernels of {op}.")
    return found


def accesses_of(call: Call) -> Accesses:
    """Return what a call reads and writes."""
    found = call_of(call.op).accesses(call.params)
    if len(found.reads) != len(call.reads) or len(call.writes) != 1:
        raise InternalError(f"A call of {call.op} has {len(call.reads)} operands to read.")
    return found


def _declared(kind: type[_Kind]) -> Iterator[_Kind]:
    for module in modules_below("tinyrig.generator.operators"):
        yield from (value for value in vars(module).values() if isinstance(value, kind))
