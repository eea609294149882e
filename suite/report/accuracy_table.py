"""What `tinyrig accuracy` prints."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.studies.accuracy.measure import Answers, Classes
from tinyrig.suite.studies.accuracy.share import Share

_COSTS = 5


def accuracy_table(found: Answers) -> RenderableType:
    """Return how often each way is right, by class too, and the layers that cost most."""
    return Group(_heading(found), _classes(found), _costs(found))


def _ways(found: Answers) -> list[tuple[str, Classes]]:
    ways = [("float", found.floating), ("integer reference", found.reference)]
    return ways + ([("firmware", found.firmware)] if len(found.firmware) else [])


def _heading(found: Answers) -> RenderableType:
    table = Table(title=f"{found.model} on {found.source.name}", title_justify="left")
    table.add_column("")
    for name in ("images", "right", "accuracy", "95 % interval", "as float"):
        table.add_column(name, justify="right")
    for name, classes in _ways(found):
        share = found.share(classes)
        low, high = share.interval
        same = Share(int((classes == found.floating[: len(classes)]).sum()), len(classes))
        table.add_row(
            name,
            f"{share.count:,}",
            f"{share.right:,}",
            f"{share.value:.2%}",
            f"{low:.2%} to {high:.2%}",
            f"{same.value:.2%}",
        )
    lost = found.share(found.floating).value - found.share(found.reference).value
    words = f"Integers lose {100 * lost:.2f} points."
    if len(found.firmware):
        same_bytes = "equal" if found.firmware_equal else "DIFFER FROM"
        words += f" The firmware's output bytes {same_bytes} the reference's."
    return Group(table, Text(words))


def _classes(found: Answers) -> RenderableType:
    table = Table(title="by class", title_justify="left")
    table.add_column("class")
    table.add_column("images", justify="right")
    ways = _ways(found)[:2]
    for name, _ in ways:
        table.add_column(name, justify="right")
    table.add_column("integers most take it for", overflow="fold")
    confusion = found.confusion(found.reference)
    for label, name in enumerate(found.source.classes):
        mine = found.labels == label
        count = int(mine.sum())
        if not count:
            continue
        shares = [f"{int((classes[mine] == label).sum()) / count:.1%}" for _, classes in ways]
        table.add_row(name, f"{count:,}", *shares, _mistaken(found, confusion[label], label))
    return table


def _mistaken(found: Answers, row: Classes, label: int) -> str:
    others = np.where(np.arange(len(row)) == label, 0, row)
    most = int(others.argmax())
    if not others[most]:
        return ""
    names = found.source.classes
    return f"{names[most] if most < len(names) else most} ({others[most]})"


def _costs(found: Answers) -> RenderableType:
    table = Table(title="layers that cost most, mean SQNR in dB", title_justify="left")
    table.add_column("layer", overflow="fold")
    table.add_column("op")
    for name in ("before", "behind", "lost"):
        table.add_column(name, justify="right")
    for drop in found.costs[:_COSTS]:
        table.add_row(
            drop.layer,
            drop.op,
            f"{drop.before_db:.1f}",
            f"{drop.behind_db:.1f}",
            f"{drop.before_db - drop.behind_db:.1f}",
        )
    return table
