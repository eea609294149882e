"""The zoo: the papers' networks in PyTorch, their float and quantized ONNX graphs."""

from tinyrig.suite.models.zoo import ZooModel, load_zoo, qdq_bytes, zoo_names

__all__ = ["ZooModel", "load_zoo", "qdq_bytes", "zoo_names"]
