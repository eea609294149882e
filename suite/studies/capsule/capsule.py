"""A capsule as a value, and as a folder.

capsule.json     where it comes from, what it covers, digests of the files below
graph.json       the layer's nodes and tensors (`tinyrig.suite.studies.capsule.codec`)
constants.npz    the graph's weights and tables
inputs.npz       the layer's int8 inputs by tensor name
expected.npz     its int8 outputs by tensor name, of the integer reference
clean.elf, checked.elf
project/         the C project they were built from
README.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.files.json_text import load_json
from tinyrig.suite.files.npz import MOST_BYTES, npz_bytes, read_arrays
from tinyrig.suite.records.document import load_document
from tinyrig.suite.studies.capsule.codec import decode_graph, encode_graph
from tinyrig.suite.studies.capsule.document import SCHEMA, Document
from tinyrig.suite.toolchain.image import Image, read_image

MARK = "capsule.json"
GRAPH, CONSTANTS = "graph.json", "constants.npz"
INPUTS, EXPECTED = "inputs.npz", "expected.npz"
CLEAN, CHECKED = "clean.elf", "checked.elf"
_DATA = (GRAPH, CONSTANTS, INPUTS, EXPECTED, CLEAN, CHECKED)

Codes = Mapping[str, NDArray[np.int8]]


@dataclass(frozen=True, eq=False)
class Capsule:
    """A capsule read from a folder. Arrays have their tensors' shapes."""

    folder: Path
    document: Document
    graph: Graph
    inputs: Codes
    expected: Codes

    @property
    def sample(self) -> bytes:
        """The inputs as the bytes of the firmware's sample section."""
        return b"".join(self.inputs[name].tobytes() for name in self.graph.inputs)

    def image(self, *, checked: bool) -> Image:
        """Return an ELF as it was built into the capsule."""
        path = self.folder / (CHECKED if checked else CLEAN)
        content = read_file(path, "ELF", MOST_BYTES)
        return read_image(content, checked=checked)


def data_files(
    graph: Graph, inputs: Codes, expected: Codes, clean: bytes, checked: bytes
) -> dict[str, bytes]:
    """Return the files replay reads, by name."""
    described, constants = encode_graph(graph)
    return {
        GRAPH: (json.dumps(described, indent=1) + "\n").encode(),
        CONSTANTS: npz_bytes(constants),
        INPUTS: npz_bytes(inputs),
        EXPECTED: npz_bytes(expected),
        CLEAN: clean,
        CHECKED: checked,
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of files, by name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def load_capsule(folder: Path) -> Capsule:
    """Read a capsule; InputError when a part is missing, changed, damaged or of another schema."""
    path = folder / MARK
    document = load_document(path, "capsule", SCHEMA, Document)
    for name in _DATA:
        _check_digest(folder / name, document.files.get(name))
    graph = decode_graph(_json(folder / GRAPH), read_arrays(folder / CONSTANTS))
    return Capsule(
        folder=folder,
        document=document,
        graph=graph,
        inputs=_codes(folder / INPUTS, graph, graph.inputs),
        expected=_codes(folder / EXPECTED, graph, graph.outputs),
    )


def _check_digest(path: Path, wanted: str | None) -> None:
    found = hashlib.sha256(read_file(path, "part of a capsule", MOST_BYTES)).hexdigest()
    if found != wanted:
        raise InputError(f"{path} is not the file its capsule names: it was changed.")


def _json(path: Path) -> dict[str, Any]:
    _, raw = load_json(path, "graph")
    if not isinstance(raw, dict):
        raise InputError(f"{path} holds no graph.")
    return raw


def _codes(path: Path, graph: Graph, names: tuple[str, ...]) -> Codes:
    arrays = read_arrays(path)
    for name in names:
        found = arrays.get(name)
        shape = graph.tensors[name].shape
        if found is None or found.dtype != np.int8 or found.shape != shape:
            raise InputError(f"{path} holds no int8 array {name!r} of shape {shape}.")
    return {name: arrays[name] for name in names}
