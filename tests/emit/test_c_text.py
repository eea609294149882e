"""The text of constants is what a C compiler reads back."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.emit.c_text import byte_lines

_LITERAL = re.compile(r'"((?:\\[0-7]{3})*)"')


@given(st.lists(st.integers(-128, 127), max_size=120))
def test_every_byte_is_in_the_literals_once(values: list[int]) -> None:
    lines = byte_lines(np.array(values, dtype=np.int8))
    assert lines, "an initialiser must not be empty"
    bodies = [match[1] for line in lines if (match := _LITERAL.fullmatch(line))]
    assert len(bodies) == len(lines)
    codes = [int(code, 8) for body in bodies for code in body.split("\\")[1:]]
    assert codes == [value % 256 for value in values]
    assert max(map(len, lines)) <= 100
