"""CMSIS-NN's figures as they were measured, for runs without a checkout of it.

`tinyrig bench kernels --against cmsis-nn --cmsis-nn-path DIR --save` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.tables import Table, load_tables
from tinyrig.suite.studies.kernels.bench import Measured
from tinyrig.suite.studies.kernels.cmsis_nn.peer import Answer, Peer

KEPT = Path(__file__).with_name("figures.toml")
ANEW = "tinyrig bench kernels --against cmsis-nn --cmsis-nn-path DIR --save"
_HEADER = f"# Modelled cycles of CMSIS-NN's functions.\n# Written by `{ANEW}`; do not edit.\n"


class _Figures(Table):
    """One board's table in the file."""

    board: str
    model: str
    toolchain: str
    version: str
    rows: dict[str, Peer]


class _File(Table):
    figures: tuple[_Figures, ...]


_FILE = TypeAdapter(_File)


@dataclass(frozen=True)
class Conditions:
    """What figures hold for: a board, the cycle model with its version, and the compiler."""

    board: str
    model: str
    toolchain: str


@dataclass(frozen=True)
class KeptPeers:
    """The figures of one board by the rows' names. They are of one compiler and cycle model."""

    conditions: Conditions
    version: str
    rows: Mapping[str, Peer]

    def peer(self, name: str, _graph: Graph, _sample: Sample, _expected: Answer) -> Peer | None:
        """Return the figure of a row, None where none is kept."""
        return self.rows.get(name)


def load_kept(path: Path = KEPT) -> list[KeptPeers]:
    """Return every board's figures, none without a file; InputError for one that is broken."""
    if not path.exists():
        return []
    found = load_tables(path, "file of CMSIS-NN's figures", _FILE).figures
    return [
        KeptPeers(Conditions(one.board, one.model, one.toolchain), one.version, one.rows)
        for one in found
    ]


def kept_for(
    wanted: Conditions, names: Sequence[str], kept: Iterable[KeptPeers]
) -> tuple[KeptPeers | None, str]:
    """Return the figures that hold under the conditions, and what to say where some do not.

    `names` are the rows that need one.
    """
    here = [peers for peers in kept if peers.conditions.board == wanted.board]
    exact = next((peers for peers in here if peers.conditions == wanted), None)
    missing = [name for name in names if exact is None or name not in exact.rows]
    if not missing:
        return exact, ""
    if exact is not None:
        have = f"none is kept for {', '.join(missing)}"
    elif here:
        found = (f"{peers.conditions.model} and {peers.conditions.toolchain}" for peers in here)
        have = f"the kept ones are of {'; '.join(found)}"
    else:
        have = "none are kept"
    note = (
        f"{wanted.board}: figures of CMSIS-NN are missing for {wanted.model} and "
        f"{wanted.toolchain}: {have}. Rows without one have no target. Measure anew: {ANEW}"
    )
    return exact, note


def kept_of(measured: Iterable[Measured]) -> list[KeptPeers]:
    """Return the figures of rows that were measured beside CMSIS-NN."""
    found: dict[Conditions, tuple[str, dict[str, Peer]]] = {}
    for row in measured:
        if row.peer is not None:
            model = f"{row.cycles.model} v{row.cycles.version}"
            conditions = Conditions(row.board, model, row.toolchain)
            _, rows = found.setdefault(conditions, (row.peer_version, {}))
            rows[row.row.name] = row.peer
    return [KeptPeers(key, version, rows) for key, (version, rows) in found.items()]


def save_kept(new: Iterable[KeptPeers], path: Path = KEPT) -> None:
    """Write figures in place of those of the same boards and compilers, whatever its version."""
    kept = {_place(peers): peers for peers in (*load_kept(path), *new)}
    write_atomic(path, kept_text(kept[place] for place in sorted(kept)).encode())


def _place(peers: KeptPeers) -> tuple[str, str]:
    return peers.conditions.board, peers.conditions.toolchain.split()[0]


def kept_text(kept: Iterable[KeptPeers]) -> str:
    """Return the file's text."""
    parts = [_HEADER]
    for peers in kept:
        at = peers.conditions
        rows = (
            f'{json.dumps(name)} = {{ function = "{peer.function}", cycles = {peer.cycles}, '
            f"steps = {peer.steps} }}\n"
            for name, peer in peers.rows.items()
        )
        parts.append(
            f'[[figures]]\nboard = "{at.board}"\nmodel = "{at.model}"\n'
            f'toolchain = "{at.toolchain}"\nversion = "{peers.version}"\n\n'
            f"[figures.rows]\n{''.join(rows)}"
        )
    return "\n".join(parts)
