"""QDQ graphs of torchao's PT2E: by its quantizer of x86 processors, by XNNPACK's, and by ours."""

from __future__ import annotations

from functools import partial

import onnx
import torch
from exporters.exporting import feeds_of, quiet
from exporters.family import Family, Made
from exporters.networks import drawn

_INSTALL = "pip install torchao==0.18.0 onnxscript"


def _made(name: str, by: str) -> Made:
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    net, shape = drawn(name)
    example = torch.randn(shape)
    with quiet(), torch.no_grad():
        program = torch.export.export(net, (example,), strict=False).module()
        prepared = prepare_pt2e(program, _quantizer(by))
        for _ in range(8):
            prepared(torch.randn(shape))
        converted = convert_pt2e(prepared)
        found = torch.onnx.export(
            converted, (example,), dynamo=True, opset_version=20, verbose=False
        )
    assert found is not None
    model: onnx.ModelProto = found.model_proto
    return Made(model, feeds_of(model))


def _quantizer(by: str) -> object:
    if by == "x86":
        from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

        found = x86.X86InductorQuantizer()
        return found.set_global(x86.get_default_x86_inductor_quantization_config())
    from torchao.testing.pt2e._xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )

    return XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))


def families() -> list[Family]:
    """Return both quantizers, each on some networks."""
    graphs = {
        f"{name}, {by}": partial(_made, name, by)
        for by in ("xnnpack", "x86")
        for name in ("mlp", "cnn", "vit")
    }
    return [Family("torchao", ("torchao", "onnxscript"), _INSTALL, graphs)]
