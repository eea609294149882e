"""C text of values: numbers, arrays and initialisers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.emit.names import table_of
from tinyrig.generator.planning.call import Table, Value
from tinyrig.generator.planning.plan import Plan

_LINE_WIDTH = 96
_LINE_BYTES = 24
_ESCAPES = tuple(f"\\{byte:03o}" for byte in range(256))
_INT64_OVER = 2**31


def array_lines(values: NDArray[Any]) -> list[str]:
    """Return the comma-separated elements of an array, in lines that fit a screen."""
    lines: list[str] = []
    current = ""
    for text in map(_number, np.ravel(values).tolist()):
        piece = f"{text},"
        if current and len(current) + len(piece) > _LINE_WIDTH:
            lines.append(current)
            current = ""
        current += piece
    return [*lines, current]


def byte_lines(values: NDArray[np.int8]) -> list[str]:
    """Return int8 elements as string literals: a compiler reads them twenty times faster.

    Three octal digits a byte, so that no byte runs into the next. The array they initialise has
    exactly their length, so it ends without the literal's zero.
    """
    raw = np.ascontiguousarray(values).tobytes()
    lines = (raw[at : at + _LINE_BYTES] for at in range(0, len(raw), _LINE_BYTES))
    return [f'"{"".join(map(_ESCAPES.__getitem__, line))}"' for line in lines] or ['""']


def _number(value: int) -> str:
    if value == -(2**31):
        return "(-2147483647 - 1)"
    if abs(value) >= _INT64_OVER:
        return f"INT64_C({value})"
    return str(value)


def field_lines(
    plan: Plan, index: int, params: Mapping[str, Value], indent: str = "  "
) -> Iterator[str]:
    """Yield the designated initialisers of a step's parameter struct, one a line."""
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield f"{indent}.{name} = {{"
            yield from field_lines(plan, index, value, indent + "  ")
            yield f"{indent}}},"
        else:
            yield f"{indent}.{name} = {_scalar(plan, index, value)},"


def _scalar(plan: Plan, index: int, value: Value) -> str:
    if value is None:
        return "0"
    if isinstance(value, Table):
        return table_of(plan, index, value)
    if isinstance(value, int | np.integer):
        return _number(int(value))
    assert not isinstance(value, Mapping)
    return "{" + ", ".join(_number(int(part)) for part in value) + "}"
