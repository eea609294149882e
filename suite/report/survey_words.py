"""What reading a model did to it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tinyrig.generator.frontends.survey import Survey, table_words


def rewritten_words(found: Survey) -> Iterator[tuple[str, str]]:
    """Yield what was done and to what: folded, fused, tables; then what was taken for granted."""
    if found.folded:
        yield "folded", f"{_counted(op for op, _ in found.folded)} (constants)"
    for fusion in found.fused:
        yield "fused", f"{fusion.op} {fusion.node!r} from {_counted(op for op, _ in fusion.parts)}"
    tables = "" if found.graph is None else table_words(found.graph)
    if tables:
        yield "tables", tables
    for note in found.notes:
        yield "taken", note


def _counted(ops: Iterable[str]) -> str:
    counts = Counter(ops)
    return ", ".join(op if count == 1 else f"{op} x{count}" for op, count in counts.items())
