"""Every operator against ONNX Runtime, on random cases.

TINYRIG_CASES sets how many cases of each operator are run.
"""

from __future__ import annotations

import os

import pytest
from operator_cases import cases, operators
from qdq_models import compare

COUNT = int(os.environ.get("TINYRIG_CASES", "60"))


@pytest.mark.parametrize("operator", operators())
def test_within_one_step_of_onnx_runtime(operator: str) -> None:
    far = []
    for number, case in enumerate(cases(operator, COUNT)):
        found = compare(case)
        if found.largest > 1:
            far.append((number, found))
    assert not far
