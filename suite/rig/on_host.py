"""A graph's answers from portable C on this machine, under sanitizers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.host import gcc, host_program
from tinyrig.suite.rig.firmware import plan_project


def host_answers(graph: Graph, board: Board, samples: Sequence[bytes]) -> list[Mapping[str, bytes]]:
    """Return a graph's outputs to samples, planned as for one core of a board, portable kernels."""
    gcc()
    plan, project = plan_project(graph, replace(board, cluster=None), samples[0], ref_only=True)
    with tempfile.TemporaryDirectory(prefix="tinyrig-host-") as name:
        program = host_program(project, plan.graph, Path(name))
        return [program.run(sample) for sample in samples]
