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
