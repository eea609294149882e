"""Graphs that come in: ONNX models with QuantizeLinear and DequantizeLinear."""

from tinyrig.generator.frontends.check import is_quantized
from tinyrig.generator.frontends.loader import graph_from_model, load_onnx, read_model

__all__ = ["graph_from_model", "is_quantized", "load_onnx", "read_model"]
