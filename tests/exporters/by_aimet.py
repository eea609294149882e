"""QDQ graphs of AIMET's simulator, signed or unsigned, of weights per channel."""

from __future__ import annotations

from functools import partial

import torch
from exporters.exporting import exported, quiet
from exporters.family import Family, Made
from exporters.networks import drawn

_INSTALL = "pip install aimet-onnx==2.42.0"


def _made(name: str, codes: str) -> Made:
    from aimet_onnx.quantsim import QuantizationSimModel

    net, shape = drawn(name)
    made = exported(net, [torch.randn(shape)], dynamo=False, opset=17)
    with quiet():
        simulated = QuantizationSimModel(
            made.model,
            param_type="int8",
            activation_type="int8",
            providers=["CPUExecutionProvider"],
        )
        simulated.compute_encodings(list(made.feeds))
        model = simulated.to_onnx_qdq(
            export_int32_bias=True, prequantize_constants=True, force_activation_as=codes
        )
    return Made(model, made.feeds)


def families() -> list[Family]:
    """Return some networks."""
    graphs = {
        f"{name}, {codes}": partial(_made, name, codes)
        for codes in ("unsigned", "signed")
        for name in ("mlp", "cnn", "depthwise", "residual", "vit")
    }
    return [Family("aimet", ("aimet_onnx",), _INSTALL, graphs)]
