"""CMSIS-NN measured as our kernels are: same compiler and flags, inputs, emulator and model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import jinja2
import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.emit.c_text import array_lines
from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import quantized_inputs
from tinyrig.suite.studies.kernels.cmsis_nn.calls import PeerCall, peer_calls
from tinyrig.suite.studies.kernels.cmsis_nn.checkout import Checkout
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import Toolchain

_ROOM = 16 * 1024
"""Bytes to work in: above what any of the calls asks for on the rows' shapes."""

_FOLDER = "cmsis-nn"
_ALIGNMENT = 16
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("tinyrig.suite.studies.kernels.cmsis_nn", "."),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


Answer = Mapping[str, NDArray[np.int8]]
"""Outputs by name."""


@dataclass(frozen=True)
class Peer:
    """What CMSIS-NN takes for a graph, by its best way: modelled cycles at zero wait states.

    `steps` is the largest distance from our answer that was seen.
    """

    function: str
    cycles: int
    steps: int


class Peers(Protocol):
    """Where the figures of CMSIS-NN's `version` come from."""

    @property
    def version(self) -> str:
        """The library's version."""

    def peer(self, name: str, graph: Graph, sample: Sample, expected: Answer) -> Peer | None:
        """Return the figure of a row by its name, its graph, an input and our answer to it."""


@dataclass(frozen=True, eq=False)
class PeerBench:
    """A checkout on a board."""

    checkout: Checkout
    board: Board
    backend: Backend
    toolchain: Toolchain

    @property
    def version(self) -> str:
        """The checkout's."""
        return self.checkout.version

    def peer(self, _name: str, graph: Graph, sample: Sample, expected: Answer) -> Peer | None:
        """Return the best of CMSIS-NN's ways, None where it has none.

        BrokenRunError when an output is further from `expected`, ours, than rounding explains.
        """
        found = [self._one(call, graph, sample, expected) for call in peer_calls(graph)]
        return min(found, key=lambda peer: peer.cycles, default=None)

    def _one(self, call: PeerCall, graph: Graph, sample: Sample, expected: Answer) -> Peer:
        raw = self._bytes(call, graph, sample)
        project = self._project(call, graph, raw)
        image = build(project, self.board, self.toolchain, checked=False)
        boot = self.backend.run(image, self.board, sample=raw, profile=True)
        if boot.profile is None or not boot.transcript.ok:
            raise BrokenRunError(f"{call.function} failed the firmware's checks.")
        steps = 0
        for name, wanted in expected.items():
            got = np.frombuffer(boot.transcript.outputs[name], np.int8).astype(int)
            steps = max(steps, int(np.abs(got - wanted.reshape(-1)).max()))
        if steps > call.tolerance:
            raise BrokenRunError(
                f"{call.function} on {self.board.name} is {steps} steps from our answer, more "
                f"than the {call.tolerance} that rounding explains: it computes something else."
            )
        cycles = model_cycles(boot.profile, image, self.board.core)
        return Peer(call.function, cycles.total, steps)

    def _bytes(self, call: PeerCall, graph: Graph, sample: Sample) -> bytes:
        codes = quantized_inputs(graph, sample)
        parts = []
        for name in graph.inputs:
            axes = call.turned.get(name)
            parts.append(codes[name] if axes is None else codes[name].transpose(axes))
        return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)

    def _project(self, call: PeerCall, graph: Graph, raw: bytes) -> Project:
        """Our own firmware of the graph, with the peer's inference in place of ours."""
        _, ours = plan_project(graph, self.board, raw)
        sources = self.checkout.sources([call.function])
        own = (*ours.clean_units, *ours.checked_units, "model/model_tables.c")
        files = {path: text for path, text in ours.files.items() if path not in own}
        files["model/model_peer.c"] = self._model(call, graph)
        for path, text in (self.checkout.headers | sources).items():
            files[f"{_FOLDER}/{path}"] = text
        platform = (unit for unit in ours.units if unit in files and "kernels/" not in unit)
        return replace(
            ours,
            files=files,
            units=(*platform, *(f"{_FOLDER}/{path}" for path in sources), "model/model_peer.c"),
            clean_units=(),
            checked_units=(),
            include_dirs=(*ours.include_dirs, f"{_FOLDER}/Include"),
        )

    def _model(self, call: PeerCall, graph: Graph) -> str:
        at = 0
        places: list[dict[str, Any]] = []
        for name in (*graph.inputs, *graph.outputs):
            size = graph.tensors[name].elements
            places.append({"name": name, "offset": at, "size": size})
            at += -(-size // _ALIGNMENT) * _ALIGNMENT
        tables = [
            {"name": name, "c_type": f"{values.dtype}_t", "lines": array_lines(values)}
            for name, values in call.tables.items()
        ]
        return _ENVIRONMENT.get_template("model.c.j2").render(
            function=call.function,
            board=self.board.name,
            arena_size=at + _ROOM,
            buffer=at,
            tables=tables,
            inputs=places[:-1],
            output=places[-1],
            code=call.code.splitlines(),
        )
