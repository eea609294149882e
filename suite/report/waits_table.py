"""The table `tinyrig bench waits` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from tinyrig.suite.studies.waits.measure import Row

_FIGURES = ("0 wait states", "board's memory", "ratio", "at most")
_BYTES = ("peak RAM", "tables copied", "code copied")


def waits_table(rows: Sequence[Row]) -> Table:
    """Return one board's rows: modelled cycles, what is asked of their ratio, bytes of RAM."""
    table = Table(title=f"{rows[0].board.full_name}, modelled", title_justify="left")
    for name in ("network", *_FIGURES, *_BYTES):
        table.add_column(name, justify="left" if name == "network" else "right")
    for row in rows:
        memory = row.record.memory
        table.add_row(
            row.network if row.proven else f"{row.network} MISMATCH",
            f"{row.cycles('modelled'):,}",
            f"{row.cycles('modelled, board'):,}",
            f"{row.ratio:.3f}" + ("" if row.met else " MISSED"),
            "-" if row.most is None else f"{row.most:.2f}",
            f"{memory.peak_ram:,}",
            f"{memory.copied:,}",
            f"{memory.copied_code:,}",
        )
    return table
