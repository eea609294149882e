"""Integer expressions over a parameter struct, as kernels/registry.toml writes them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tinyrig.generator.planning.call import Table

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(ValueError):
    """The expression uses something else than integers, fields and their arithmetic."""


@cache
def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot read expression {text!r}") from error


def evaluate(text: str, fields: Mapping[str, Any]) -> int:
    """Return the value of `text`; a table counts as 1 and a null pointer as 0."""
    return int(_value(_parse(text), fields))


def _value(node: ast.expr, fields: Mapping[str, Any]) -> Any:
    result: Any
    match node:
        case ast.Constant(value=int(number)):
            result = number
        case ast.Name(id=name) if name in fields:
            result = _plain(fields[name])
        case ast.Attribute(value=owner, attr=name):
            result = _plain(_value(owner, fields)[name])
        case ast.Subscript(value=owner, slice=index):
            result = _plain(_value(owner, fields)[_value(index, fields)])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            result = _BINARY[type(op)](_value(left, fields), _value(right, fields))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            result = -_value(operand, fields)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            result = not _value(operand, fields)
        case ast.BoolOp(op=ast.And(), values=values):
            result = all(_value(value, fields) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            result = any(_value(value, fields) for value in values)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            result = _COMPARE[type(op)](_value(left, fields), _value(right, fields))
        case _:
            raise ExpressionError(f"{ast.unparse(node)!r} is no field or integer expression")
    return result


def _plain(value: Any) -> Any:
    if value is None:
        return 0
    return 1 if isinstance(value, Table) else value
