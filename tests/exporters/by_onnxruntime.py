"""Graphs of ONNX Runtime's static quantizer, in the settings people give it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import onnx
import torch
from exporters.exporting import exported, quiet
from exporters.family import FEWEST_BYTES, Family, Feed, Made
from exporters.networks import drawn
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

_SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "int8": {"activation_type": QuantType.QInt8, "weight_type": QuantType.QInt8},
        "uint8 by channel": {
            "activation_type": QuantType.QUInt8,
            "weight_type": QuantType.QInt8,
            "per_channel": True,
        },
        "uint8 weights": {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QUInt8},
        "symmetric": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
            "extra_options": {"ActivationSymmetric": True},
        },
        "asymmetric weights": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
            "extra_options": {"WeightSymmetric": False},
        },
        "operators on codes": {
            "quant_format": QuantFormat.QOperator,
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
        },
        "uint8 operators on codes by channel": {
            "quant_format": QuantFormat.QOperator,
            "activation_type": QuantType.QUInt8,
            "weight_type": QuantType.QInt8,
            "per_channel": True,
        },
        "int4 weights": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt4,
            "op_types_to_quantize": ["MatMul", "Gemm", "Conv", "Add", "Relu"],
        },
        "contributed": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
            "extra_options": {"UseQDQContribOps": True},
        },
        "products alone": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
            "op_types_to_quantize": ["MatMul", "Gemm", "Conv"],
        },
        "pairs of their own": {
            "activation_type": QuantType.QInt8,
            "weight_type": QuantType.QInt8,
            "extra_options": {"DedicatedQDQPair": True, "QDQKeepRemovableActivations": True},
        },
    }
)
_EVERY_NETWORK = ("int8", "uint8 by channel", "uint8 operators on codes by channel")
_NETWORKS = ("mlp", "cnn", "depthwise", "vit", "unet")


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds one after the other."""

    def __init__(self, feeds: tuple[Feed, ...]) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> Feed | None:
        """Return the next feed, None after the last."""
        return next(self._feeds, None)


def quantized(made: Made, settings: Mapping[str, Any]) -> Made:
    """Return a float model as ONNX Runtime quantizes it."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "qdq.onnx"
        said = {"quant_format": QuantFormat.QDQ, **settings}
        quantize_static(made.model, path, _Reader(made.feeds), **said)
        return Made(onnx.load_model(path), made.feeds)


def _made(network: str, setting: str) -> Made:
    net, shape = drawn(network)
    made = exported(net, [torch.randn(shape)], dynamo=False, opset=21)
    options = FEWEST_BYTES if setting == "int4 weights" else made.options
    return replace(quantized(made, _SETTINGS[setting]), options=options)


def families() -> list[Family]:
    """Return the settings, each on some networks."""
    graphs = {
        f"{network}, {setting}": partial(_made, network, setting)
        for setting in _SETTINGS
        for network in (_NETWORKS if setting in _EVERY_NETWORK else ("cnn", "vit"))
    }
    return [Family("onnxruntime", ("onnxruntime",), "pip install onnxruntime", graphs)]
