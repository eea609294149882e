"""Checks of a whole ONNX model before anything in it is interpreted."""

from __future__ import annotations

import onnx
import onnx.checker
import onnx.defs
import onnx.inliner

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.external import tensors_of
from tinyrig.generator.frontends.parts import CONTRIBUTED_DOMAIN, STANDARD_DOMAINS, in_parts
from tinyrig.generator.frontends.recurrent import steps_first
from tinyrig.generator.frontends.subgraphs import graphs_of, is_choice, subgraphs_of
from tinyrig.generator.frontends.validate.budget import check_budget
from tinyrig.generator.frontends.validate.order import in_order
from tinyrig.generator.frontends.written_out import with_quantizers

MIN_OPSET = 11
_CONTRIBUTED_VERSION = 1
_ONNX_RUNTIMES_OWN = frozenset({"SimplifiedLayerNormalization"})
"""Operators that ONNX Runtime keeps in ONNX's domain, which knows nothing of them."""
INDEXING_OPS = frozenset({"ArgMax", "ArgMin", "TopK"})
QUANTIZATION_OPS = frozenset({"QuantizeLinear", "DequantizeLinear"})


def check_model(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its local functions inlined and its quantizers as ONNX has them, valid
    by ONNX's own checker.

    Raises InputError for an empty, cyclic or invalid graph and for versions not known here;
    UnsupportedError for subgraphs but those of If (branches.py) and sparse initialisers.
    """
    _check_versions(model)
    if not model.graph.node:
        raise InputError("The ONNX graph is empty: it has no node to run.")
    if not model.graph.output:
        raise InputError("The ONNX graph has no output.")
    for graph in graphs_of(model.graph):
        _check_text(graph)
    check_budget(model)
    for tensor in tensors_of(model):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise InputError(
                f"The data of tensor {tensor.name!r} is in an external file. Load the model from "
                "its file, so that the data can be read beside it."
            )
    if model.functions:
        model = _inlined(model)
    for graph in graphs_of(model.graph):
        _check_supported_parts(graph)
    model = steps_first(with_quantizers(in_order(in_parts(model))))
    try:
        onnx.checker.check_model(_with_output_shapes(_rehomed(model)))
    except (onnx.checker.ValidationError, ValueError) as error:
        raise InputError(f"The ONNX model is invalid: {short(error)}") from error
    return model


def _with_output_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return what ONNX's checker takes: it wants a shape of every output, as runtimes do not."""
    bare = [n for n, info in enumerate(model.graph.output) if _is_bare(info)]
    if not bare:
        return model
    shaped = onnx.ModelProto()
    shaped.CopyFrom(model)
    for position in bare:
        shaped.graph.output[position].type.tensor_type.shape.SetInParent()
    return shaped


def _is_bare(info: onnx.ValueInfoProto) -> bool:
    return info.type.HasField("tensor_type") and not info.type.tensor_type.HasField("shape")


def _rehomed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with ONNX Runtime's own operators in its own domain, as ONNX sees it."""
    if not any(_is_homeless(node) for node in model.graph.node):
        return model
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for node in filter(_is_homeless, changed.graph.node):
        node.domain = CONTRIBUTED_DOMAIN
    if all(o.domain != CONTRIBUTED_DOMAIN for o in changed.opset_import):
        changed.opset_import.add(domain=CONTRIBUTED_DOMAIN, version=1)
    return changed


def _is_homeless(node: onnx.NodeProto) -> bool:
    return node.op_type in _ONNX_RUNTIMES_OWN and node.domain in STANDARD_DOMAINS


def local_name(node: onnx.NodeProto) -> str:
    """Return the operator's type, with its domain in front unless it is ONNX's own."""
    domain = CONTRIBUTED_DOMAIN if _is_homeless(node) else node.domain
    return node.op_type if domain in STANDARD_DOMAINS else f"{domain}.{node.op_type}"


def opset_of(model: onnx.ModelProto) -> int:
    """Return the version of ONNX's own operators the model uses, 0 when it names none."""
    versions = [o.version for o in model.opset_import if o.domain in STANDARD_DOMAINS]
    return max(versions, default=0)


def is_quantized(model: onnx.ModelProto) -> bool:
    """Return whether the model holds QuantizeLinear or DequantizeLinear nodes."""
    nodes = [*model.graph.node, *(node for f in model.functions for node in f.node)]
    return any(node.op_type in QUANTIZATION_OPS for node in nodes)


def comes_quantized(model: onnx.ModelProto) -> bool:
    """Return whether a model that nobody checked is quantized, in whatever form it says so."""
    if is_quantized(model):
        return True
    try:
        return is_quantized(check_model(model))
    except (InputError, UnsupportedError):
        return False


def short(error: Exception, limit: int = 300) -> str:
    """Return an exception's text on one line, cut at `limit` characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _check_versions(model: onnx.ModelProto) -> None:
    if model.ir_version > onnx.IR_VERSION:
        raise InputError(
            f"The ONNX file uses IR version {model.ir_version}; the installed onnx reads up to "
            f"{onnx.IR_VERSION}. Update onnx, or export the model for an older version."
        )
    newest = onnx.defs.onnx_opset_version()
    opset = opset_of(model)
    if len({o.version for o in model.opset_import if o.domain in STANDARD_DOMAINS}) > 1:
        raise InputError("The ONNX model names two different versions of ONNX's operator set.")
    if not opset:
        raise InputError("The ONNX model does not say which operator set (opset) it uses.")
    if not MIN_OPSET <= opset <= newest:
        raise InputError(
            f"The ONNX model uses opset {opset}; supported are {MIN_OPSET} to {newest}. "
            "Export the model for one of these."
        )
    for o in model.opset_import:
        if o.domain == CONTRIBUTED_DOMAIN and o.version != _CONTRIBUTED_VERSION:
            raise InputError(
                f"The ONNX model uses version {o.version} of the operators of {o.domain}; "
                f"supported is {_CONTRIBUTED_VERSION}, the only one that ONNX Runtime has."
            )


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    try:
        return onnx.inliner.inline_local_functions(model)
    except (RuntimeError, ValueError, onnx.checker.ValidationError) as error:
        raise InputError(f"The model's local functions are invalid: {short(error)}") from error


def _check_text(graph: onnx.GraphProto) -> None:
    """Names that are not UTF-8 are read as bytes; nothing behind this check meets them."""
    found: list[object] = [value.name for value in (*graph.input, *graph.output)]
    found += [tensor.name for tensor in graph.initializer]
    for node in graph.node:
        found += [node.name, node.op_type, node.domain, *node.input, *node.output]
        found += [attribute.name for attribute in node.attribute]
    for text in found:
        if not isinstance(text, str):
            raise InputError(f"The ONNX model is damaged: the name {text!r} is not UTF-8 text.")


def _check_supported_parts(graph: onnx.GraphProto) -> None:
    if graph.sparse_initializer:
        raise UnsupportedError("Sparse initialisers are not supported; store them dense.")
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.ref_attr_name:
                raise InputError(
                    f"Attribute {attribute.name!r} of {node.op_type} node {node.name!r} stands for "
                    "one of a function, but the node is in none."
                )
        if any(subgraphs_of(node)) and not is_choice(node):
            raise UnsupportedError(
                f"{node.op_type} node {node.name!r} holds a subgraph (control flow). Supported are "
                "graphs that run straight through, and If that extents and constants decide; "
                "export the model with fixed shapes and without Loop or Scan."
            )
