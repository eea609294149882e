"""Images that are enlarged and rearranged, on a board."""

from __future__ import annotations

import numpy as np
from frontends.qdq_models import QdqModel

import tinyrig


def test_resize_and_blocks_answer_as_the_reference_and_onnx_runtime() -> None:
    m = QdqModel(np.random.default_rng(8))
    x = m.activation((1, 4, 6, 4))
    deep = m.node("DepthToSpace", m.node("SpaceToDepth", x, blocksize=2), blocksize=4, mode="CRD")
    large = m.node("Resize", deep, "", m.floats([1, 1, 2, 3]), mode="nearest")
    case = m.case(m.quantised(m.node("Tanh", large)))
    found = tinyrig.run(case.model, board="stm32f427", inputs=[case.feeds])
    assert found.matches
    assert found.record.check.sqnr_db is None or found.record.check.sqnr_db > 30.0


def test_resize_between_cells_answers_as_the_reference_and_onnx_runtime() -> None:
    m = QdqModel(np.random.default_rng(8))
    how = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
    x = m.activation((1, 3, 9, 7))
    small = m.quantised(m.node("Resize", x, "", "", m.ints([1, 3, 4, 5]), **how))
    deep = m.quantised(m.node("Conv", small, m.weight((6, 3, 3, 3)), pads=[1, 1, 1, 1]))
    large = m.node("Resize", deep, "", m.floats([1, 1, 2.5, 2]), mode="cubic")
    case = m.case(m.quantised(large))
    found = tinyrig.run(case.model, board="stm32f427", inputs=[case.feeds])
    assert found.matches
    assert found.record.check.sqnr_db is None or found.record.check.sqnr_db > 30.0
