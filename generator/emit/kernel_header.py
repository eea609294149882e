"""The public header of the kernel variants, `kernels/include/tinyrig/variants.h`, as text.

`tinyrig kernels --header FILE` writes it from `kernels/registry.toml`.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache

from tinyrig.generator.planning.expression import ExpressionError
from tinyrig.generator.planning.kernels import Kernel, Prototype, all_kernels, prototypes

_WIDTH = 100
_TOP = """\
/* The kernel variants; whether each may be called with such parameters, by their numbers (how
 * constants are laid out it cannot see); and the scratch it needs for a call, in bytes: 4-byte
 * aligned, 0 where it needs none. A checked build asks `_accepts` before every call. Written by
 * `tinyrig kernels --header` from kernels/registry.toml; do not edit.
 *
 * What an operator computes, its shapes and ranges stand at its parameters. A variant's name ends
 * in its instruction set: ref, portable C; m4 and m7, ARMv7E-M with the DSP instructions, paced for
 * one of the two cores; xpulp, every core of an XpulpV2 cluster calls it with the same arguments.
 * "rows" weights lie as the parameters say; "stream8" and "stream16" as arm/weight_stream.h,
 * "norm4" as arm/layernorm_row.h, "depthwise3" as arm/depthwise_3x3.h, "taps16" as
 * arm/depthwise_taps.h, "winograd" as arm/winograd.h, "first" and "firstdown" as
 * arm/first_layer.h, "quads16" as arm/quads.h, "longquads16" as arm/quads_panel.h, "row16" and
 * "row8" as arm/row_quads.h, "sparse4" as common/sparse_stream.h says. */
#ifndef TINYRIG_VARIANTS_H
#define TINYRIG_VARIANTS_H

#include "tinyrig/attention.h"
#include "tinyrig/conv.h"
#include "tinyrig/elementwise.h"
#include "tinyrig/layernorm.h"
#include "tinyrig/linear.h"
#include "tinyrig/matmul.h"
#include "tinyrig/pool.h"
#include "tinyrig/recurrent.h"
#include "tinyrig/softmax.h"
"""
_END = "\n#endif\n"
_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "/",
    ast.Mod: "%",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.And: "&&",
    ast.Or: "||",
}


def header() -> str:
    """Return the text of the header."""
    return _header(prototypes(), all_kernels())


@cache
def _header(operators: tuple[Prototype, ...], kernels: tuple[Kernel, ...]) -> str:
    """Every project has it, and it takes a tenth of a second to print."""
    return _TOP + "".join(map(_prototype, operators)) + "".join(map(_variant, kernels)) + _END


def _prototype(one: Prototype) -> str:
    fields = "".join(f"  {field};\n" for field in one.fields)
    operands = [f"const tr_{one.op}_params *p", *(f"const int8_t *{name}" for name in one.reads)]
    head = f"typedef void tr_{one.op}_fn("
    arguments = ", ".join([*operands, "int8_t *y", "void *scratch"])
    function = textwrap.fill(
        f"{head}{arguments});", _WIDTH, subsequent_indent=" " * len(head), break_long_words=False
    )
    about = textwrap.fill(f"/* {one.about} */", _WIDTH, subsequent_indent=" * ")
    return f"\ntypedef struct {{\n{fields}}} tr_{one.op}_params;\n\n{about}\n{function}\n"


def c_expression(text: str) -> str:
    """Return an expression of the registry in C, over `p->` and `cores`.

    What is divided is never negative. ExpressionError for anything but the registry's arithmetic.
    """
    return _c(ast.parse(text, mode="eval").body)


def _variant(kernel: Kernel) -> str:
    legal = " && ".join(c_expression(condition) for condition in kernel.legal) or "1"
    size = c_expression(kernel.scratch)
    accepts = _inline(kernel, "int", "accepts", legal, cores=False)
    scratch = _inline(kernel, "int32_t", "scratch_size", size, cores=kernel.isa == "xpulp")
    return f"\n{_contract(kernel)}\ntr_{kernel.op}_fn {kernel.name};\n{accepts}{scratch}"


def _inline(kernel: Kernel, kind: str, word: str, value: str, *, cores: bool) -> str:
    """A function of a variant's parameters that returns one expression."""
    unused = "" if "p->" in value else "  (void)p;\n"
    if cores and "cores" not in value:
        unused += "  (void)cores;\n"
    body = textwrap.fill(f"return {value};", _WIDTH, initial_indent="  ", subsequent_indent=" " * 9)
    head = f"static inline {kind} {kernel.name}_{word}("
    arguments = f"const tr_{kernel.op}_params *p{', int32_t cores' if cores else ''}) {{"
    head += arguments if len(head + arguments) <= _WIDTH else f"\n    {arguments}"
    return f"{head}\n{unused}{body}\n}}\n"


def _contract(kernel: Kernel) -> str:
    legal = f" Legal where {'; '.join(kernel.legal)}." if kernel.legal else ""
    layout = f' Constants laid out as "{kernel.pack}".' if kernel.pack != "rows" else ""
    text = f"/* {kernel.about}{legal}{layout} */"
    return textwrap.fill(text, _WIDTH, subsequent_indent=" * ")


def _c(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int(number)):
            text = str(number)
        case ast.Name(id=name):
            text = name if name == "cores" else f"p->{name}"
        case ast.Attribute(value=owner, attr=name):
            text = f"{_c(owner)}.{name}"
        case ast.Subscript(value=owner, slice=index):
            text = f"{_c(owner)}[{_c(index)}]"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            text = f"-{_c(operand)}"
        case ast.BoolOp(op=op, values=values):
            text = _joined(op, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            text = _joined(op, (left, right))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            text = _joined(op, (left, right))
        case _:
            raise ExpressionError(f"{ast.unparse(node)!r} has no form in C")
    return text


def _joined(op: ast.AST, parts: Sequence[ast.expr]) -> str:
    return "(" + f" {_OPERATORS[type(op)]} ".join(_c(part) for part in parts) + ")"
