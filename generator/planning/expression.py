"""Integer expressions over a parameter struct, as kernels/registry.toml writes them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

from tinyrig.generator.planning.call import Table

_Reader = Callable[[Mapping[str, Any]], Any]

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], int]] = {
    ast.USub: operator.neg,
    ast.Not: operator.not_,
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


def evaluate(text: str, fields: Mapping[str, Any]) -> int:
    """Return the value of `text`; a table counts as 1 and a null pointer as 0."""
    return int(_reader_of(text)(fields))


@cache
def _reader_of(text: str) -> _Reader:
    try:
        return _reader(ast.parse(text, mode="eval").body)
    except SyntaxError as error:
        raise ExpressionError(f"cannot read expression {text!r}") from error


def _reader(node: ast.expr) -> _Reader:
    """Return what reads an expression's value from the fields, so that it is walked but once."""
    match node:
        case ast.Constant(value=int(number)):
            return lambda _: number
        case ast.Name(id=name):
            return lambda fields: _plain(fields[name]) if name in fields else _refuse(node)
        case ast.Attribute(value=owner, attr=name):
            of = _reader(owner)
            return lambda fields: _plain(of(fields)[name])
        case ast.Subscript(value=owner, slice=index):
            of, at = _reader(owner), _reader(index)
            return lambda fields: _plain(of(fields)[at(fields)])
        case _:
            return _operation(node)


def _operation(node: ast.expr) -> _Reader:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _both(_BINARY[type(op)], left, right)
        case ast.Compare(left=left, ops=[test], comparators=[right]) if type(test) in _COMPARE:
            return _both(_COMPARE[type(test)], left, right)
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
            of, value = _UNARY[type(sign)], _reader(operand)
            return lambda fields: of(value(fields))
        case ast.BoolOp(op=join, values=values):
            over = all if isinstance(join, ast.And) else any
            each = [_reader(value) for value in values]
            return lambda fields: over(value(fields) for value in each)
        case _:
            return lambda _: _refuse(node)


def _both(operation: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr) -> _Reader:
    one, two = _reader(left), _reader(right)
    return lambda fields: operation(one(fields), two(fields))


def _refuse(node: ast.expr) -> NoReturn:
    raise ExpressionError(f"{ast.unparse(node)!r} is no field or integer expression")


def _plain(value: Any) -> Any:
    if value is None:
        return 0
    return 1 if isinstance(value, Table) else value
