"""QDQ graphs of esp-ppq, Espressif's quantizer."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import onnx
import torch
from exporters.exporting import exported, quiet
from exporters.family import Family, Made
from exporters.networks import drawn

_INSTALL = "pip install esp-ppq"


def _made(name: str, platform: str) -> Made:
    with quiet():  # its log keeps the output that it was imported with
        from esp_ppq.api import export_ppq_graph, quantize_onnx_model
        from esp_ppq.api.setting import QuantizationSettingFactory
        from esp_ppq.core import TargetPlatform

    net, shape = drawn(name)
    made = exported(net, [torch.randn(shape)], dynamo=False, opset=13)
    with quiet(), tempfile.TemporaryDirectory() as folder:
        given, path = Path(folder) / "float.onnx", Path(folder) / "qdq.onnx"
        onnx.save(made.model, given)
        graph = quantize_onnx_model(
            onnx_import_file=str(given),
            calib_dataloader=[torch.from_numpy(next(iter(feed.values()))) for feed in made.feeds],
            calib_steps=8,
            input_shape=list(shape),
            platform=TargetPlatform[platform],
            setting=QuantizationSettingFactory.default_setting(),
            device="cpu",
        )
        export_ppq_graph(graph, TargetPlatform.ONNXRUNTIME, str(path))
        return Made(onnx.load_model(path), made.feeds)


def families() -> list[Family]:
    """Return some networks, for an ESP32-S3 and for NXP's and ONNX Runtime's platforms."""
    graphs = {
        f"{name}, {platform.lower()}": partial(_made, name, platform)
        for platform in ("ESPDL_S3_INT8", "PPL_CUDA_INT8")
        for name in ("mlp", "cnn", "residual")
    }
    return [Family("esp-ppq", ("esp_ppq",), _INSTALL, graphs)]
