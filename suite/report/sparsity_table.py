"""The table `tinyrig sparsity` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.studies.sparsity.layers import DENSE, STEP, Cost, Layer


def sparsity_table(model: str, board: str, layers: Sequence[Layer]) -> RenderableType:
    """Return the layers with their zeros, every form's cost, and what a tenth more buys."""
    if not layers:
        return Text(f"{model} on {board}: no layer has weights that a sparse kernel could read.")
    names = sorted(
        {name for layer in layers for name in layer.costs}, key=lambda n: (n != DENSE, n)
    )
    table = Table(title=f"{model} on {board}: zeros and what they are worth", title_justify="left")
    table.add_column("layer", overflow="fold")
    for name in ("weights", *(f"zero, {size}" for size in layers[0].zeros), *names):
        table.add_column(name, justify="right")
    table.add_column("planned")
    table.add_column(f"{STEP:.0%} more zeros", justify="right")
    for layer in layers:
        costs = [_told(layer.costs.get(name), layer.planned == name) for name in names]
        table.add_row(
            layer.name,
            f"{layer.weights:,}",
            *(f"{share:.0%}" for share in layer.zeros.values()),
            *costs,
            layer.planned,
            _saved(layer),
        )
    note = "A form's cell: about its modelled cycles an inference, and its bytes of flash."
    return Group(table, Text(f"{note} {_total(layers)}"))


def _told(cost: Cost | None, planned: bool) -> Text:
    words = "" if cost is None else f"{cost.cycles:,}\n{cost.bytes:,} B"
    return Text(words, "green" if planned else "")


def _saved(layer: Layer) -> str:
    if layer.more is None:
        return ""
    now = layer.costs[layer.planned]
    return f"{layer.more.cycles - now.cycles:+,}\n{layer.more.bytes - now.bytes:+,} B"


def _total(layers: Sequence[Layer]) -> str:
    def whole(costs: Mapping[int, Cost]) -> str:
        cycles = sum(cost.cycles for cost in costs.values())
        return f"{cycles:,} cycles and {sum(cost.bytes for cost in costs.values()):,} bytes"

    dense = {at: layer.costs[DENSE] for at, layer in enumerate(layers)}
    taken = {at: layer.costs[layer.planned] for at, layer in enumerate(layers)}
    return f"All dense: {whole(dense)}; as planned: {whole(taken)}."
