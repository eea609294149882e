"""Integer expressions over a parameter struct, as kernels/registry.toml writes them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tinyrig.generator.planning.call import Table

_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
_UNARY = (ast.USub, ast.Not)
_COMPARE = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FIELDS, _PLAIN = "fields", "plain"


class ExpressionError(ValueError):
    """The expression uses something else than integers, fields and their arithmetic."""


def evaluate(text: str, fields: Mapping[str, Any]) -> int:
    """Return the value of `text`; a table counts as 1 and a null pointer as 0."""
    try:
        return int(_compiled(text)(fields))
    except KeyError as error:
        raise ExpressionError(f"{error.args[0]!r} is no field or integer expression") from error


@cache
def _compiled(text: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what computes an expression, as Python code: an interpreter of ours took ten times."""
    try:
        expression = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot read expression {text!r}") from error
    code = f"lambda {_FIELDS}: {ast.unparse(_checked(expression))}"
    found: Callable[[Mapping[str, Any]], Any] = eval(code, {_PLAIN: _plain, "__builtins__": {}})
    return found


def _checked(node: ast.expr) -> ast.expr:
    """Return a node with fields read from the mapping; ExpressionError for anything else."""
    match node:
        case ast.Constant(value=int()):
            found: ast.expr = node
        case ast.Name(id=name):
            found = _field(ast.Name(_FIELDS), ast.Constant(name))
        case ast.Attribute(value=owner, attr=name):
            found = _field(_checked(owner), ast.Constant(name))
        case ast.Subscript(value=owner, slice=index):
            found = _field(_checked(owner), _checked(index))
        case _:
            found = _operation(node)
    return found


def _operation(node: ast.expr) -> ast.expr:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _BINARY):
            found: ast.expr = ast.BinOp(_checked(left), op, _checked(right))
        case ast.Compare(left=left, ops=[test], comparators=[right]) if isinstance(test, _COMPARE):
            found = ast.Compare(_checked(left), [test], [_checked(right)])
        case ast.UnaryOp(op=sign, operand=operand) if isinstance(sign, _UNARY):
            found = ast.UnaryOp(sign, _checked(operand))
        case ast.BoolOp(op=join, values=values):
            both = ast.BoolOp(join, [_checked(value) for value in values])
            found = ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), both))
        case _:
            raise ExpressionError(f"{ast.unparse(node)!r} is no field or integer expression")
    return found


def _field(owner: ast.expr, name: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(_PLAIN), [ast.Subscript(owner, name)], [])


def _plain(value: Any) -> Any:
    if value is None:
        return 0
    return 1 if isinstance(value, Table) else value
